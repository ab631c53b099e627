// What a run asks of its paths, and in which order: the half of the machine that thinks. The other half,
// path_run, sends, times and recognises.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

class path_course {
 public:
  path_course() = default;
  path_course(const path_course&) = delete;
  path_course& operator=(const path_course&) = delete;
  virtual ~path_course() = default;

  /// The next probe to send; nullopt: none for now. Called only when one may be sent at once, so what is
  /// returned counts as asked; hear() is called for it exactly once with `late` false, and perhaps once more
  /// with an answer that came late.
  virtual std::optional<path_question> next(mono_time now) = 0;
  /// When next() may have one by itself, without being told anything; nullopt: never.
  [[nodiscard]] virtual std::optional<mono_time> next_at() const = 0;
  virtual void hear(mono_time now, const path_question& asked, path_answer&& answer) = 0;
  /// How long an unanswered probe of this target is waited for, as of now. May change with every answer, and
  /// never exceeds the run's timeout (path_run sees to that).
  [[nodiscard]] virtual duration patience(std::uint32_t target) const = 0;
  /// The same for one question, where it depends on the hop too; it does on nothing else.
  [[nodiscard]] virtual duration patience_for(const path_question& asked) const {
    return patience(asked.target);
  }
  /// No further questions: the events must say what is known. Probes still in flight are not told of any
  /// more.
  virtual void cut_short(mono_time now) = 0;
  /// Nothing to ask, now or later. The run ends when also nothing is in flight.
  [[nodiscard]] virtual bool done() const = 0;
  /// False: what is in flight to this target would change nothing any more, so it need not be waited for.
  [[nodiscard]] virtual bool wants(std::uint32_t target) const {
    static_cast<void>(target);
    return true;
  }
  /// With done(): answers to what is still in flight would change nothing, so nobody need wait for them.
  [[nodiscard]] virtual bool knows_enough() const { return false; }
  virtual std::optional<path_event> next_event() = 0;
};

/// How long a probe is waited for that is no further away than what has answered: ten times the longest RTT
/// of the path, at least `least_patience`; the whole timeout while nothing has answered.
inline constexpr duration least_patience = 8ms;
duration patience_after(std::optional<duration> longest_rtt, duration timeout);

}  // namespace diag::probe
