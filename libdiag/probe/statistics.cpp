// Running statistics; no sample is kept beyond the first 1,024.
#include "libdiag/probe/statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "libdiag/core/rounding.hpp"

namespace diag::probe {

namespace {
constexpr std::size_t exact_samples = 1024;
}

std::size_t distribution::bucket_of(std::uint64_t value) {
  const std::size_t width = std::bit_width(value);
  if (width <= steps_bits) return value;
  const auto shift = width - steps_bits - 1;
  // The top bit is implied by the row, the next `steps_bits` choose the step.
  return (shift + 1) << steps_bits | ((value >> shift) & ((1U << steps_bits) - 1));
}

std::uint64_t distribution::middle_of(std::size_t bucket) {
  const auto row = bucket >> steps_bits;
  const auto step = std::uint64_t{bucket} & ((1U << steps_bits) - 1);
  if (row == 0) return step;
  const auto shift = row - 1;
  return ((std::uint64_t{1} << steps_bits | step) << shift) + ((std::uint64_t{1} << shift) >> 1);
}

void distribution::add(duration sample) {
  const auto value = std::max<std::int64_t>(sample.count(), 0);
  ++count_;
  if (!histogram_) {
    samples_.push_back(value);
    if (samples_.size() <= exact_samples) return;
    histogram_ = std::make_unique<histogram>();
    for (const auto kept : samples_) ++(*histogram_)[bucket_of(static_cast<std::uint64_t>(kept))];
    samples_ = {};
    return;
  }
  ++(*histogram_)[bucket_of(static_cast<std::uint64_t>(value))];
}

duration distribution::quantile(double share) const {
  if (count_ == 0) return {};
  const auto wanted = ceil_to_integer(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1);
  if (!histogram_) {
    const auto nth = samples_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(samples_.begin(), nth, samples_.end());
    return duration{*nth};
  }
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < histogram_->size(); ++bucket) {
    seen += (*histogram_)[bucket];
    if (seen >= rank) return duration{static_cast<std::int64_t>(middle_of(bucket))};
  }
  return {};
}

void rtt_statistics::add(duration rtt) {
  ++count_;
  min_ = count_ == 1 ? rtt : std::min(min_, rtt);
  max_ = std::max(max_, rtt);
  const auto value = static_cast<double>(rtt.count());
  const auto delta = value - mean_ns_;
  mean_ns_ += delta / static_cast<double>(count_);
  spread_ns2_ += delta * (value - mean_ns_);
  if (count_ == 1) {
    ewma_ns_ = value;
  } else {
    // RFC 3550 §6.4.1: the difference of two transit times is, for echoes, the difference of two RTTs.
    const auto change = std::abs(static_cast<double>((rtt - previous_).count()));
    jitter_ns_ += (change - jitter_ns_) / 16;
    ewma_ns_ += (value - ewma_ns_) / 8;
  }
  previous_ = rtt;
  quantiles_.add(rtt);
}

duration rtt_statistics::mean() const {
  return duration{round_to_integer(mean_ns_)};
}

duration rtt_statistics::stddev() const {
  return count_ == 0 ? duration{}
                     : duration{round_to_integer(std::sqrt(spread_ns2_ / static_cast<double>(count_)))};
}

std::optional<duration> rtt_statistics::jitter() const {
  if (count_ < 2) return std::nullopt;
  return duration{round_to_integer(jitter_ns_)};
}

duration rtt_statistics::ewma() const {
  return duration{round_to_integer(ewma_ns_)};
}

void loss_runs::settle(std::uint32_t number, mono_time sent, outcome what) {
  if (number == next_ && waiting_.empty()) {
    count({sent, what});
    ++next_;
    return;
  }
  const auto row = counted_ + (number - next_);
  if (row >= waiting_.size()) waiting_.resize(row + 1);
  waiting_[row] = {sent, what};
  for (; counted_ < waiting_.size() && waiting_[counted_].what != outcome::unknown; ++counted_, ++next_)
    count(waiting_[counted_]);
  // Half of it gone is often enough: each entry is moved once on average.
  if (counted_ * 2 < waiting_.size()) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(counted_));
  counted_ = 0;
}

void loss_runs::flush() {
  for (; counted_ < waiting_.size(); ++counted_, ++next_) count(waiting_[counted_]);
  waiting_ = {};
  counted_ = 0;
}

void loss_runs::count(const settled& probe) {
  if (probe.what == outcome::answered) {
    if (current_ != 0 && current_kept_) outages_.back().end = probe.sent;
    current_ = 0;
  } else if (probe.what == outcome::lost) {
    if (current_ == 0) {
      ++count_;
      current_kept_ = outages_.size() < kept;
      if (current_kept_) outages_.push_back({probe.sent, std::nullopt, 0});
    }
    ++current_;
    if (current_kept_) outages_.back().lost = current_;
    longest_ = std::max(longest_, current_);
  }
}

}  // namespace diag::probe
