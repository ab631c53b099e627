// ICMP extension structures and neighbor discovery options.
#include "libdiag/craft/icmp_options.hpp"

#include <algorithm>
#include <array>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/plan.hpp"

namespace diag::craft {
namespace {

void append(std::vector<std::byte>& out, byte_view octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

}  // namespace

void append_extension_object(std::vector<std::byte>& objects, std::uint8_t class_num, std::uint8_t c_type,
                             byte_view payload) {
  std::array<std::byte, 4> header{};
  const auto kept = payload.first(std::min<std::size_t>(payload.size(), 0xffff - header.size()));
  store_be16(header, 0, static_cast<std::uint16_t>(header.size() + kept.size()));
  store_u8(header, 2, class_num);
  store_u8(header, 3, c_type);
  append(objects, header);
  append(objects, kept);
}

std::vector<std::byte> icmp_extension(byte_view objects) {
  std::vector<std::byte> structure(4);
  structure[0] = std::byte{0x20};
  append(structure, objects);
  store_be16(structure, 2, internet_checksum(structure));
  return structure;
}

void append_neighbor_option(std::vector<std::byte>& options, std::uint8_t type, byte_view value) {
  const auto kept = value.first(std::min<std::size_t>(value.size(), 255 * 8 - 2));
  const auto size = padded(2 + kept.size(), 8);
  const auto begin = options.size();
  options.push_back(std::byte{type});
  options.push_back(static_cast<std::byte>(size / 8));
  append(options, kept);
  options.resize(begin + size);
}

}  // namespace diag::craft
