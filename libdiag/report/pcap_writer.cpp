// pcap records, little-endian on every machine: readers tell by the magic number.
#include "libdiag/report/pcap_writer.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace diag::report {
namespace {

constexpr std::uint32_t magic_nanoseconds = 0xA1B23C4D;

void put_le32(std::string& out, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xFF);
}

}  // namespace

pcap_writer::pcap_writer(output& to, pcap_link link) : to_{to} {
  std::string header;
  put_le32(header, magic_nanoseconds);
  put_le32(header, 2 | 4 << 16);  // version 2.4 in two 16-bit fields
  put_le32(header, 0);
  put_le32(header, 0);
  put_le32(header, snap_length);
  put_le32(header, static_cast<std::uint32_t>(link));
  to_.write(header);
}

bool pcap_writer::write(wall_time when, byte_view bytes, std::size_t wire_size) {
  // Seconds are unsigned and 32 bits wide: up to 2106, and not before 1970.
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(when.time_since_epoch().count(), 0));
  const auto stored = bytes.first(std::min<std::size_t>(bytes.size(), snap_length));
  const auto original =
      std::clamp<std::size_t>(wire_size, bytes.size(), std::numeric_limits<std::uint32_t>::max());
  std::string packet;
  packet.reserve(16 + stored.size());
  put_le32(packet, static_cast<std::uint32_t>(ns / 1'000'000'000));
  put_le32(packet, static_cast<std::uint32_t>(ns % 1'000'000'000));
  put_le32(packet, static_cast<std::uint32_t>(stored.size()));
  put_le32(packet, static_cast<std::uint32_t>(original));
  for (const auto octet : stored) packet += std::to_integer<char>(octet);
  to_.write(packet);
  return to_.ok();
}

}  // namespace diag::report
