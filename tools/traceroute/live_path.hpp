// What the live view remembers of paths: the latest probes of every hop, and how their RTTs vary.
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_event.hpp"
#include "tools/common/live_history.hpp"
#include "tools/traceroute/hop_table.hpp"

namespace diag::traceroute {

class live_paths {
 public:
  /// `timeout`: how long a silent probe was waited for, which tells when it left.
  live_paths(std::size_t targets, std::uint8_t last_hop, duration timeout);

  /// Answers that came late change nothing: their probes are lost already.
  void add(const probe::path_result& result);
  void clear();
  /// Precondition of both: a target of the run, and a hop from 1 to the last.
  [[nodiscard]] tools::live_bins bins(std::uint32_t target, std::uint8_t hop, mono_time now,
                                      int columns) const;
  [[nodiscard]] const hop_jitter& jitter(std::uint32_t target, std::uint8_t hop) const;

 private:
  [[nodiscard]] std::size_t line_of(std::uint32_t target, std::uint8_t hop) const {
    return target * hops_ + hop - 1U;
  }
  std::size_t hops_;
  duration timeout_;
  tools::live_history history_;
  std::vector<hop_jitter> jitter_;
};

}  // namespace diag::traceroute
