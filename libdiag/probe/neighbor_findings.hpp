// What answers mean together: two owners, one owner of everything, an owner that is not what it says.
//
// A finding says what was seen and nothing that was not waited for. What it can be fooled by: a single frame
// that was lost makes an owner look deaf to unicast, and whoever is on the link can say anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/probe/neighbor_book.hpp"

namespace diag::probe {

struct neighbor_finding {
  enum class kind : std::uint8_t {
    conflict,        ///< `count` owners of one address; `mac` and `other` are the first two
    flux,            ///< ARP: the same two or more owners answer for `count` addresses. One host with several
                     ///< interfaces on this link does so, and so do hosts that were cloned with all addresses
    moved,           ///< two or more owners, one after the other: `mac` was first, `other` is the last
    proxy_arp,       ///< answered for `address`, which no host can have; `count`: for so many of them
    many_addresses,  ///< sole owner of `count` addresses of a family (IPv6: more than eight), and not seen to
                     ///< answer for an impossible one. `proved`: it was asked for one and waited for
    spoofed,         ///< the frame came from `other`, the message names `mac` as the owner
    wrong_target,    ///< a reply whose target hardware address is not ours
    announced,       ///< announced during the run; `other`: who had answered before that
    announced_elsewhere,   ///< `mac` says that it has the address, and while others answered it did not
    probed,                ///< `mac` asked for the address without one of its own (RFC 5227, RFC 4862)
    broadcast_only,        ///< answered broadcast, and was silent when asked by unicast
    unicast_only,          ///< silent to broadcast, answered unicast
    vlan_leak,             ///< `count` answers came under another VLAN tag, `tag`; none: without one
    locally_administered,  ///< hardware address with the U/L bit
    multicast_hardware,    ///< hardware address with the I/G bit
    virtual_router,        ///< VRRP (RFC 9568), HSRP, CARP or GLBP address
    no_override,           ///< ND: an owner that does not claim to be the only one (proxy or anycast)
  };
  kind what = kind::conflict;
  std::optional<std::uint32_t> target{};  ///< none: about an owner, or an address that was not asked for
  ip_address address{};                   ///< unset: about an owner as such
  mac_address mac{};                      ///< zero only with `more`
  std::optional<mac_address> other{};
  std::uint64_t count = 0;  ///< owners, addresses or frames, as the kind has it
  std::optional<wire::vlan_tag> tag{};
  bool proved = false;
  /// The last of a kind, without target, address and owner: `count` more were found than are listed.
  bool more = false;
};
inline constexpr std::size_t neighbor_finding_kinds = 17;
std::string_view describe(neighbor_finding::kind what);  // "proxy-arp", "flux", ...

/// All owners of one target.
struct owned_address {
  std::uint32_t target = 0;
  ip_address address{};
  std::uint64_t received = 0;  ///< its probes that were answered in time, by whomever
  std::span<const neighbor_owner> owners{};
};

/// Reads owners one target at a time, so that a sweep needs no second copy of them: eight octets an owner are
/// kept. Second looks, sightings and leaks are few, and known before.
class neighbor_oddities {
 public:
  /// How many of a kind are listed; conflict, flux and moved, which decide verdicts, all are.
  static constexpr std::size_t most_listed = 256;

  /// `facts` is borrowed for this object's life. `owners`: how many to make room for.
  explicit neighbor_oddities(const neighbor_facts& facts, std::size_t owners = 0);
  neighbor_oddities(neighbor_oddities&&) noexcept;
  neighbor_oddities& operator=(neighbor_oddities&&) noexcept;
  ~neighbor_oddities();

  /// In the order of targets, each once. A target that was asked and is silent belongs here too, without
  /// owners: it gives sightings of its address their target.
  void take(const owned_address& target);

  /// Those of targets, in their order and of one target in the order of the kinds; then those of owners and
  /// of addresses that were not asked for, by kind. What holds for an owner as such (proxy_arp,
  /// many_addresses, locally_administered, multicast_hardware, virtual_router) comes once. Call it once.
  std::vector<neighbor_finding> finish();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Whether an owner belongs to a virtual router, by its hardware address.
bool is_virtual_router(const mac_address& mac);

}  // namespace diag::probe
