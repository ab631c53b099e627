// TCP header: RFC 9293 §3.1.
#include "libdiag/wire/tcp.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "libdiag/wire/ip_protocol.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t source_port_at = 0;
constexpr std::size_t destination_port_at = 2;
constexpr std::size_t sequence_at = 4;
constexpr std::size_t acknowledgment_at = 8;
constexpr std::size_t offset_flags_at = 12;
constexpr std::size_t window_at = 14;
constexpr std::size_t checksum_at = 16;
constexpr std::size_t urgent_pointer_at = 18;
constexpr std::uint8_t min_data_offset = 5;
constexpr std::uint16_t flags_mask = 0x0fff;

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 9> flag_names{{{tcp_flag::fin, "FIN"},
                                                                                {tcp_flag::syn, "SYN"},
                                                                                {tcp_flag::rst, "RST"},
                                                                                {tcp_flag::psh, "PSH"},
                                                                                {tcp_flag::ack, "ACK"},
                                                                                {tcp_flag::urg, "URG"},
                                                                                {tcp_flag::ece, "ECE"},
                                                                                {tcp_flag::cwr, "CWR"},
                                                                                {tcp_flag::ae, "AE"}}};

}  // namespace

std::string describe_tcp_flags(std::uint16_t flags) {
  std::string text;
  for (const auto& [bit, name] : flag_names) {
    if ((flags & bit) == 0) continue;
    if (!text.empty()) text += ',';
    text += name;
    flags = static_cast<std::uint16_t>(flags & ~bit);
  }
  if (flags != 0) {
    std::array<char, 8> rest{};
    std::snprintf(rest.data(), rest.size(), "0x%x", static_cast<unsigned>(flags));
    if (!text.empty()) text += ',';
    text += rest.data();
  }
  return text.empty() ? "none" : text;
}

result<tcp_view, wire_errc> tcp_view::parse(byte_view bytes) {
  if (bytes.size() < min_header_size) return wire_errc::truncated;
  const tcp_view view{bytes};
  if (view.data_offset() < min_data_offset) return wire_errc::bad_length;
  if (view.header_size() > bytes.size()) return wire_errc::truncated;
  return view;
}

std::uint16_t tcp_view::source_port() const {
  return load_be16(bytes_, source_port_at);
}
std::uint16_t tcp_view::destination_port() const {
  return load_be16(bytes_, destination_port_at);
}
std::uint32_t tcp_view::sequence() const {
  return load_be32(bytes_, sequence_at);
}
std::uint32_t tcp_view::acknowledgment() const {
  return load_be32(bytes_, acknowledgment_at);
}
std::uint8_t tcp_view::data_offset() const {
  return static_cast<std::uint8_t>(load_u8(bytes_, offset_flags_at) >> 4);
}
std::uint16_t tcp_view::flags() const {
  return load_be16(bytes_, offset_flags_at) & flags_mask;
}
std::uint16_t tcp_view::window() const {
  return load_be16(bytes_, window_at);
}
std::uint16_t tcp_view::checksum() const {
  return load_be16(bytes_, checksum_at);
}
std::uint16_t tcp_view::urgent_pointer() const {
  return load_be16(bytes_, urgent_pointer_at);
}
byte_view tcp_view::options() const {
  return bytes_.first(header_size()).subspan(min_header_size);
}

checksum_validity tcp_view::verify(const ip_address& source, const ip_address& destination) const {
  return verify_with({.source = source,
                      .destination = destination,
                      .protocol = ip_protocol::tcp,
                      .length = static_cast<std::uint32_t>(bytes_.size())},
                     bytes_, checksum_at);
}

}  // namespace diag::wire
