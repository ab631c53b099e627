// clock_gettime(2) behind two names, and the bridge between the kernel's two clocks.
#include "libdiag/io/clock.hpp"

#include <time.h>

namespace diag::io {
namespace {

duration reading(clockid_t which) {
  timespec spec{};
  ::clock_gettime(which, &spec);  // cannot fail for these two clocks
  return std::chrono::seconds{spec.tv_sec} + std::chrono::nanoseconds{spec.tv_nsec};
}

}  // namespace

mono_time now() {
  return mono_time{reading(CLOCK_MONOTONIC)};
}

wall_time wall_now() {
  return wall_time{reading(CLOCK_REALTIME)};
}

clock_bridge::sample clock_bridge::read() {
  // A preemption between the readings looks like a small step: a wide bracket is tried again.
  constexpr duration tight = 5us;
  sample best;
  duration narrowest = duration::max();
  for (int tries = 0; tries < 3 && narrowest > tight; ++tries) {
    const auto before = now();
    const auto wall = wall_now();
    const auto width = now() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, wall};
  }
  return best;
}

void clock_bridge::observe(const sample& both) {
  const auto moved = difference(both) - offset_;
  if (moved > step_tolerance || moved < -step_tolerance) {
    ++steps_;
    // Whatever is read together with this sample was stamped before it: on an unknown side of the step.
    trusted_from_ = both.mono + step_tolerance;
  }
  offset_ = difference(both);
  sampled_at_ = both.mono;
}

std::optional<mono_time> clock_bridge::to_mono(wall_time stamp) const {
  const mono_time at{stamp.time_since_epoch() - offset_};
  if (at <= trusted_from_ || at > sampled_at_ + step_tolerance) return std::nullopt;
  return at;
}

}  // namespace diag::io
