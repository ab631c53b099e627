// TCP options out: RFC 9293 §3.2 (MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK permitted).
#pragma once

#include <array>
#include <cstdint>

#include "libdiag/core/bytes.hpp"

namespace diag::craft {

/// At most forty octets, in the order in which they are added. An option that does not fit is left out whole
/// and makes `ok()` false. tcp_fields borrows `bytes()`.
class tcp_options {
 public:
  tcp_options() = default;

  tcp_options& mss(std::uint16_t octets);
  tcp_options& window_scale(std::uint8_t shift);
  tcp_options& sack_permitted();
  tcp_options& timestamps(std::uint32_t value, std::uint32_t echo_reply);
  tcp_options& no_operation();
  /// Kind, length and value, as they are.
  tcp_options& raw(byte_view octets);

  [[nodiscard]] byte_view bytes() const { return byte_view{octets_}.first(size_); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::array<std::byte, 40> octets_{};
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace diag::craft
