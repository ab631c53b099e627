// A token bucket that holds about one millisecond, refilled by absolute time.
#include "libdiag/probe/pace.hpp"

#include <algorithm>

#include "libdiag/core/rounding.hpp"

namespace diag::probe {

namespace {
constexpr duration window_length = 5ms;
constexpr double fair_share =
    0.25;  // of the probes answered within one window: the network is alive and keeping up
}  // namespace

double pace::burst() const {
  // One to send, and what fell due within a millisecond: a host that wakes a little late keeps the rate.
  return std::max(std::min(1 + rate_ / 1000, 256.0), bucket_);
}

bool pace::ready(mono_time now) {
  if (rate_ <= 0) return true;
  if (!started_) {
    started_ = true;
    filled_ = window_ = now;
    return true;
  }
  if (adaptive_ && now - window_ >= window_length) adapt(now);
  // A stall longer than the bucket is forgotten: the slots of the past are not made up for.
  credit_ = std::min(burst(), credit_ + seconds(now - filled_) * rate_);
  filled_ = now;
  return credit_ >= 1;
}

mono_time pace::next() const {
  if (rate_ <= 0) return filled_;
  const auto missing = std::max(0.0, 1 - credit_) / rate_;
  return filled_ + duration{ceil_to_integer(missing * 1e9)};
}

void pace::adapt(mono_time now) {
  if (overrun_) {
    rate_ = std::max(rate_ / 2, adaptive_start / 10);
  } else if (sent_ > 0 && static_cast<double>(answered_) >= fair_share * static_cast<double>(sent_)) {
    rate_ = std::min(rate_ * 2, adaptive_ceiling);
  } else if (sent_ > 0 && rate_ > adaptive_start) {
    rate_ = std::max(rate_ / 2, adaptive_start);
  }
  overrun_ = false;
  sent_ = answered_ = 0;
  window_ = now;
}

}  // namespace diag::probe
