// Reads the ICMP message of an arrival: RFC 792, RFC 4443.
#include "libdiag/probe/icmp_reader.hpp"

#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {

/// The ICMP octets and what surrounds them.
struct peeled {
  icmp_envelope envelope;
  byte_view message;
};

peeled peel(const arrival& packet, const ip_message& ip) {
  peeled out;
  out.message = ip.octets;
  out.envelope.family = ip.family;
  out.envelope.from = ip.from;
  out.envelope.to = ip.to;
  out.envelope.hop_limit = ip.hop_limit;
  out.envelope.traffic_class = ip.traffic_class;
  out.envelope.size = ip.size;
  out.envelope.cut = ip.cut();
  constexpr std::size_t checksum_at = 2;
  const auto sum = judge_checksum(packet, ip, checksum_at);
  out.envelope.checksum_known = sum != checksum_verdict::unknown;
  out.envelope.checksum_bad = sum == checksum_verdict::bad;
  return out;
}

bool is_icmp(const ip_message& ip) {
  return ip.protocol == (ip.family == ip_family::v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6);
}

icmp_error read_error(const peeled& what) {
  icmp_error error;
  error.envelope = what.envelope;
  wire::icmp_error_body body;
  if (what.envelope.family == ip_family::v4) {
    const auto message = *wire::icmpv4_view::parse(what.message);
    if (message.type() == wire::icmpv4_type::destination_unreachable && message.code() == 4)
      error.mtu = message.next_hop_mtu();
    if (message.type() == wire::icmpv4_type::redirect) error.gateway = message.gateway();
    body = wire::split_error_body(message);
  } else {
    const auto message = *wire::icmpv6_view::parse(what.message);
    if (message.type() == wire::icmpv6_type::packet_too_big) error.mtu = message.mtu();
    body = wire::split_error_body(message);
  }
  error.extension = body.extension;
  error.bad_extension = body.bad_length;
  if (const auto quote = wire::parse_quote(body.original, what.envelope.family)) error.quote = *quote;
  return error;
}

}  // namespace

icmp_reading read_icmp(const arrival& packet) {
  const auto ip = read_ip(packet);
  if (!ip) return icmp_unreadable{reject_reason::bad_ip_header, ip.error().from, ip.error().size};
  return read_icmp(packet, *ip);
}

icmp_reading read_icmp(const arrival& packet, const ip_message& ip) {
  if (!is_icmp(ip))
    return icmp_unreadable{reject_reason::bad_ip_header, ip.from,
                           static_cast<std::uint32_t>(packet.bytes.size())};
  if (ip.octets.size() < wire::icmpv4_view::header_size)
    return icmp_unreadable{reject_reason::bad_icmp_header, ip.from,
                           static_cast<std::uint32_t>(ip.octets.size())};
  auto what = peel(packet, ip);
  what.envelope.type = load_u8(what.message, 0);
  what.envelope.code = load_u8(what.message, 1);
  const auto is_error = what.envelope.family == ip_family::v4
                            ? wire::is_error(static_cast<wire::icmpv4_type>(what.envelope.type))
                            : wire::is_error(static_cast<wire::icmpv6_type>(what.envelope.type));
  if (is_error) return read_error(what);
  return icmp_reply{what.envelope, load_be16(what.message, 4), load_be16(what.message, 6),
                    what.message.subspan(8)};
}

}  // namespace diag::probe
