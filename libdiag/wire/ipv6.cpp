// IPv6 header: RFC 8200 §3; extension headers: §4, RFC 4302 §2.2; jumbo payload option: RFC 2675 §2.
#include "libdiag/wire/ipv6.hpp"

#include <algorithm>

#include "libdiag/wire/ip_protocol.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t version_class_flow_at = 0;
constexpr std::size_t payload_length_at = 4;
constexpr std::size_t next_header_at = 6;
constexpr std::size_t hop_limit_at = 7;
constexpr std::size_t source_at = 8;
constexpr std::size_t destination_at = 24;
constexpr std::size_t address_size = 16;

constexpr std::size_t min_extension_size = 8;
constexpr std::size_t segments_left_at = 3;
constexpr std::size_t fragment_offset_at = 2;
constexpr std::size_t fragment_identification_at = 4;
constexpr std::uint16_t fragment_offset_mask = 0xfff8;  // already in octets: the low three bits are flags
constexpr std::uint8_t pad1_option = 0;
constexpr std::uint8_t jumbo_option = 0xc2;

bool is_extension(std::uint8_t next_header) {
  return next_header == ip_protocol::hop_by_hop || next_header == ip_protocol::routing ||
         next_header == ip_protocol::fragment || next_header == ip_protocol::destination_options ||
         next_header == ip_protocol::authentication;
}

/// Needs two octets. At least eight, so that each step advances.
std::size_t extension_size(std::uint8_t kind, byte_view octets) {
  if (kind == ip_protocol::fragment)
    return min_extension_size;  // RFC 8200 §4.5: fixed, second octet reserved
  const std::size_t length = load_u8(octets, 1);
  // RFC 4302 §2.2 counts 32-bit words minus two; all others 64-bit words without the first (RFC 8200 §4.2).
  if (kind == ip_protocol::authentication) return (length + 2) * 4;
  return (length + 1) * 8;
}

std::optional<std::uint32_t> find_jumbo_length(byte_view hop_by_hop) {
  byte_reader options{hop_by_hop.subspan(2)};
  while (options.ok() && options.remaining() > 0) {
    const auto type = options.u8();
    if (type == pad1_option) continue;
    const auto data = options.take(options.u8());
    if (type == jumbo_option && options.ok() && data.size() == 4) return load_be32(data, 0);
  }
  return std::nullopt;
}

ipv6_fragment read_fragment(byte_view header) {
  const auto word = load_be16(header, fragment_offset_at);
  return {.offset = static_cast<std::uint16_t>(word & fragment_offset_mask),
          .more = (word & 1) != 0,
          .identification = load_be32(header, fragment_identification_at)};
}

}  // namespace

result<ipv6_view, wire_errc> ipv6_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  const ipv6_view view{bytes};
  if (view.version() != 6) return wire_errc::bad_version;
  return view;
}

std::uint8_t ipv6_view::version() const {
  return static_cast<std::uint8_t>(load_u8(bytes_, version_class_flow_at) >> 4);
}
std::uint8_t ipv6_view::traffic_class() const {
  return static_cast<std::uint8_t>(load_be16(bytes_, version_class_flow_at) >> 4 & 0xff);
}
std::uint32_t ipv6_view::flow_label() const {
  return load_be32(bytes_, version_class_flow_at) & 0x000f'ffff;
}
std::uint16_t ipv6_view::payload_length() const {
  return load_be16(bytes_, payload_length_at);
}
std::uint8_t ipv6_view::next_header() const {
  return load_u8(bytes_, next_header_at);
}
std::uint8_t ipv6_view::hop_limit() const {
  return load_u8(bytes_, hop_limit_at);
}
ip_address ipv6_view::source() const {
  return ip_address::from_bytes(bytes_.subspan(source_at, address_size));
}
ip_address ipv6_view::destination() const {
  return ip_address::from_bytes(bytes_.subspan(destination_at, address_size));
}

byte_view ipv6_view::payload() const {
  const auto rest = bytes_.subspan(header_size);
  // RFC 2675 §3: a jumbogram states a payload length of zero and the true one in a hop-by-hop option.
  if (payload_length() == 0 && next_header() == ip_protocol::hop_by_hop) return rest;
  return rest.first(std::min<std::size_t>(payload_length(), rest.size()));
}
byte_view ipv6_view::trailing() const {
  return bytes_.subspan(header_size + payload().size());
}

ipv6_upper_layer upper_layer(std::uint8_t next_header, byte_view octets) {
  ipv6_upper_layer upper;
  upper.protocol = next_header;
  upper.payload = octets;
  while (is_extension(upper.protocol)) {
    if (upper.header_count == max_extension_headers) {
      upper.malformed = true;
      return upper;
    }
    const auto size = upper.payload.size() < min_extension_size
                          ? min_extension_size
                          : extension_size(upper.protocol, upper.payload);
    if (size > upper.payload.size()) {
      upper.truncated = upper.malformed = true;
      return upper;
    }
    const auto header = upper.payload.first(size);
    if (upper.protocol == ip_protocol::hop_by_hop && !upper.jumbo_length)
      upper.jumbo_length = find_jumbo_length(header);
    if (upper.protocol == ip_protocol::routing && load_u8(header, segments_left_at) != 0) upper.routed = true;
    if (upper.protocol == ip_protocol::fragment) upper.fragment = read_fragment(header);

    const bool last = upper.protocol == ip_protocol::fragment && upper.fragment->offset != 0;
    upper.protocol = load_u8(header, 0);
    upper.payload = upper.payload.subspan(size);
    upper.headers_size += size;
    ++upper.header_count;
    // RFC 8200 §4.5: only the first fragment goes on with headers.
    if (last) return upper;
  }
  return upper;
}

ipv6_upper_layer upper_layer(const ipv6_view& packet) {
  return upper_layer(packet.next_header(), packet.payload());
}

}  // namespace diag::wire
