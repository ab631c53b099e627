// When may the next packet go? Absolute schedule (no drift, no burst after a stall), fixed or following the
// answers.
#pragma once

#include <cstdint>

#include "libdiag/core/time.hpp"

namespace diag::probe {

/// Gives out sending slots at a rate. With `adaptive`, the rate starts gently and follows what comes back:
/// while a fair share of the probes is answered it doubles, when the receiver drops or the local queue is
/// full it halves, and into silence it falls back to where it started. So a dead prefix is swept gently and a
/// living one as fast as it answers.
class pace {
 public:
  static constexpr double adaptive_start = 10'000;  ///< packets a second
  static constexpr double adaptive_ceiling = 1'000'000;

  static pace unlimited() { return pace{0, false}; }
  static pace fixed(double packets_per_second) { return pace{packets_per_second, false}; }
  static pace following() { return pace{adaptive_start, true}; }
  /// --rate as all sweeps have it: no cap, or so many a second, or (0) what the answers allow.
  static pace chosen(double packets_per_second, bool no_cap) {
    if (no_cap) return unlimited();
    return packets_per_second > 0 ? fixed(packets_per_second) : following();
  }

  /// So many may go at once at the start, and again after as long a silence as they are worth.
  void allow_burst(double packets) { credit_ = bucket_ = packets; }

  /// May one go now? Taking a slot is separate, so a machine may ask without sending.
  [[nodiscard]] bool ready(mono_time now);
  /// `counts`: an answer is to be expected; retries to the silent say nothing about the network.
  void take(bool counts = true) {
    credit_ -= 1;
    if (counts) ++sent_;
  }
  /// When ready() becomes true. Precondition: ready(now) was false.
  [[nodiscard]] mono_time next() const;

  void answered() { ++answered_; }
  void overrun() { overrun_ = true; }
  [[nodiscard]] double rate() const { return rate_; }

 private:
  pace(double rate, bool adaptive) : rate_{rate}, adaptive_{adaptive} {}
  void adapt(mono_time now);
  [[nodiscard]] double burst() const;

  double rate_;  ///< packets a second, 0 = no cap
  bool adaptive_;
  bool started_ = false;
  bool overrun_ = false;
  double credit_ = 1;
  double bucket_ = 0;  ///< beyond burst()
  mono_time filled_{};
  mono_time window_{};
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace diag::probe
