// Frames of the simulated link: Ethernet II, SNAP and LLC, VLAN tags, ARP and neighbour discovery, built and
// read without the floors under test, as packets.hpp does it for IP. RFC 826, RFC 4861 §4.3, §4.4, RFC 1042.
#pragma once

#include <optional>
#include <vector>

#include "tests/sim/packets.hpp"

namespace diag::sim {

inline constexpr std::uint16_t type_arp = 0x0806;
inline constexpr std::uint16_t type_reverse_arp = 0x8035;
inline constexpr std::uint16_t type_ipv4 = 0x0800;
inline constexpr std::uint16_t type_ipv6 = 0x86dd;

struct frame_tag {
  std::uint16_t id = 0;
  std::uint16_t type = 0x8100;
  std::uint8_t priority = 0;
  friend bool operator==(const frame_tag&, const frame_tag&) = default;
};
enum class frame_form : std::uint8_t { ethernet_2, snap, llc };

struct frame_head {
  mac_address destination{}, source{};
  std::vector<frame_tag> tags{};  ///< outermost first
  frame_form form = frame_form::ethernet_2;
};

struct arp_message {
  std::uint16_t operation = 2;
  mac_address sender_hardware{};
  ip_address sender{};  ///< without a family: 0.0.0.0
  mac_address target_hardware{};
  ip_address target{};
};

struct nd_message {
  std::uint8_t type = 136;
  ip_address from{}, to{}, target{};
  std::optional<mac_address> link_layer{};  ///< option 1 of a solicitation, 2 of an advertisement
  bool router = false, solicited = false, override_entry = false;
  std::uint8_t hop_limit = 255;
  std::optional<std::array<std::byte, 6>> nonce{};
};

/// At least 60 octets: what is missing is filled up with zeros.
packet make_frame(const frame_head& head, std::uint16_t type, byte_view payload);
packet make_arp(const frame_head& head, const arp_message& message);
/// The checksum is right.
packet make_nd(const frame_head& head, const nd_message& message);

/// A frame as it was read: one of the three is set, or none.
struct seen_frame {
  frame_head head;
  std::uint16_t type = 0;
  std::size_t payload_at = 0;
  std::optional<arp_message> arp{};
  std::optional<nd_message> nd{};
  std::optional<packet> ip{};  ///< anything else in IPv4 or IPv6
};
std::optional<seen_frame> look_frame(byte_view octets);

inline constexpr mac_address to_all{
    {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}}};
/// 00:16:3e and the number: neither group nor locally administered.
mac_address host_mac(std::uint32_t number);
/// 33:33 and the last four octets (RFC 2464 §7).
mac_address group_mac(const ip_address& group);
/// ff02::1:ff00:0 and the last three octets (RFC 4291 §2.7.1).
ip_address node_group(const ip_address& address);
inline ip_address all_nodes() {
  return *parse_ip("ff02::1");
}
bool is_group_frame(const mac_address& destination);

}  // namespace diag::sim
