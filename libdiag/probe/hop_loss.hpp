// The account of one hop over many rounds, and what its loss means beside that of the hops behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/statistics.hpp"

namespace diag::probe {

/// One address seen at a hop.
struct hop_address {
  ip_address address{};
  std::uint64_t answers = 0;  ///< late ones included
  mono_time first{}, last{};
  hop_state state = hop_state::time_exceeded;  ///< of its latest answer
  reason why = reason::none;
};

/// Distances between the answers of a hop, in rounds, from its first loss on.
struct answer_gaps {
  std::uint64_t count = 0;
  double mean = 0, spread = 0;  ///< spread: sum of squares about the mean
  std::optional<std::uint64_t> last{};
  void add(std::uint64_t round);
};

/// sent = answered + lost + pending.
struct hop_figures {
  std::uint8_t hop = 1;
  std::vector<hop_address> addresses;  ///< in the order in which they appeared
  std::uint64_t sent = 0, answered = 0, lost = 0;
  std::uint64_t late = 0;    ///< of the lost, answered after the timeout
  std::uint64_t errors = 0;  ///< never left this host; not in `sent`
  std::optional<duration> last{};
  rtt_statistics rtt{};
  path_answer latest{};             ///< the latest that came
  std::uint64_t last_run_lost = 0;  ///< probes lost since the last answer
  answer_gaps gaps{};

  [[nodiscard]] std::uint64_t pending() const { return sent - answered - lost; }
  [[nodiscard]] double loss() const {  ///< share of 0..1 of what is decided
    return answered + lost == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(answered + lost);
  }
};

/// What the loss at a hop means, seen together with what lies behind it.
enum class hop_loss : std::uint8_t {
  none,
  rate_limited,  ///< it answers less than it forwards: later hops do not share its loss
  forwarding,    ///< later hops share it: packets are lost on the way to here
  unclear,       ///< too few probes to tell
  silent,        ///< never answers, and later hops do
  beyond,        ///< never answers, and nothing behind it does
};
std::string_view describe(hop_loss what);  // "none", "rate-limited", "forwarding-loss", ...

struct hop_loss_verdict {
  hop_loss what = hop_loss::none;
  double forwarding = 0;  ///< share of 0..1 lost on the way up to here, as the later hops show it
};
/// One verdict for each hop of a target.
std::vector<hop_loss_verdict> judge_loss(std::span<const hop_figures> hops);

}  // namespace diag::probe
