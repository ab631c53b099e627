// Segments as octets: RFC 9293 §3.1.
#include "tests/sim/tcp_packets.hpp"

#include <algorithm>

#include "libdiag/core/checksum.hpp"

namespace diag::sim {

namespace {
constexpr std::size_t tcp_header = 20;

std::uint16_t checksum_of(byte_view octets, const ip_header& header) {
  return checksum_sum{}
      .add_pseudo_header(header.source, header.destination, protocol_tcp,
                         static_cast<std::uint32_t>(octets.size()))
      .add(octets)
      .finish();
}

/// Calls `visit(offset, kind, whole)` for each option until one returns false.
template <class Visit>
void walk(byte_view options, Visit&& visit) {
  for (std::size_t at = 0; at < options.size();) {
    const auto kind = load_u8(options, at);
    if (kind == 0) return;
    const auto size = kind == 1 ? std::size_t{1} : at + 1 < options.size() ? load_u8(options, at + 1) : 0U;
    if (size == 0 || at + size > options.size() || (kind != 1 && size < 2)) return;
    if (!visit(at, kind, options.subspan(at, size))) return;
    at += size;
  }
}
}  // namespace

std::optional<segment> look_tcp(byte_view octets) {
  const auto header = look(octets);
  if (!header || header->protocol != protocol_tcp || header->payload.size() < tcp_header) return std::nullopt;
  const auto& tcp = header->payload;
  const auto size = std::size_t{load_u8(tcp, 12)} / 16 * 4;
  if (size < tcp_header || size > tcp.size()) return std::nullopt;
  segment out;
  out.source = header->source;
  out.destination = header->destination;
  out.hop_limit = header->hop_limit;
  out.traffic_class = header->traffic_class;
  if (out.source.is_v4()) out.identification = load_be16(octets, 4);
  out.source_port = load_be16(tcp, 0);
  out.destination_port = load_be16(tcp, 2);
  out.sequence = load_be32(tcp, 4);
  out.acknowledgment = load_be32(tcp, 8);
  out.flags = load_be16(tcp, 12) & 0xfffU;
  out.window = load_be16(tcp, 14);
  out.options = tcp.subspan(tcp_header, size - tcp_header);
  out.payload = tcp.subspan(size);
  out.at = header->header_size;
  return out;
}

packet make_tcp(const segment& what) {
  const auto size = tcp_header + (what.options.size() + 3) / 4 * 4;
  packet tcp(size + what.payload.size());
  store_be16(tcp, 0, what.source_port);
  store_be16(tcp, 2, what.destination_port);
  store_be32(tcp, 4, what.sequence);
  store_be32(tcp, 8, what.acknowledgment);
  store_be16(tcp, 12, static_cast<std::uint16_t>(size / 4 << 12 | what.flags));
  store_be16(tcp, 14, what.window);
  std::copy(what.options.begin(), what.options.end(), tcp.begin() + tcp_header);
  std::copy(what.payload.begin(), what.payload.end(), tcp.begin() + static_cast<std::ptrdiff_t>(size));
  ip_header header;
  header.source = what.source;
  header.destination = what.destination;
  header.protocol = protocol_tcp;
  header.hop_limit = what.hop_limit;
  header.traffic_class = what.traffic_class;
  header.dont_fragment = true;
  store_be16(tcp, 16, checksum_of(tcp, header));
  auto out = make_ip(header, tcp);
  if (what.source.is_v4() && what.identification != 0) {
    store_be16(out, 4, what.identification);
    finish_ip(out);
  }
  return out;
}

void finish_tcp(packet& octets) {
  finish_ip(octets);
  const auto header = *look(octets);
  if (header.payload.size() < 18) return;
  const auto at = header.header_size;
  store_be16(octets, at + 16, 0);
  store_be16(octets, at + 16, checksum_of(byte_view{octets}.subspan(at), header));
}

bool sound_tcp(byte_view octets) {
  const auto header = look(octets);
  return header && header->payload.size() >= tcp_header && checksum_of(header->payload, *header) == 0;
}

std::optional<byte_view> find_option(byte_view options, std::uint8_t kind) {
  std::optional<byte_view> found;
  walk(options, [&](std::size_t, std::uint8_t seen, byte_view whole) {
    if (seen == kind && kind > 1) found = whole.subspan(2);
    return !found;
  });
  return found;
}

segment answer_to(const segment& asked) {
  segment out;
  out.source = asked.destination;
  out.destination = asked.source;
  out.source_port = asked.destination_port;
  out.destination_port = asked.source_port;
  return out;
}

packet answer_with(const packet& asked, std::uint16_t flags, const std::function<void(segment&)>& edit) {
  const auto seen = *look_tcp(asked);
  auto made = answer_to(seen);
  made.flags = flags;
  made.sequence = 0x10203040;
  made.acknowledgment = seen.sequence + seen.length();
  made.window = (flags & tcp_flag::rst) != 0 ? 0 : 65160;
  if (edit) edit(made);
  return make_tcp(made);
}

std::optional<packet> reset_for(const segment& asked, std::uint8_t hop_limit) {
  if ((asked.flags & tcp_flag::rst) != 0) return std::nullopt;
  auto reset = answer_to(asked);
  reset.hop_limit = hop_limit;
  if ((asked.flags & tcp_flag::ack) != 0) {
    reset.flags = tcp_flag::rst;
    reset.sequence = asked.acknowledgment;
  } else {
    reset.flags = tcp_flag::rst | tcp_flag::ack;
    reset.acknowledgment = asked.sequence + asked.length();
  }
  return make_tcp(reset);
}

void strip_option(packet& octets, std::uint8_t kind) {
  const auto seen = look_tcp(octets);
  if (!seen) return;
  walk(seen->options, [&](std::size_t at, std::uint8_t found, byte_view whole) {
    if (found != kind) return true;
    const auto from = octets.begin() + static_cast<std::ptrdiff_t>(seen->at + tcp_header + at);
    std::fill(from, from + static_cast<std::ptrdiff_t>(whole.size()), std::byte{1});
    return true;
  });
  finish_tcp(octets);
}

void clamp_mss(packet& octets, std::uint16_t most) {
  const auto seen = look_tcp(octets);
  if (!seen) return;
  walk(seen->options, [&](std::size_t at, std::uint8_t kind, byte_view whole) {
    if (kind != 2 || whole.size() != 4 || load_be16(whole, 2) <= most) return true;
    store_be16(octets, seen->at + tcp_header + at + 2, most);
    return true;
  });
  finish_tcp(octets);
}

}  // namespace diag::sim
