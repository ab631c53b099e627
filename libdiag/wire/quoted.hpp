// The truncated packet inside an ICMP error: RFC 792, RFC 1812 §4.3.2.3 (as much as fits in 576 octets), RFC
// 4443 §2.4 (as much as fits in the minimum MTU).
//
// This is where ICMP tools break: the inner lengths are a stranger's, and the octets end anywhere. The
// quote's own IHL is used, options and extension headers are walked, and nothing but its octets is believed.
// NAT on the way may have rewritten addresses, ports, checksums and identification; hop limit and TOS always
// differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag::wire {

struct quoted_packet {
  ip_family family = ip_family::none;
  ip_address source;
  ip_address destination;
  std::uint8_t protocol = 0;          ///< of `transport`: after the extension headers in IPv6
  std::uint8_t ttl = 0;               ///< hop limit in IPv6: what was left of it at the node that quotes
  std::uint8_t tos = 0;               ///< traffic class in IPv6
  std::uint16_t identification = 0;   ///< IPv4 only
  bool dont_fragment = false;         ///< IPv4 only
  std::uint32_t flow_label = 0;       ///< IPv6 only
  std::uint32_t total_length = 0;     ///< stated, header included; some stacks quote it altered
  std::uint16_t fragment_offset = 0;  ///< in octets; not zero: `transport` does not begin with a header
  bool malformed = false;             ///< the IPv6 extension headers could not be walked to their end
  byte_view header;                   ///< IP header octets, IPv4 options or IPv6 extension headers included
  byte_view transport;  ///< what there is, often eight octets, perhaps fewer; RFC 4884 padding taken off
};

/// `quote` is the body of an error of the family given (icmp_error_body::original). Refuses `truncated` (the
/// octets end inside the IP header, or IHL goes past them), `bad_length` (IHL below 5) and `bad_version`
/// (another family than the outer packet's).
result<quoted_packet, wire_errc> parse_quote(byte_view quote, ip_family outer_family);

struct quoted_port_pair {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
};
/// UDP, TCP or SCTP whose first four octets are there.
std::optional<quoted_port_pair> quoted_ports(const quoted_packet& quote);

/// TCP sequence number, when its octets are there.
std::optional<std::uint32_t> quoted_tcp_sequence(const quoted_packet& quote);

struct quoted_udp_fields {
  std::uint16_t length = 0;
  std::uint16_t checksum = 0;
};
/// UDP whose eight octets are there.
std::optional<quoted_udp_fields> quoted_udp(const quoted_packet& quote);

struct quoted_echo_message {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  byte_view payload;  ///< what was quoted of it, perhaps nothing
};
/// An ICMP query that carries identifier and sequence (echo, timestamp, address mask; ICMPv6 echo) whose
/// eight octets are there.
std::optional<quoted_echo_message> quoted_echo(const quoted_packet& quote);

}  // namespace diag::wire
