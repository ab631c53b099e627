// What a live view remembers: the latest probes of each line (a target, a hop), in rings that cannot grow
// with the run.
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/time.hpp"

namespace diag::tools {

/// One probe whose fate is known.
struct live_sample {
  enum class fate : std::uint8_t { answered, lost, refused, not_sent };
  mono_time sent{};
  duration rtt{};  ///< answered
  fate what = fate::lost;
};

/// The samples of one column of a graph together.
struct live_bin {
  duration worst{};  ///< longest RTT
  std::uint32_t answered = 0;
  std::uint32_t lost = 0;  ///< lost or refused
  std::uint32_t not_sent = 0;
};

/// Neighbouring stretches of time of equal length, the newest last.
struct live_bins {
  duration step{};
  std::vector<live_bin> columns;
  [[nodiscard]] duration worst() const;
};

class live_history {
 public:
  /// All rings together hold about this many samples, shared by the lines, but at least `least` each.
  static constexpr std::size_t budget = std::size_t{1} << 18;
  static constexpr std::size_t least = 32;
  static constexpr std::size_t most = 4096;

  explicit live_history(std::size_t lines);
  /// Samples come in the order in which fates are known; a line that is not there is ignored.
  void add(std::size_t line, const live_sample& sample);
  /// Forgets all samples.
  void clear();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t size(std::size_t line) const { return rings_[line].samples.size(); }
  /// Lines whose latest probe failed. A timeout that comes after a later probe's answer does not count.
  [[nodiscard]] std::size_t down() const { return down_; }
  [[nodiscard]] bool is_down(std::size_t line) const { return rings_[line].down; }
  /// The latest `columns` bins up to `now`. A bin is as long as probes are apart, rounded up to a step that
  /// people count in; the borders are fixed for a line, so a drawing moves by whole columns.
  [[nodiscard]] live_bins bins(std::size_t line, mono_time now, int columns) const;

 private:
  struct track {
    std::vector<live_sample> samples;
    std::size_t oldest = 0;  ///< once full
    std::uint64_t total = 0;
    mono_time first{};   ///< of the run, not of the ring
    mono_time newest{};  ///< sent last of those whose fate is known
    bool down = false;
  };

  std::size_t capacity_;
  std::vector<track> rings_;
  std::size_t down_ = 0;
};

}  // namespace diag::tools
