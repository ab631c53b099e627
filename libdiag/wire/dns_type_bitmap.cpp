// Bitmaps of types in NSEC and NSEC3: RFC 4034 §4.1.2.
#include "libdiag/wire/dns_rdata.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t block_head = 2;  // window number, length
constexpr std::size_t max_block = 32;

struct bitmap_block {
  std::uint8_t window = 0;
  byte_view octets;
};

/// Takes a block off the front; nullopt when none is there or it is none.
std::optional<bitmap_block> take_block(byte_view& rest) {
  if (rest.size() < block_head) return std::nullopt;
  const std::size_t size = load_u8(rest, 1);
  if (size == 0 || size > max_block || size > rest.size() - block_head) return std::nullopt;
  const bitmap_block block{.window = load_u8(rest, 0), .octets = rest.subspan(block_head, size)};
  rest = rest.subspan(block_head + size);
  return block;
}

bool is_set(byte_view octets, std::size_t bit) {
  return bit / 8 < octets.size() && (load_u8(octets, bit / 8) & 0x80U >> bit % 8) != 0;
}

}  // namespace

bool dns_type_bitmap::contains(dns_type type) const {
  const auto number = static_cast<std::uint16_t>(type);
  auto rest = octets_;
  while (const auto block = take_block(rest))
    if (block->window == number >> 8 && is_set(block->octets, number & 0xffU)) return true;
  return false;
}

std::vector<dns_type> dns_type_bitmap::types() const {
  std::vector<dns_type> found;
  auto rest = octets_;
  while (const auto block = take_block(rest))
    for (std::size_t bit = 0; bit < block->octets.size() * 8; ++bit)
      if (is_set(block->octets, bit))
        found.push_back(dns_type{static_cast<std::uint16_t>(block->window * 256U + bit)});
  return found;
}

bool dns_type_bitmap::well_formed() const {
  auto rest = octets_;
  int last = -1;
  while (const auto block = take_block(rest)) {
    if (block->window <= last) return false;
    last = block->window;
  }
  return rest.empty();
}

}  // namespace diag::wire
