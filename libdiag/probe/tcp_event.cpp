// The words of the TCP events: one each, the same in text, records and manual.
#include "libdiag/probe/tcp_event.hpp"

namespace diag::probe {

std::string_view describe(tcp_state state) {
  static constexpr std::array<std::string_view, tcp_state_count> words{"open",     "closed",      "filtered",
                                                                       "rejected", "unreachable", "error"};
  const auto row = static_cast<std::size_t>(state);
  return row < words.size() ? words[row] : "unknown";
}

std::string_view describe(tcp_oddity one) {
  switch (one) {
    case tcp_oddity::zero_window:
      return "zero-window";
    case tcp_oddity::zero_mss:
      return "tiny-mss";
    case tcp_oddity::malformed_options:
      return "malformed-options";
    case tcp_oddity::cookie_like:
      return "cookie-like";
    case tcp_oddity::checksum_unverified:
      return "checksum-unverified";
    case tcp_oddity::clock_step:
      return "clock-step";
    case tcp_oddity::answered_retry:
      return "answered-retry";
    case tcp_oddity::late_attempt:
      return "late-attempt";
    case tcp_oddity::reset_after_open:
      return "reset-after-open";
    case tcp_oddity::closed_after_open:
      return "closed-after-open";
  }
  return "unknown";
}

std::string_view describe(tcp_dialogue::ending how) {
  switch (how) {
    case tcp_dialogue::ending::none:
      return "none";
    case tcp_dialogue::ending::fin:
      return "fin";
    case tcp_dialogue::ending::reset:
      return "reset";
    case tcp_dialogue::ending::timeout:
      return "timeout";
    case tcp_dialogue::ending::enough:
      return "enough";
  }
  return "unknown";
}

std::string_view describe(tcp_finding one) {
  switch (one) {
    case tcp_finding::reset_by_device:
      return "reset-by-device";
    case tcp_finding::open_everywhere:
      return "open-everywhere";
    case tcp_finding::icmp_rate_limited:
      return "icmp-rate-limited";
    case tcp_finding::loss:
      return "loss";
    case tcp_finding::conflict:
      return "conflict";
    case tcp_finding::syn_ack_by_device:
      return "syn-ack-by-device";
  }
  return "unknown";
}

}  // namespace diag::probe
