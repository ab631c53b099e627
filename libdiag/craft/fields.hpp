// What a frame is made of: one plain struct a layer, fields named as in the RFCs and in host order. RFC 791,
// 792, 826, 768, 8200, 4443, 4861, 9293; IEEE 802.1Q, 802.2, 802.3.
//
// A `forced` field is written as it is, right or wrong; left empty it is computed. Borrowed octets and
// addresses must live until the frame is built. An address without a family is written as zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::craft {

template <class T>
using forced = std::optional<T>;

/// Ethernet II, or 802.3 when an llc layer follows (then the type is the length).
struct ethernet_fields {
  mac_address destination{}, source{};
  forced<std::uint16_t> type{};
};

/// One 802.1Q tag. QinQ: ethernet with type 0x88a8, then two of these.
struct vlan_fields {
  std::uint16_t id = 0;       ///< 12 bits
  std::uint8_t priority = 0;  ///< 3 bits
  bool drop_eligible = false;
  forced<std::uint16_t> type{};
};

struct llc_fields {
  std::uint8_t dsap = 0xaa, ssap = 0xaa, control = 0x03;
};
struct snap_fields {
  std::uint32_t oui = 0;  ///< 24 bits
  forced<std::uint16_t> type{};
};

/// Hardware addresses are six octets and protocol addresses four, whatever the forced lengths say.
struct arp_fields {
  std::uint16_t operation = 1;
  mac_address sender_hardware{};
  ip_address sender_protocol{};
  mac_address target_hardware{};
  ip_address target_protocol{};
  std::uint16_t hardware_type = 1, protocol_type = 0x0800;
  forced<std::uint8_t> hardware_length{}, protocol_length{};
};

struct ipv4_fields {
  std::uint8_t tos = 0, ttl = 64;
  std::uint16_t identification = 0;
  bool reserved_flag = false, dont_fragment = false, more_fragments = false;
  std::uint16_t fragment_offset = 0;  ///< in units of eight octets, as on the wire
  ip_address source{}, destination{};
  byte_view options{};  ///< at most 40 octets, filled up with zeros to a multiple of four
  forced<std::uint8_t> protocol{}, version{}, ihl{};
  forced<std::uint16_t> total_length{}, checksum{};
};

struct ipv6_fields {
  std::uint8_t traffic_class = 0, hop_limit = 64;
  std::uint32_t flow_label = 0;  ///< 20 bits
  ip_address source{}, destination{};
  forced<std::uint8_t> next_header{}, version{};
  forced<std::uint16_t> payload_length{};
};

/// Options are filled up with Pad1 or PadN (RFC 8200 §4.2) to a multiple of eight octets with the two of the
/// header.
struct hop_by_hop_fields {
  byte_view options{};
  forced<std::uint8_t> next_header{}, length{};
};
struct destination_options_fields {
  byte_view options{};
  forced<std::uint8_t> next_header{}, length{};
};

/// Type 0 and 2: `reserved`, then the addresses to visit. Type 4 (RFC 8754): `reserved` is last entry, flags
/// and tag, the addresses are the segment list, last segment first.
struct routing_fields {
  std::uint8_t type = 0, segments_left = 0;
  std::uint32_t reserved = 0;
  std::span<const ip_address> addresses{};
  forced<std::uint8_t> next_header{}, length{};
};

struct fragment_fields {
  std::uint16_t offset = 0;  ///< in units of eight octets
  bool more = false;
  std::uint32_t identification = 0;
  forced<std::uint8_t> next_header{};
};

/// The layers after an error are its quote. Which of the fields are written depends on the type: mtu for 3,
/// gateway for 5, pointer for 12, the times for 13 and 14, identifier and sequence for all others.
struct icmpv4_fields {
  std::uint8_t type = 8, code = 0;
  std::uint16_t identifier = 0, sequence = 0, mtu = 0;
  std::uint8_t pointer = 0;
  ip_address gateway{};
  std::uint32_t originate = 0, receive = 0, transmit = 0;
  byte_view extension{};          ///< a whole RFC 4884 structure: the quote before it is padded as §3 says
  forced<std::uint8_t> length{};  ///< RFC 4884: of the padded quote in 32-bit words (types 3, 11, 12)
  forced<std::uint16_t> checksum{};
};

/// As above: mtu for 2, pointer for 4, hop_limit to retransmit_timer for 134, target for 135 to 137.
struct icmpv6_fields {
  std::uint8_t type = 128, code = 0;
  std::uint16_t identifier = 0, sequence = 0;
  std::uint32_t mtu = 0, pointer = 0;
  ip_address target{}, destination{};                              ///< the latter for 137
  bool router = false, solicited = false, override_entry = false;  ///< flags of 136 (RFC 4861 §4.4)
  std::uint8_t hop_limit = 0, flags = 0;                           ///< of 134 (§4.2)
  std::uint16_t router_lifetime = 0;
  std::uint32_t reachable_time = 0, retransmit_timer = 0;
  byte_view options{};  ///< of 133 to 137, as they are (§4.6); see icmp_options.hpp
  byte_view extension{};
  forced<std::uint8_t> length{};  ///< RFC 4884: of the padded quote in 64-bit words (types 1 and 3)
  forced<std::uint16_t> checksum{};
};

struct udp_fields {
  std::uint16_t source_port = 0, destination_port = 0;
  forced<std::uint16_t> length{}, checksum{};
};

struct tcp_fields {
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t sequence = 0, acknowledgment = 0;
  std::uint16_t flags = 0;  ///< all twelve bits after the data offset
  std::uint16_t window = 65535, urgent_pointer = 0;
  byte_view
      options{};  ///< at most 40 octets, filled up with zeros to a multiple of four; see tcp_options.hpp
  forced<std::uint8_t> data_offset{};
  forced<std::uint16_t> checksum{};
};

struct payload_fields {
  byte_view octets{};
};

using layer =
    std::variant<ethernet_fields, vlan_fields, llc_fields, snap_fields, arp_fields, ipv4_fields, ipv6_fields,
                 hop_by_hop_fields, destination_options_fields, routing_fields, fragment_fields,
                 icmpv4_fields, icmpv6_fields, udp_fields, tcp_fields, payload_fields>;

}  // namespace diag::craft
