// Peels IP off an arrival and reads the ICMP message: RFC 792, RFC 4443.
#include "libdiag/probe/icmp_reader.hpp"

#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"

namespace diag::probe {

namespace {

/// The ICMP octets and what surrounds them.
struct peeled {
  icmp_envelope envelope;
  byte_view message;
};

using peeling = std::variant<peeled, icmp_unreadable>;

peeling peel_ipv4(const arrival& packet) {
  const auto ip = wire::ipv4_view::parse(packet.bytes);
  // A total length beyond the octets is a lie, unless it was we who cut the packet.
  const auto cut_here = packet.wire_size > packet.bytes.size();
  if (!ip || (ip->truncated() && !cut_here) || ip->protocol() != wire::ip_protocol::icmp || ip->is_fragment())
    return icmp_unreadable{reject_reason::bad_ip_header, ip ? ip->source() : packet.source,
                           static_cast<std::uint32_t>(packet.bytes.size())};
  peeled out;
  out.message = ip->payload();
  out.envelope.family = ip_family::v4;
  out.envelope.from = ip->source();
  out.envelope.to = ip->destination();
  out.envelope.hop_limit = ip->ttl();
  out.envelope.traffic_class = ip->tos();
  out.envelope.size = static_cast<std::uint32_t>(ip->total_length() - ip->header_size());
  return out;
}

peeling peel_ipv6(const arrival& packet) {
  const auto ip = wire::ipv6_view::parse(packet.bytes);
  const auto unreadable = [&](const ip_address& from) {
    return icmp_unreadable{reject_reason::bad_ip_header, from,
                           static_cast<std::uint32_t>(packet.bytes.size())};
  };
  if (!ip) return unreadable(packet.source);
  const auto cut_here = packet.wire_size > packet.bytes.size();
  const auto upper = wire::upper_layer(*ip);
  if ((ip->truncated() && !cut_here) || upper.malformed || upper.protocol != wire::ip_protocol::icmpv6 ||
      upper.fragment)
    return unreadable(ip->source());
  peeled out;
  out.message = upper.payload;
  out.envelope.family = ip_family::v6;
  out.envelope.from = ip->source();
  out.envelope.to = ip->destination();
  out.envelope.hop_limit = ip->hop_limit();
  out.envelope.traffic_class = ip->traffic_class();
  const auto headers = upper.headers_size;
  out.envelope.size =
      ip->payload_length() > headers ? static_cast<std::uint32_t>(ip->payload_length() - headers) : 0;
  return out;
}

peeling peel(const arrival& packet) {
  switch (packet.form) {
    case framing::ipv4_packet:
      return peel_ipv4(packet);
    case framing::ipv6_packet:
      return peel_ipv6(packet);
    case framing::icmpv4_message:
    case framing::icmpv6_message:
      break;
    case framing::tcp_segment:
    case framing::ethernet_frame:
      return icmp_unreadable{reject_reason::bad_ip_header, packet.source,
                             static_cast<std::uint32_t>(packet.bytes.size())};
  }
  peeled out;
  out.message = packet.bytes;
  out.envelope.family = packet.form == framing::icmpv4_message ? ip_family::v4 : ip_family::v6;
  out.envelope.from = packet.source;
  out.envelope.to = packet.destination;
  out.envelope.hop_limit = packet.hop_limit;
  out.envelope.traffic_class = packet.traffic_class;
  out.envelope.size =
      static_cast<std::uint32_t>(packet.wire_size != 0 ? packet.wire_size : packet.bytes.size());
  return out;
}

void judge_checksum(const arrival& packet, peeled& what) {
  auto& envelope = what.envelope;
  envelope.cut = what.message.size() < envelope.size;
  if (packet.checksum == checksum_trust::verified) envelope.checksum_known = true;
  if (packet.checksum != checksum_trust::verify || envelope.cut) return;
  auto validity = wire::checksum_validity::unverifiable;
  if (envelope.family == ip_family::v4) {
    validity = wire::verify_alone(what.message);
  } else if (envelope.from && envelope.to) {
    validity = wire::verify_with({envelope.from, envelope.to, wire::ip_protocol::icmpv6,
                                  static_cast<std::uint32_t>(what.message.size())},
                                 what.message, 2);
  }
  envelope.checksum_known =
      validity == wire::checksum_validity::good || validity == wire::checksum_validity::bad;
  envelope.checksum_bad = validity == wire::checksum_validity::bad;
}

icmp_error read_error(const peeled& what) {
  icmp_error error{what.envelope, 0, {}, std::nullopt};
  const auto v4 = what.envelope.family == ip_family::v4;
  const auto body = what.message.subspan(wire::icmpv4_view::header_size);
  std::size_t stated = 0;
  if (v4) {
    const auto message = *wire::icmpv4_view::parse(what.message);
    if (message.type() == wire::icmpv4_type::destination_unreachable && message.code() == 4)
      error.mtu = message.next_hop_mtu();
    if (message.type() == wire::icmpv4_type::redirect) error.gateway = message.gateway();
    stated = message.original_length();
  } else {
    const auto message = *wire::icmpv6_view::parse(what.message);
    if (message.type() == wire::icmpv6_type::packet_too_big) error.mtu = message.mtu();
    stated = message.original_length();
  }
  // RFC 4884 §3: where a length is stated, the quote ends there, padded to 128 octets at least, and an
  // extension follows. Less is not a length but what an older node left in an unused octet.
  const auto has_length = stated >= 128 && stated <= body.size() && error.mtu == 0 && !error.gateway;
  const auto quote = wire::parse_quote(has_length ? body.first(stated) : body, what.envelope.family);
  if (quote) error.quote = *quote;
  return error;
}

}  // namespace

icmp_reading read_icmp(const arrival& packet) {
  auto peeled_packet = peel(packet);
  if (const auto* bad = std::get_if<icmp_unreadable>(&peeled_packet)) return *bad;
  auto& what = std::get<peeled>(peeled_packet);
  if (what.message.size() < wire::icmpv4_view::header_size)
    return icmp_unreadable{reject_reason::bad_icmp_header, what.envelope.from,
                           static_cast<std::uint32_t>(what.message.size())};
  what.envelope.type = load_u8(what.message, 0);
  what.envelope.code = load_u8(what.message, 1);
  judge_checksum(packet, what);
  const auto is_error = what.envelope.family == ip_family::v4
                            ? wire::is_error(static_cast<wire::icmpv4_type>(what.envelope.type))
                            : wire::is_error(static_cast<wire::icmpv6_type>(what.envelope.type));
  if (is_error) return read_error(what);
  return icmp_reply{what.envelope, load_be16(what.message, 4), load_be16(what.message, 6),
                    what.message.subspan(8)};
}

}  // namespace diag::probe
