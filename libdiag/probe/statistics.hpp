// What a run of probes to one target amounts to: RTT, jitter, reordering, loss runs and outages.
// Jitter: RFC 3550 §6.4.1. Reordering: RFC 4737 §3.4. Memory stays flat however long the run is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "libdiag/core/time.hpp"

namespace diag::probe {

/// Quantiles of durations: exact up to 1,024 samples, then from a histogram with 128 steps per power of two
/// (a reported quantile is at most 0.4 % from the sample it stands for). 24 octets until the first sample.
class distribution {
 public:
  void add(duration sample);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The smallest sample that at least `share` (0..1) of the samples do not exceed: nearest rank. Zero if
  /// empty.
  [[nodiscard]] duration quantile(double share) const;

 private:
  static constexpr int steps_bits = 7;
  static constexpr std::size_t bucket_count = (64 - steps_bits + 1) << steps_bits;
  using histogram = std::array<std::uint32_t, bucket_count>;
  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t middle_of(std::size_t bucket);

  std::uint64_t count_ = 0;
  mutable std::vector<std::int64_t> samples_;
  std::unique_ptr<histogram> histogram_;
};

/// Minimum, mean, maximum, population standard deviation (iputils' mdev) and jitter of one target's RTTs.
class rtt_statistics {
 public:
  void add(duration rtt);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] duration min() const { return min_; }
  [[nodiscard]] duration max() const { return max_; }
  [[nodiscard]] duration mean() const;
  [[nodiscard]] duration stddev() const;
  /// RFC 3550: J += (|D| - J) / 16 over consecutive answers; nullopt below two answers.
  [[nodiscard]] std::optional<duration> jitter() const;
  /// Exponentially weighted moving average with gain 1/8, as iputils shows it in flood mode.
  [[nodiscard]] duration ewma() const;
  [[nodiscard]] const distribution& quantiles() const { return quantiles_; }

 private:
  std::uint64_t count_ = 0;
  duration min_{};
  duration max_{};
  double mean_ns_ = 0;  // Welford: no sum of squares to overflow in a year-long run
  double spread_ns2_ = 0;
  double jitter_ns_ = 0;
  double ewma_ns_ = 0;
  duration previous_{};
  distribution quantiles_;
};

/// A stretch without an answer: from the send time of its first lost probe to the send time of the next
/// answered one.
struct outage {
  mono_time start{};
  std::optional<mono_time> end;  ///< nullopt: still out when the run ended
  std::uint64_t lost = 0;
};

/// Loss as runs, in the order in which probes were sent. They end in another one: with an interval shorter
/// than the timeout an answer overtakes the loss of the probe before it, and waits here until that is known.
class loss_runs {
 public:
  /// Outages kept in full; further ones are counted only.
  static constexpr std::size_t kept = 1000;
  enum class outcome : std::uint8_t {
    unknown,  ///< not decided yet
    answered,
    lost,
    not_sent,  ///< says nothing about the path
  };

  /// How the probe with this number (from 1, each once, wrapping) ended.
  void settle(std::uint32_t number, mono_time sent, outcome what);
  /// The run is over: what waits behind a probe that never ended is counted now.
  void flush();
  [[nodiscard]] std::uint64_t longest() const { return longest_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t current() const { return current_; }
  /// Oldest first; the last one may still be open.
  [[nodiscard]] const std::vector<outage>& outages() const { return outages_; }

 private:
  struct settled {
    mono_time sent{};
    outcome what = outcome::unknown;
  };
  void count(const settled& probe);

  std::uint32_t next_ = 1;        ///< number of the first probe not counted yet
  std::vector<settled> waiting_;  ///< from there on; its first `counted_` entries are done with
  std::size_t counted_ = 0;
  std::uint64_t longest_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t current_ = 0;
  bool current_kept_ = false;
  std::vector<outage> outages_;
};

}  // namespace diag::probe
