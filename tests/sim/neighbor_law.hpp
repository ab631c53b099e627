// The law every neighbour run must keep: each probe reaches exactly one state, every account is the sum of
// what was told, and an RTT that is said to be certain is the one that the segment knows.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "libdiag/probe/neighbor_run.hpp"

#include "tests/sim/link_segment.hpp"

namespace diag::sim {

/// Equal but for the grain in which stamps are kept.
bool same_rtt(duration told, duration took);

class neighbor_law {
 public:
  neighbor_law(const probe::target_list& targets, const link_segment& segment)
      : targets_{targets}, segment_{segment} {}
  void take(const probe::neighbor_event& event);
  /// The first breach in words; empty when there is none. `cut_short`: the run was interrupted or stopped.
  [[nodiscard]] std::string breach(const probe::neighbor_totals& totals, bool cut_short = false) const;

  struct account {
    std::uint64_t received = 0, lost = 0, not_sent = 0, late = 0, duplicates = 0, answers = 0;
    std::vector<probe::neighbor_summary> summaries;
  };
  [[nodiscard]] const account& of(std::uint32_t target) const;
  /// Answers that nobody can tell from copies of others.
  std::uint64_t strays = 0;
  /// Answers that took longer than the timeout and were paired with a later probe for certain.
  std::uint64_t misjudged = 0;
  std::uint64_t replies = 0, certain = 0, ambiguous = 0, looks = 0;
  std::uint64_t sightings = 0, rejected = 0, changes = 0;
  bool looked = false;      ///< second looks are taken
  duration patience = 1s;   ///< the timeout of the run
  bool truth_known = true;  ///< false: others than stations answer

 private:
  enum class fate : std::uint8_t { open, answered, lost, not_sent };
  struct history {
    fate ended = fate::open;
    std::set<mac_address> heard;
    duration late{};  ///< of an answer that was told as late while it was open
  };
  void take_reply(const probe::neighbor_reply& reply);
  void hold_against_truth(const probe::neighbor_reply& reply);
  void end(std::uint32_t target, std::uint64_t number, fate how);
  void complain(std::uint32_t target, std::uint64_t number, const std::string& what);
  [[nodiscard]] std::string breach_of(std::uint32_t target, const account& seen, bool cut_short) const;

  const probe::target_list& targets_;
  const link_segment& segment_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, history> probes_;
  std::map<std::uint32_t, account> accounts_;
  probe::neighbor_totals sums_{};
  std::string breach_;
};

}  // namespace diag::sim
