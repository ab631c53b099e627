// Traces: every hop of every target once (or -q times, over --flows flows), as many at once as there is room.
//
// The first probes of a target go out together: hops 1 to `window`, and one with the highest hop limit, which
// shows whether the target answers at all and, where its answer quotes the probe, how far away it is. Every
// answer from further along opens the window further. Probes that reach the target with hops to spare are
// probes of its own hop and stand in its row. The last row is settled when the lowest hop limit that reached
// the target is known. Second and third probes of a hop follow once something is known to answer from there
// or from behind, so that a target is not flooded by those that overshoot it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/hop_tree.hpp"
#include "libdiag/probe/path_course.hpp"
#include "libdiag/probe/trace.hpp"

namespace diag::probe {

class trace_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life.
  trace_course(const trace_config& config, std::span<const path_target> targets);

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t) const override { return config_.timeout; }
  [[nodiscard]] duration patience_for(const path_question& asked) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override { return done_ == targets_.size(); }
  [[nodiscard]] bool wants(std::uint32_t target) const override { return traces_[target] != nullptr; }
  [[nodiscard]] bool knows_enough() const override { return true; }
  /// hop_row (each target's in ascending order, as they become certain), then its path_end.
  std::optional<path_event> next_event() override { return events_.pop(); }

  [[nodiscard]] std::uint32_t targets_done() const { return done_; }

 private:
  struct alarm {
    mono_time at;
    std::uint32_t target;
    friend bool operator>(const alarm& a, const alarm& b) { return a.at > b.at; }
  };

  void begin_more();
  void wake_the_bold(mono_time now);
  void report(std::uint32_t target);

  const trace_config config_;
  std::span<const path_target> targets_;
  std::vector<std::unique_ptr<trace>> traces_;  ///< by target; empty before and after its time
  std::deque<std::uint32_t> curious_;           ///< targets that may have a question, each once
  std::vector<bool> queued_;                    ///< in curious_
  std::vector<mono_time> timed_;                ///< of the alarm that counts; max: none
  std::priority_queue<alarm, std::vector<alarm>, std::greater<>> alarms_;  ///< early is harmless
  hop_tree tree_;
  std::uint32_t begun_ = 0;
  std::uint32_t done_ = 0;
  event_queue<path_event> events_;
};

}  // namespace diag::probe
