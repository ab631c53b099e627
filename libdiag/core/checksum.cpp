// The Internet checksum (RFC 1071), eight octets at a time.
#include "libdiag/core/checksum.hpp"

#include <bit>
#include <cstring>

namespace diag {
namespace {

// The ones-complement sum does not mind the byte order as long as every word has the same one (RFC 1071
// §2(B)), so words are summed as they are loaded and the sum is swapped once.
constexpr std::uint16_t in_other_order(std::uint16_t word) {
  if constexpr (std::endian::native == std::endian::little)
    return static_cast<std::uint16_t>(word << 8 | word >> 8);
  return word;
}

constexpr std::uint64_t with_carry(std::uint64_t a, std::uint64_t b) {
  const auto sum = a + b;
  return sum + (sum < a ? 1 : 0);
}

constexpr std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  auto low = static_cast<std::uint32_t>(sum);
  low = (low & 0xffff) + (low >> 16);
  low = (low & 0xffff) + (low >> 16);
  return static_cast<std::uint16_t>(low);
}

std::uint64_t load_native(const std::byte* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint64_t sum_native(byte_view octets) {
  const std::byte* at = octets.data();
  std::size_t left = octets.size();
  // Two chains of carries, so that one addition need not wait for the other.
  std::uint64_t even = 0;
  std::uint64_t odd = 0;
  for (; left >= 16; at += 16, left -= 16) {
    even = with_carry(even, load_native(at));
    odd = with_carry(odd, load_native(at + 8));
  }
  std::uint64_t sum = with_carry(even, odd);
  if (left >= 8) {
    sum = with_carry(sum, load_native(at));
    at += 8;
    left -= 8;
  }
  if (left != 0) {
    // A missing last octet counts as zero (RFC 1071 §1), and so may the rest of a word of eight.
    std::uint64_t tail = 0;
    std::memcpy(&tail, at, left);
    sum = with_carry(sum, tail);
  }
  return sum;
}

}  // namespace

void checksum_sum::add_folded(std::uint16_t native) {
  // In the middle of a word everything is shifted by one octet, which is a byte swap of the sum (RFC 1071
  // §2(B)).
  if (odd_) native = static_cast<std::uint16_t>(native << 8 | native >> 8);
  sum_ = with_carry(sum_, native);
}

checksum_sum& checksum_sum::add(byte_view octets) {
  if (octets.empty()) return *this;
  const auto sum = sum_native(octets);
  if (odd_) {
    add_folded(fold(sum));
  } else {
    sum_ = with_carry(sum_, sum);
  }
  odd_ = odd_ != (octets.size() % 2 != 0);
  return *this;
}

checksum_sum& checksum_sum::add16(std::uint16_t value) {
  add_folded(in_other_order(value));
  return *this;
}

checksum_sum& checksum_sum::add32(std::uint32_t value) {
  return add16(static_cast<std::uint16_t>(value >> 16)).add16(static_cast<std::uint16_t>(value & 0xffff));
}

checksum_sum& checksum_sum::add_pseudo_header(const ip_address& source, const ip_address& destination,
                                              std::uint8_t protocol, std::uint32_t length) {
  // IPv4 has a 16-bit length, IPv6 a 32-bit one; the zero octets make no difference to the sum.
  return add(source.bytes()).add(destination.bytes()).add32(length).add16(protocol);
}

std::uint16_t checksum_sum::folded() const {
  return in_other_order(fold(sum_));
}

std::uint16_t internet_checksum(byte_view octets) {
  return checksum_sum{}.add(octets).finish();
}

}  // namespace diag
