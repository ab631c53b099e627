// TCP options: RFC 9293 §3.2.
#include "libdiag/wire/tcp_options.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t option_header_size = 2;
constexpr std::size_t sack_block_size = 8;
// RFC 7413 §4.1.1: 4 to 16 octets, even; none asks for one.
constexpr std::size_t min_cookie = 4;
constexpr std::size_t max_cookie = 16;

bool is_cookie(byte_view data) {
  return data.empty() || (data.size() >= min_cookie && data.size() <= max_cookie && data.size() % 2 == 0);
}

/// False when the length is wrong for SACK (RFC 2018 §3).
bool read_sack(tcp_option_summary& summary, byte_view data) {
  if (data.empty() || data.size() % sack_block_size != 0) return false;
  for (; !data.empty() && summary.sack_count < tcp_option_summary::max_sack_blocks;
       data = data.subspan(sack_block_size))
    summary.sack_blocks[summary.sack_count++] = {.left = load_be32(data, 0), .right = load_be32(data, 4)};
  return data.empty();
}

/// False when the length is wrong for the kind.
bool read_option(tcp_option_summary& summary, const tcp_option& option) {
  const auto data = option.data;
  switch (option.kind) {
    case tcp_option_kind::end:
    case tcp_option_kind::no_operation:
      return true;
    case tcp_option_kind::maximum_segment_size:
      if (data.size() != 2) return false;
      if (!summary.maximum_segment_size) summary.maximum_segment_size = load_be16(data, 0);
      return true;
    case tcp_option_kind::window_scale:
      if (data.size() != 1) return false;
      if (!summary.window_scale) summary.window_scale = load_u8(data, 0);
      return true;
    case tcp_option_kind::sack_permitted:
      if (!data.empty()) return false;
      summary.sack_permitted = true;
      return true;
    case tcp_option_kind::sack:
      return read_sack(summary, data);
    case tcp_option_kind::timestamps:
      if (data.size() != 8) return false;
      if (!summary.timestamps)
        summary.timestamps = tcp_timestamps{.value = load_be32(data, 0), .echo_reply = load_be32(data, 4)};
      return true;
    case tcp_option_kind::fast_open:
      if (!is_cookie(data)) return false;
      if (!summary.fast_open_cookie) summary.fast_open_cookie = data;
      return true;
    case tcp_option_kind::user_timeout:
    case tcp_option_kind::authentication:
    case tcp_option_kind::multipath:
      break;
  }
  ++summary.unknown_count;
  return true;
}

}  // namespace

std::string describe(tcp_option_kind kind) {
  switch (kind) {
    case tcp_option_kind::end:
      return "end of options";
    case tcp_option_kind::no_operation:
      return "no operation";
    case tcp_option_kind::maximum_segment_size:
      return "maximum segment size";
    case tcp_option_kind::window_scale:
      return "window scale";
    case tcp_option_kind::sack_permitted:
      return "SACK permitted";
    case tcp_option_kind::sack:
      return "SACK";
    case tcp_option_kind::timestamps:
      return "timestamps";
    case tcp_option_kind::user_timeout:
      return "user timeout";
    case tcp_option_kind::authentication:
      return "authentication";
    case tcp_option_kind::multipath:
      return "multipath";
    case tcp_option_kind::fast_open:
      return "fast open";
  }
  return "option " + std::to_string(static_cast<std::uint8_t>(kind));
}

std::optional<tcp_option> tcp_options::next() {
  if (rest_.empty()) return std::nullopt;
  const auto kind = tcp_option_kind{load_u8(rest_, 0)};
  if (kind == tcp_option_kind::end) {
    rest_ = {};
    return std::nullopt;
  }
  if (kind == tcp_option_kind::no_operation) {
    rest_ = rest_.subspan(1);
    return tcp_option{.kind = kind, .data = {}};
  }
  // RFC 9293 §3.2: the length counts kind and length too; 0 and 1 are the classic endless loop.
  const std::size_t length = rest_.size() < option_header_size ? 0 : load_u8(rest_, 1);
  if (length < option_header_size || length > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const tcp_option option{.kind = kind,
                          .data = rest_.subspan(option_header_size, length - option_header_size)};
  rest_ = rest_.subspan(length);
  return option;
}

tcp_option_summary summarize_tcp_options(byte_view options) {
  tcp_option_summary summary;
  tcp_options walk{options};
  while (const auto option = walk.next())
    if (!read_option(summary, *option)) summary.malformed = true;
  if (walk.malformed()) summary.malformed = true;
  return summary;
}

}  // namespace diag::wire
