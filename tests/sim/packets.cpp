// Simulated packets: RFC 791, RFC 8200, RFC 792, RFC 4443.
#include "tests/sim/packets.hpp"

#include <algorithm>

#include "libdiag/core/checksum.hpp"

namespace diag::sim {

namespace {
constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;
constexpr std::size_t icmp_header = 8;

bool is_v4(byte_view octets) {
  return load_u8(octets, 0) >> 4 == 4;
}

void store(byte_span out, std::size_t at, byte_view octets) {
  std::copy(octets.begin(), octets.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}
}  // namespace

std::optional<ip_header> look(byte_view octets) {
  if (octets.size() < ipv4_header) return std::nullopt;
  ip_header out;
  if (is_v4(octets)) {
    out.header_size = std::size_t{load_u8(octets, 0) & 15U} * 4;
    if (out.header_size < ipv4_header || out.header_size > octets.size()) return std::nullopt;
    out.traffic_class = load_u8(octets, 1);
    out.dont_fragment = (load_be16(octets, 6) & 0x4000) != 0;
    out.hop_limit = load_u8(octets, 8);
    out.protocol = load_u8(octets, 9);
    out.source = ip_address::from_bytes(octets.subspan(12, 4));
    out.destination = ip_address::from_bytes(octets.subspan(16, 4));
  } else {
    if (octets.size() < ipv6_header || load_u8(octets, 0) >> 4 != 6) return std::nullopt;
    out.header_size = ipv6_header;
    out.traffic_class = static_cast<std::uint8_t>(load_be16(octets, 0) >> 4 & 0xff);
    out.dont_fragment = true;
    out.protocol = load_u8(octets, 6);
    out.hop_limit = load_u8(octets, 7);
    out.source = ip_address::from_bytes(octets.subspan(8, 16));
    out.destination = ip_address::from_bytes(octets.subspan(24, 16));
  }
  out.payload = octets.subspan(out.header_size);
  return out;
}

packet make_ip(const ip_header& header, byte_view payload, byte_view options) {
  const auto v4 = header.destination.is_v4();
  const auto size = v4 ? ipv4_header + options.size() : ipv6_header;
  packet out(size + payload.size());
  if (v4) {
    store_u8(out, 0, static_cast<std::uint8_t>(0x40 | size / 4));
    store_u8(out, 1, header.traffic_class);
    store_be16(out, 2, static_cast<std::uint16_t>(out.size()));
    store_be16(out, 6, header.dont_fragment ? 0x4000 : 0);
    store_u8(out, 8, header.hop_limit);
    store_u8(out, 9, header.protocol);
    store(out, 12, header.source.bytes());
    store(out, 16, header.destination.bytes());
    store(out, ipv4_header, options);
    finish_ip(out);
  } else {
    store_be16(out, 0, static_cast<std::uint16_t>(0x6000 | header.traffic_class << 4));
    store_be16(out, 4, static_cast<std::uint16_t>(payload.size()));
    store_u8(out, 6, header.protocol);
    store_u8(out, 7, header.hop_limit);
    store(out, 8, header.source.bytes());
    store(out, 24, header.destination.bytes());
  }
  store(out, size, payload);
  return out;
}

void finish_ip(packet& octets) {
  if (!is_v4(octets)) return;
  const auto size = std::size_t{load_u8(octets, 0) & 15U} * 4;
  store_be16(octets, 10, 0);
  store_be16(octets, 10, internet_checksum(byte_view{octets}.first(size)));
}

std::size_t icmp_offset(const packet& octets) {
  return is_v4(octets) ? std::size_t{load_u8(octets, 0) & 15U} * 4 : ipv6_header;
}

void finish_icmp(packet& octets) {
  const auto at = icmp_offset(octets);
  store_be16(octets, at + 2, 0);
  const auto message = byte_view{octets}.subspan(at);
  checksum_sum sum;
  if (!is_v4(octets)) {
    const auto header = *look(octets);
    sum.add_pseudo_header(header.source, header.destination, protocol_icmpv6,
                          static_cast<std::uint32_t>(message.size()));
  }
  store_be16(octets, at + 2, sum.add(message).finish());
}

void take_hop(packet& octets) {
  if (!is_v4(octets)) return store_u8(octets, 7, static_cast<std::uint8_t>(load_u8(octets, 7) - 1));
  const auto before = load_be16(octets, 8);
  const auto after = static_cast<std::uint16_t>(before - 0x100);
  store_be16(octets, 8, after);
  store_be16(octets, 10, checksum_update(load_be16(octets, 10), before, after));
}

packet make_icmp(const ip_header& header, std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                 byte_view body) {
  packet message(icmp_header + body.size());
  store_u8(message, 0, type);
  store_u8(message, 1, code);
  store_be32(message, 4, rest);
  store(message, icmp_header, body);
  auto outer = header;
  outer.protocol = header.destination.is_v4() ? protocol_icmp : protocol_icmpv6;
  auto out = make_ip(outer, message);
  finish_icmp(out);
  return out;
}

packet echo_reply(const packet& request, std::uint8_t hop_limit) {
  packet out = request;
  const auto v4 = is_v4(out);
  const auto width = static_cast<std::ptrdiff_t>(v4 ? 4 : 16);
  const auto source = out.begin() + (v4 ? 12 : 8);
  std::swap_ranges(source, source + width, source + width);
  store_u8(out, v4 ? 8 : 7, hop_limit);
  finish_ip(out);
  const auto at = icmp_offset(out);
  const auto before = load_be16(out, at);
  const std::uint16_t after = v4 ? 0 : 0x8100;
  store_be16(out, at, after);
  store_be16(out, at + 2, checksum_update(load_be16(out, at + 2), before, after));
  return out;
}

packet timestamp_reply(const packet& request, std::uint32_t their_ms, std::uint8_t hop_limit) {
  auto out = echo_reply(request, hop_limit);
  const auto at = icmp_offset(out);
  store_u8(out, at, 14);
  store_be32(out, at + 12, their_ms);
  store_be32(out, at + 16, their_ms);
  finish_icmp(out);
  return out;
}

packet icmp_error(const packet& offending, const icmp_error_fields& fields) {
  const auto header = *look(offending);
  // RFC 1812 §4.3.2.3: the error is at most 576 octets; RFC 4443 §2.4 (c): at most 1280.
  const auto room =
      header.source.is_v4() ? 576 - ipv4_header - icmp_header : 1280 - ipv6_header - icmp_header;
  const auto quoted = std::min(fields.quote == 0 ? room : fields.quote, offending.size());
  ip_header outer;
  outer.source = fields.from;
  outer.destination = header.source;
  outer.hop_limit = fields.hop_limit;
  return make_icmp(outer, fields.type, fields.code, fields.rest, byte_view{offending}.first(quoted));
}

}  // namespace diag::sim
