// The law every TCP run must keep: each pair ends in exactly one state, remarks about it come when they may,
// every summary counts what was seen, and every segment that left is accounted for: sent = the attempts of
// all results + those of what is pending; asked = results + pending.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"
#include "libdiag/probe/tcp_run.hpp"

namespace diag::sim {

class tcp_ledger {
 public:
  /// `plan` is borrowed. One octet a pair and round.
  tcp_ledger(const probe::tcp_plan& plan, const probe::tcp_pacing& pacing);
  void take(const probe::tcp_event& event);
  /// What the machine and its host counted, at the end of a run.
  struct counted {
    probe::tcp_summary totals{};
    std::uint64_t asked = 0;  ///< pairs taken from the course
    std::uint64_t left = 0;   ///< segments that left the host
  };
  /// The first breach in words; empty when there is none. `cut_short`: pairs may be pending or never asked.
  [[nodiscard]] std::string breach(const counted& by_machine, bool cut_short = false) const;

  [[nodiscard]] std::uint64_t results() const { return results_; }
  [[nodiscard]] std::uint64_t count(probe::tcp_state state) const {
    return states_[static_cast<std::size_t>(state)];
  }
  [[nodiscard]] std::uint64_t anomalies() const;
  [[nodiscard]] std::uint64_t anomalies(probe::reject_reason why) const {
    return anomalies_[static_cast<std::size_t>(why)];
  }
  /// Of a target; an empty one when none came.
  [[nodiscard]] const probe::tcp_summary& summary(std::uint32_t target = 0) const;
  [[nodiscard]] bool asked(const probe::tcp_pair& pair, std::uint64_t round = 1) const;

 private:
  void complain(const probe::tcp_result& result, const char* what);
  void take_result(const probe::tcp_result& result);
  void take_anomaly(const probe::tcp_anomaly& what);
  /// Where a pair's octet is: 0 not decided, otherwise its state plus one.
  [[nodiscard]] std::size_t place(const probe::tcp_pair& pair, std::uint64_t round) const;

  const probe::tcp_plan& plan_;
  probe::tcp_pacing pacing_;
  std::vector<std::uint32_t> port_rows_;  ///< by port
  std::size_t width_ = 0;                 ///< octets of one target
  std::vector<std::uint8_t> decided_;
  probe::tcp_state_counts states_{};
  std::array<std::uint64_t, probe::reject_reason_count> anomalies_{};
  std::uint64_t results_ = 0;
  std::uint64_t attempts_ = 0;
  std::unordered_map<std::uint32_t, probe::tcp_summary> summaries_;
  probe::tcp_summary summed_;
  std::uint64_t summary_count_ = 0;
  std::string breach_;
};

}  // namespace diag::sim
