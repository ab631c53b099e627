// Time as the machines see it: handed in, never read.
#pragma once

#include <chrono>
#include <cstdint>

namespace diag {

using namespace std::chrono_literals;

/// A monotonic clock without now(): code below `io` cannot read it, the compiler keeps that promise.
/// `io::clock` hands out its time points (CLOCK_MONOTONIC there, virtual time in tests/sim).
struct mono_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<mono_clock, duration>;
  static constexpr bool is_steady = true;
};

using duration = mono_clock::duration;
using mono_time = mono_clock::time_point;

/// Nanoseconds since 1970-01-01 UTC; for records only, never for differences.
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Milliseconds as a real number, for records and sentences.
inline double milliseconds(duration d) {
  return static_cast<double>(d.count()) / 1e6;
}
inline double seconds(duration d) {
  return static_cast<double>(d.count()) / 1e9;
}

}  // namespace diag
