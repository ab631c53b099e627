// ARP and neighbour discovery frames as they leave a link: built once by libnet, then patched in place. RFC
// 826, 4861 §4.3 and §4.4; groups: RFC 1112 §6.4, RFC 2464 §7, RFC 4291 §2.7.1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/craft/fields.hpp"

namespace diag::craft {

enum class link_framing : std::uint8_t {
  ethernet_2,  ///< the type field names the protocol
  snap,        ///< 802.3 length, LLC aa-aa-03, SNAP with the type (RFC 1042)
  llc,         ///< 802.3 length, LLC with the SAP of ARP (0x98); what has none goes out as with snap
};

/// What goes in front of the message.
struct link_fields {
  mac_address source{};
  link_framing framing = link_framing::ethernet_2;
  std::vector<vlan_fields> tags{};  ///< outermost first; with two the outer one is 0x88a8
  forced<std::uint16_t> type{};     ///< instead of 0x0806, 0x8035 (RARP), 0x0800 or 0x86dd; llc has none
};

/// Frames shorter than Ethernet allows (60 octets without FCS) are filled up with zeros, which no length
/// field counts.
inline constexpr std::size_t least_frame = 60;

/// ARP, RARP and InARP messages that differ in whom they ask.
class arp_template {
 public:
  arp_template(const link_fields& link, const arp_fields& message);
  /// The whole frame to `destination`. Borrowed until the next call. No allocation.
  byte_view stamp(const mac_address& destination, const ip_address& target,
                  const mac_address& target_hardware = {});

 private:
  std::vector<std::byte> frame_;
  std::size_t message_at_ = 0;
};

/// Neighbour solicitations that differ in whom they ask.
class solicitation_template {
 public:
  struct fields {
    ip_address source{};                      ///< unspecified: duplicate address detection
    std::optional<mac_address> link_layer{};  ///< source link-layer address option (§4.3: not from ::)
    std::optional<std::array<std::byte, 6>> nonce{};  ///< RFC 3971 §5.3.2, RFC 7527
  };
  solicitation_template(const link_fields& link, const fields& message);
  /// To `group_or_host` (the solicited-node group, or the target itself) in a frame to `destination`.
  /// Borrowed until the next call. No allocation; the checksum is right.
  byte_view stamp(const mac_address& destination, const ip_address& group_or_host, const ip_address& target);

 private:
  std::vector<std::byte> frame_;
  std::size_t packet_at_ = 0;
};

/// A neighbour advertisement (RFC 4861 §4.4) with the target link-layer address option, whole frame.
struct advertisement_fields {
  ip_address source{}, destination{}, target{};
  mac_address link_layer{};
  bool router = false, solicited = false, override_entry = true;
};
std::vector<std::byte> advertisement_frame(const link_fields& link, const mac_address& destination,
                                           const advertisement_fields& message);

/// An ICMP or ICMPv6 echo request with 56 octets of payload in a frame to `destination`, whatever the IP
/// destination is: that is how a MAC address is pinged.
struct link_echo_fields {
  ip_address source{}, destination{};
  std::uint16_t identifier = 0, sequence = 0;
  std::uint64_t tag = 0;  ///< first octets of the payload, as echo_template has them
};
std::vector<std::byte> echo_frame(const link_fields& link, const mac_address& destination,
                                  const link_echo_fields& message);

/// The group address of a frame to an IP multicast group; ff:ff:ff:ff:ff:ff for 255.255.255.255.
mac_address multicast_mac(const ip_address& group);
ip_address solicited_node_group(const ip_address& address);
/// ff02::1
ip_address all_nodes_group();

}  // namespace diag::craft
