// IPv4 header: RFC 791 §3.1.
#include "libdiag/wire/ipv4.hpp"

#include <algorithm>

namespace diag::wire {

namespace {
constexpr std::size_t version_ihl_at = 0;
constexpr std::size_t tos_at = 1;
constexpr std::size_t total_length_at = 2;
constexpr std::size_t identification_at = 4;
constexpr std::size_t fragment_at = 6;
constexpr std::size_t ttl_at = 8;
constexpr std::size_t protocol_at = 9;
constexpr std::size_t checksum_at = 10;
constexpr std::size_t source_at = 12;
constexpr std::size_t destination_at = 16;
constexpr std::size_t address_size = 4;
constexpr std::uint8_t min_ihl = 5;
constexpr std::uint16_t reserved_bit = 0x8000;
constexpr std::uint16_t dont_fragment_bit = 0x4000;
constexpr std::uint16_t more_fragments_bit = 0x2000;
constexpr std::uint16_t offset_mask = 0x1fff;  // in units of eight octets
}  // namespace

result<ipv4_view, wire_errc> ipv4_view::parse(byte_view bytes) {
  if (bytes.size() < min_header_size) return wire_errc::truncated;
  const ipv4_view view{bytes};
  if (view.version() != 4) return wire_errc::bad_version;
  if (view.ihl() < min_ihl) return wire_errc::bad_length;
  if (view.header_size() > bytes.size()) return wire_errc::truncated;
  if (view.total_length() < view.header_size()) return wire_errc::bad_length;
  return view;
}

std::uint8_t ipv4_view::version() const {
  return static_cast<std::uint8_t>(load_u8(bytes_, version_ihl_at) >> 4);
}
std::uint8_t ipv4_view::ihl() const {
  return load_u8(bytes_, version_ihl_at) & 0x0f;
}
std::uint8_t ipv4_view::tos() const {
  return load_u8(bytes_, tos_at);
}
std::uint8_t ipv4_view::dscp() const {
  return static_cast<std::uint8_t>(tos() >> 2);
}
std::uint8_t ipv4_view::ecn() const {
  return tos() & 0x03;
}
std::uint16_t ipv4_view::total_length() const {
  return load_be16(bytes_, total_length_at);
}
std::uint16_t ipv4_view::identification() const {
  return load_be16(bytes_, identification_at);
}
bool ipv4_view::reserved_flag() const {
  return (load_be16(bytes_, fragment_at) & reserved_bit) != 0;
}
bool ipv4_view::dont_fragment() const {
  return (load_be16(bytes_, fragment_at) & dont_fragment_bit) != 0;
}
bool ipv4_view::more_fragments() const {
  return (load_be16(bytes_, fragment_at) & more_fragments_bit) != 0;
}
std::uint16_t ipv4_view::fragment_offset() const {
  return static_cast<std::uint16_t>((load_be16(bytes_, fragment_at) & offset_mask) * 8);
}
std::uint8_t ipv4_view::ttl() const {
  return load_u8(bytes_, ttl_at);
}
std::uint8_t ipv4_view::protocol() const {
  return load_u8(bytes_, protocol_at);
}
std::uint16_t ipv4_view::header_checksum() const {
  return load_be16(bytes_, checksum_at);
}
ip_address ipv4_view::source() const {
  return ip_address::from_bytes(bytes_.subspan(source_at, address_size));
}
ip_address ipv4_view::destination() const {
  return ip_address::from_bytes(bytes_.subspan(destination_at, address_size));
}

byte_view ipv4_view::options() const {
  return header().subspan(min_header_size);
}
byte_view ipv4_view::payload() const {
  return bytes_.first(std::min<std::size_t>(total_length(), bytes_.size())).subspan(header_size());
}
byte_view ipv4_view::trailing() const {
  return bytes_.subspan(std::min<std::size_t>(total_length(), bytes_.size()));
}

}  // namespace diag::wire
