// The truncated packet inside an ICMP error: RFC 792, RFC 1812 §4.3.2.3, RFC 4443 §2.4.
#include "libdiag/wire/quoted.hpp"

#include <algorithm>

#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv6.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t ipv4_min_header = 20;
constexpr std::uint16_t ipv4_dont_fragment = 0x4000;
constexpr std::uint16_t ipv4_offset_mask = 0x1fff;
constexpr std::size_t min_transport = 8;

// ipv4_view is not used: it refuses a total length below the header's, and some stacks quote that field
// altered.
result<quoted_packet, wire_errc> parse_ipv4_quote(byte_view quote) {
  if (quote.size() < ipv4_min_header) return wire_errc::truncated;
  const auto first = load_u8(quote, 0);
  if (first >> 4 != 4) return wire_errc::bad_version;
  // The quote's own IHL: with options in the quoted header the transport begins after them.
  const std::size_t header_size = std::size_t{first & 0x0fU} * 4;
  if (header_size < ipv4_min_header) return wire_errc::bad_length;
  if (header_size > quote.size()) return wire_errc::truncated;

  quoted_packet packet;
  packet.family = ip_family::v4;
  packet.tos = load_u8(quote, 1);
  packet.total_length = load_be16(quote, 2);
  packet.identification = load_be16(quote, 4);
  packet.dont_fragment = (load_be16(quote, 6) & ipv4_dont_fragment) != 0;
  packet.fragment_offset = static_cast<std::uint16_t>((load_be16(quote, 6) & ipv4_offset_mask) * 8);
  packet.ttl = load_u8(quote, 8);
  packet.protocol = load_u8(quote, 9);
  packet.source = ip_address::from_bytes(quote.subspan(12, 4));
  packet.destination = ip_address::from_bytes(quote.subspan(16, 4));
  packet.header = quote.first(header_size);
  // RFC 4884 §4 pads a short quote with zeros. The stated length takes them off, unless it is too small to be
  // true.
  const bool plausible = packet.total_length >= header_size + min_transport;
  const auto end = plausible ? std::min<std::size_t>(packet.total_length, quote.size()) : quote.size();
  packet.transport = quote.first(end).subspan(header_size);
  return packet;
}

result<quoted_packet, wire_errc> parse_ipv6_quote(byte_view quote) {
  const auto parsed = ipv6_view::parse(quote);
  if (!parsed) return parsed.error();
  const auto upper = upper_layer(*parsed);

  quoted_packet packet;
  packet.family = ip_family::v6;
  packet.source = parsed->source();
  packet.destination = parsed->destination();
  packet.protocol = upper.protocol;
  packet.ttl = parsed->hop_limit();
  packet.tos = parsed->traffic_class();
  packet.flow_label = parsed->flow_label();
  packet.total_length = static_cast<std::uint32_t>(ipv6_view::header_size + parsed->payload_length());
  packet.fragment_offset = upper.fragment ? upper.fragment->offset : std::uint16_t{0};
  packet.malformed = upper.malformed;
  packet.header = quote.first(ipv6_view::header_size + upper.headers_size);
  // Where the chain breaks off, what is left is half an extension header and no transport.
  if (!upper.malformed) packet.transport = upper.payload;
  return packet;
}

bool has_transport(const quoted_packet& quote, std::size_t octets) {
  return quote.fragment_offset == 0 && !quote.malformed && quote.transport.size() >= octets;
}

/// The eight octets of these hold identifier and sequence.
bool is_query(const quoted_packet& quote, std::uint8_t type) {
  if (quote.protocol == ip_protocol::icmp && quote.family == ip_family::v4) {
    const auto known = icmpv4_type{type};
    return known == icmpv4_type::echo_request || known == icmpv4_type::echo_reply ||
           (known >= icmpv4_type::timestamp_request && known <= icmpv4_type::address_mask_reply);
  }
  if (quote.protocol == ip_protocol::icmpv6 && quote.family == ip_family::v6) {
    const auto known = icmpv6_type{type};
    return known == icmpv6_type::echo_request || known == icmpv6_type::echo_reply;
  }
  return false;
}

}  // namespace

result<quoted_packet, wire_errc> parse_quote(byte_view quote, ip_family outer_family) {
  switch (outer_family) {
    case ip_family::v4:
      return parse_ipv4_quote(quote);
    case ip_family::v6:
      return parse_ipv6_quote(quote);
    case ip_family::none:
      break;
  }
  return wire_errc::bad_version;
}

std::optional<quoted_port_pair> quoted_ports(const quoted_packet& quote) {
  if (quote.protocol != ip_protocol::udp && quote.protocol != ip_protocol::tcp &&
      quote.protocol != ip_protocol::sctp)
    return std::nullopt;
  if (!has_transport(quote, 4)) return std::nullopt;
  return quoted_port_pair{.source = load_be16(quote.transport, 0),
                          .destination = load_be16(quote.transport, 2)};
}

std::optional<std::uint32_t> quoted_tcp_sequence(const quoted_packet& quote) {
  if (quote.protocol != ip_protocol::tcp || !has_transport(quote, 8)) return std::nullopt;
  return load_be32(quote.transport, 4);
}

std::optional<quoted_udp_fields> quoted_udp(const quoted_packet& quote) {
  if (quote.protocol != ip_protocol::udp || !has_transport(quote, 8)) return std::nullopt;
  return quoted_udp_fields{.length = load_be16(quote.transport, 4),
                           .checksum = load_be16(quote.transport, 6)};
}

std::optional<quoted_echo_message> quoted_echo(const quoted_packet& quote) {
  if (!has_transport(quote, icmpv4_view::header_size) || !is_query(quote, load_u8(quote.transport, 0)))
    return std::nullopt;
  return quoted_echo_message{.type = load_u8(quote.transport, 0),
                             .code = load_u8(quote.transport, 1),
                             .identifier = load_be16(quote.transport, 4),
                             .sequence = load_be16(quote.transport, 6),
                             .payload = quote.transport.subspan(icmpv4_view::header_size)};
}

}  // namespace diag::wire
