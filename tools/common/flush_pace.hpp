// When buffered results should reach their reader.
#pragma once

#include "libdiag/core/time.hpp"

namespace diag::tools {

/// Flushing after every round would cost a sweep a system call for each batch of answers.
class flush_pace {
 public:
  explicit flush_pace(duration period) : period_{period} {}
  bool due(mono_time now) {
    if (now < next_) return false;
    next_ = now + period_;
    return true;
  }

 private:
  duration period_;
  mono_time next_ = mono_time::min();
};
inline constexpr duration sweep_flush_period = 50ms;

}  // namespace diag::tools
