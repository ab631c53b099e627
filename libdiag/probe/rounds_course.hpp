// The same paths again and again: mtr's statistics (--report N, --live).
//
// A round asks every hop of every target once, from the first to the target's. Its first round looks as far
// as a trace does; where the target is known its further hops are not asked. A path that changes is followed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/path_course.hpp"
#include "libdiag/probe/statistics.hpp"

namespace diag::probe {

struct rounds_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t window = 16;
  std::uint16_t flows = 1;    ///< a round takes the next flow
  std::uint64_t rounds = 10;  ///< 0: until interrupted
  duration interval = 1s;     ///< from round to round
  duration timeout = 3s;      ///< -W: an answer that takes longer is late, and its probe lost
};

/// One address seen at a hop.
struct hop_address {
  ip_address address{};
  std::uint64_t answers = 0;
  mono_time first{}, last{};
  hop_state state = hop_state::time_exceeded;  ///< of its latest answer
  reason why = reason::none;
};

/// The account of one hop. sent = answered + lost + pending.
struct hop_figures {
  std::uint8_t hop = 1;
  std::vector<hop_address> addresses;  ///< in the order in which they appeared
  std::uint64_t sent = 0, answered = 0, lost = 0, late = 0, errors = 0;
  std::optional<duration> last{};
  rtt_statistics rtt{};
  path_answer latest{};             ///< the latest that came
  std::uint64_t last_run_lost = 0;  ///< probes lost since the last answer

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

class rounds_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life.
  rounds_course(const rounds_config& config, std::span<const path_target> targets);

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t) const override { return config_.timeout; }
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override;
  /// path_result for every probe as it ends, and path_end for each target at the end of the run.
  std::optional<path_event> next_event() override { return events_.pop(); }

  /// The hops of a target from the first to the last that matters, also while the run goes on.
  [[nodiscard]] std::span<const hop_figures> hops(std::uint32_t target) const;
  [[nodiscard]] std::uint64_t round() const { return round_; }
  /// Forgets all figures, keeps the paths (mtr's key r).
  void reset();
  /// No question until resumed (mtr's key p).
  void pause(bool on);

 private:
  rounds_config config_;
  std::span<const path_target> targets_;
  std::uint64_t round_ = 0;
  event_queue<path_event> events_;
};

}  // namespace diag::probe
