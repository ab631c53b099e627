// TCP options: RFC 9293 §3.2; window scale and timestamps: RFC 7323; SACK: RFC 2018; fast open: RFC 7413.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/bytes.hpp"

namespace diag::wire {

enum class tcp_option_kind : std::uint8_t {
  end = 0,
  no_operation = 1,
  maximum_segment_size = 2,
  window_scale = 3,
  sack_permitted = 4,
  sack = 5,
  timestamps = 8,
  user_timeout = 28,
  authentication = 29,
  multipath = 30,
  fast_open = 34,
};
/// "maximum segment size"; "option 77" without a name.
std::string describe(tcp_option_kind kind);

struct tcp_option {
  tcp_option_kind kind = tcp_option_kind::end;
  byte_view data;  ///< without kind and length
};

/// Walks the options of one header. Each step advances at least one octet; a length of 0, 1 or past the end
/// stops the walk.
class tcp_options {
 public:
  explicit tcp_options(byte_view options) : rest_{options} {}
  /// nullopt at the end-of-list option, at the end of the octets, or when malformed.
  std::optional<tcp_option> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  byte_view rest_;
  bool malformed_ = false;
};

struct tcp_timestamps {
  std::uint32_t value = 0;
  std::uint32_t echo_reply = 0;
};

struct tcp_sack_block {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

/// The options that mean something to a handshake, the first of each kind. An option with the wrong length
/// for its kind is not read and makes `malformed` true.
struct tcp_option_summary {
  static constexpr std::size_t max_sack_blocks = 4;  // RFC 2018 §3: what 40 octets hold

  std::optional<std::uint16_t> maximum_segment_size;
  std::optional<std::uint8_t> window_scale;  ///< as sent; RFC 7323 §2.3 caps its use at 14
  bool sack_permitted = false;
  std::optional<tcp_timestamps> timestamps;
  std::optional<byte_view> fast_open_cookie;  ///< empty: a cookie is requested
  std::array<tcp_sack_block, max_sack_blocks> sack_blocks{};
  std::size_t sack_count = 0;
  std::size_t unknown_count = 0;  ///< options of other kinds
  bool malformed = false;
  [[nodiscard]] std::span<const tcp_sack_block> sack() const {
    return std::span{sack_blocks}.first(sack_count);
  }
};
tcp_option_summary summarize_tcp_options(byte_view options);

}  // namespace diag::wire
