// The only readers of the clock, and the bridge from the kernel's wall-clock packet stamps to monotonic time.
//
// The kernel stamps packets with CLOCK_REALTIME only. On Linux CLOCK_REALTIME and CLOCK_MONOTONIC are slewed
// together, so their difference is constant until somebody steps the wall clock. The bridge samples that
// difference once per batch of reads: while it stays put stamps convert exactly; when it jumps, the stamps of
// that batch may lie on either side of the step and are refused, so that a round-trip time never holds a
// step.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/time.hpp"

namespace diag::io {

/// CLOCK_MONOTONIC.
mono_time now();
/// CLOCK_REALTIME; for records.
wall_time wall_now();

class clock_bridge {
 public:
  /// Both clocks at one instant.
  struct sample {
    mono_time mono{};
    wall_time wall{};
  };
  /// More movement of the difference than this is a step; less is the noise of reading two clocks in turn.
  static constexpr duration step_tolerance = 500us;

  /// Reads both clocks, the wall clock between two monotonic readings; the tightest of up to three tries.
  static sample read();

  clock_bridge() : clock_bridge{read()} {}
  explicit clock_bridge(sample first) : offset_{difference(first)}, sampled_at_{first.mono} {}

  /// Call once after reading a batch of stamps and before converting them.
  void refresh() { observe(read()); }
  /// The same with an injected sample.
  void observe(const sample& both);

  /// The stamp on the monotonic clock; nullopt when the wall clock was stepped since the sample before, or
  /// the stamp lies after the sample (a stamp from before a backward step).
  [[nodiscard]] std::optional<mono_time> to_mono(wall_time stamp) const;
  /// For records; exact while the clock is not stepped.
  [[nodiscard]] wall_time wall_of(mono_time at) const { return wall_time{at.time_since_epoch() + offset_}; }
  /// How often the wall clock was stepped.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  static duration difference(const sample& both) {
    return both.wall.time_since_epoch() - both.mono.time_since_epoch();
  }

  duration offset_;
  mono_time sampled_at_;
  mono_time trusted_from_ = mono_time::min();  ///< stamps from before the last step seen are refused
  std::uint64_t steps_ = 0;
};

}  // namespace diag::io
