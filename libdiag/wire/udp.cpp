// UDP header: RFC 768; RFC 2675 §4.
#include "libdiag/wire/udp.hpp"

#include <algorithm>

#include "libdiag/wire/ip_protocol.hpp"

namespace diag::wire {

namespace {
constexpr std::size_t source_port_at = 0;
constexpr std::size_t destination_port_at = 2;
constexpr std::size_t length_at = 4;
constexpr std::size_t checksum_at = 6;
}  // namespace

result<udp_view, wire_errc> udp_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  return udp_view{bytes};
}

std::uint16_t udp_view::source_port() const {
  return load_be16(bytes_, source_port_at);
}
std::uint16_t udp_view::destination_port() const {
  return load_be16(bytes_, destination_port_at);
}
std::uint16_t udp_view::length() const {
  return load_be16(bytes_, length_at);
}
std::uint16_t udp_view::checksum() const {
  return load_be16(bytes_, checksum_at);
}

std::size_t udp_view::extent() const {
  if (bad_length()) return header_size;
  // RFC 2675 §4: zero stands for a length that does not fit, so the IP payload is the datagram.
  return length() == 0 ? bytes_.size() : std::min<std::size_t>(length(), bytes_.size());
}
byte_view udp_view::payload() const {
  return bytes_.first(extent()).subspan(header_size);
}
byte_view udp_view::trailing() const {
  return bytes_.subspan(extent());
}

checksum_validity udp_view::verify(const ip_address& source, const ip_address& destination) const {
  // RFC 768: zero means that the sender made none; a computed zero is sent as 0xffff.
  if (checksum() == 0) return checksum_validity::absent;
  if (bad_length() || truncated()) return checksum_validity::unverifiable;
  return verify_with({.source = source,
                      .destination = destination,
                      .protocol = ip_protocol::udp,
                      .length = static_cast<std::uint32_t>(extent())},
                     bytes_.first(extent()), checksum_at);
}

}  // namespace diag::wire
