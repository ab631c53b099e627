// TCP options, kind by kind.
#include "libdiag/craft/tcp_options.hpp"

#include <algorithm>

namespace diag::craft {
namespace {

/// Kind, length, and a value of the rest, big-endian.
template <std::size_t Size>
std::array<std::byte, Size> option(std::uint8_t kind) {
  std::array<std::byte, Size> octets{};
  store_u8(octets, 0, kind);
  store_u8(octets, 1, Size);
  return octets;
}

}  // namespace

tcp_options& tcp_options::mss(std::uint16_t octets) {
  auto encoded = option<4>(2);
  store_be16(encoded, 2, octets);
  return raw(encoded);
}

tcp_options& tcp_options::window_scale(std::uint8_t shift) {
  auto encoded = option<3>(3);
  store_u8(encoded, 2, shift);
  return raw(encoded);
}

tcp_options& tcp_options::sack_permitted() {
  return raw(option<2>(4));
}

tcp_options& tcp_options::timestamps(std::uint32_t value, std::uint32_t echo_reply) {
  auto encoded = option<10>(8);
  store_be32(encoded, 2, value);
  store_be32(encoded, 6, echo_reply);
  return raw(encoded);
}

tcp_options& tcp_options::no_operation() {
  constexpr std::array<std::byte, 1> nop{std::byte{1}};
  return raw(nop);
}

tcp_options& tcp_options::raw(byte_view octets) {
  if (octets.size() > octets_.size() - size_) {
    ok_ = false;
    return *this;
  }
  std::copy(octets.begin(), octets.end(), octets_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += octets.size();
  return *this;
}

}  // namespace diag::craft
