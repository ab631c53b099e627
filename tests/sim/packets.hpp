// Packets of the simulated internet: whole IP packets as octets, built and read without the floors under test
// (only bytes, addresses and checksums of core), so that a mistake there does not cancel out here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::sim {

/// An IPv4 or IPv6 packet, header first.
using packet = std::vector<std::byte>;

inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_tcp = 6;
inline constexpr std::uint8_t protocol_udp = 17;
inline constexpr std::uint8_t protocol_icmpv6 = 58;

struct ip_header {
  ip_address source{};
  ip_address destination{};
  std::uint8_t protocol = protocol_icmp;
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  bool dont_fragment = false;    ///< always so in IPv6
  std::size_t header_size = 20;  ///< read by look(); 40 for IPv6
  byte_view payload{};           ///< read by look()
};

/// The header of `octets`; nullopt when they are no IPv4 or IPv6 header. Extension headers are not walked.
std::optional<ip_header> look(byte_view octets);
/// `options` go into an IPv4 header: a multiple of four octets.
packet make_ip(const ip_header& header, byte_view payload, byte_view options = {});
/// Writes the header checksum of an IPv4 packet; nothing to do for IPv6.
void finish_ip(packet& octets);
/// Writes the ICMP or ICMPv6 checksum of a packet.
void finish_icmp(packet& octets);
/// One off the hop limit. Precondition: it is above 0.
void take_hop(packet& octets);

/// An ICMP message in an IP packet; `rest` is octets 4 to 7.
packet make_icmp(const ip_header& header, std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                 byte_view body);
/// The reply to an echo request packet (RFC 792, RFC 4443 §4.2): its payload and, swapped, its addresses.
packet echo_reply(const packet& request, std::uint8_t hop_limit = 64);
/// The reply to a timestamp request: both times are `their_ms`, milliseconds since midnight UT.
packet timestamp_reply(const packet& request, std::uint32_t their_ms, std::uint8_t hop_limit = 64);

struct icmp_error_fields {
  ip_address from{};
  std::uint8_t type = 3;
  std::uint8_t code = 1;
  std::uint32_t rest = 0;  ///< octets 4 to 7: the MTU of 3/4 and of packet too big, a redirect's gateway
  std::size_t quote = 0;   ///< octets quoted; 0: what 576 (IPv4) or 1280 octets have room for
  std::uint8_t hop_limit = 64;
};
/// An ICMP error about `offending`, to its source.
packet icmp_error(const packet& offending, const icmp_error_fields& fields);

/// Octet at `at` of the ICMP message inside.
std::size_t icmp_offset(const packet& octets);

}  // namespace diag::sim
