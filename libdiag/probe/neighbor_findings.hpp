// What answers mean together: two owners, one owner of everything, an owner that is not what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/probe/neighbor_book.hpp"

namespace diag::probe {

struct neighbor_finding {
  enum class kind : std::uint8_t {
    conflict,              ///< two owners of one address
    flux,                  ///< the same two hardware addresses answer for several addresses: one host
    proxy_arp,             ///< answers for an address that no host can have
    many_addresses,        ///< one owner of several addresses that is no proxy: a router, or aliases
    spoofed,               ///< the frame came from another hardware address than the message names
    wrong_target,          ///< a reply whose target hardware address is not ours
    announced,             ///< announced itself during the run
    announced_elsewhere,   ///< somebody announced the address who does not answer for it
    probed,                ///< somebody else is about to claim the address (RFC 5227, RFC 4862)
    broadcast_only,        ///< answers broadcast, not unicast
    unicast_only,          ///< answers unicast, not broadcast
    vlan_leak,             ///< an answer came under another VLAN tag
    locally_administered,  ///< hardware address with the U/L bit
    multicast_hardware,    ///< hardware address with the I/G bit
    virtual_router,        ///< VRRP (RFC 9568), HSRP, CARP or GLBP address
    no_override,           ///< ND: an owner that does not claim to be the only one (proxy or anycast)
  };
  kind what = kind::conflict;
  std::optional<std::uint32_t> target{};  ///< none: about an owner, or the link
  ip_address address{};
  mac_address mac{};
  std::optional<mac_address> other{};
  std::uint64_t count = 0;  ///< addresses, frames or answers, as the kind has it
  std::optional<wire::vlan_tag> tag{};
};
std::string_view describe(neighbor_finding::kind what);  // "proxy-arp", "flux", ...

/// In the order of targets, then of the kinds above; what holds for an owner as such (proxy_arp,
/// many_addresses, locally_administered, ...) once each. A conflict whose owners are one host is `flux`
/// instead, where that can be known: both own two or more addresses of the claims together.
std::vector<neighbor_finding> find_oddities(const neighbor_facts& facts);

/// Whether an owner belongs to a virtual router, by its hardware address.
bool is_virtual_router(const mac_address& mac);

}  // namespace diag::probe
