// The law every ping run must keep: each probe ends exactly once, late and duplicate answers belong to probes
// that ended, and every summary counts what was seen. sent = received + lost + errors + not_sent + pending.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "libdiag/probe/ping_event.hpp"

namespace diag::sim {

class ledger {
 public:
  void take(const probe::ping_event& event);
  /// The first breach of the law in words; empty when there is none. `pending_allowed`: the run was cut
  /// short.
  [[nodiscard]] std::string breach(bool pending_allowed = false) const;

  struct account {
    std::uint64_t received = 0, lost = 0, late = 0, duplicates = 0, errors = 0, not_sent = 0, remarks = 0;
    std::uint64_t rejected = 0;
    std::vector<probe::ping_summary> summaries;
  };
  [[nodiscard]] const account& of(std::uint32_t target) const;
  [[nodiscard]] const probe::ping_summary& summary(std::uint32_t target = 0) const;
  [[nodiscard]] std::size_t targets() const { return accounts_.size(); }
  [[nodiscard]] std::uint64_t rejected(probe::reject_reason why) const {
    return rejected_[static_cast<std::size_t>(why)];
  }
  [[nodiscard]] std::uint64_t rejected() const;

 private:
  enum class fate : std::uint8_t { open, answered, lost, refused, not_sent };
  struct history {
    fate ended = fate::open;
    bool late = false;
  };
  void end(std::uint32_t target, std::uint64_t number, fate how);
  void complain(std::uint32_t target, std::uint64_t number, const char* what);

  std::unordered_map<std::uint64_t, history> probes_;
  std::unordered_map<std::uint32_t, account> accounts_;
  probe::reject_counts rejected_{};
  std::string breach_;
};

}  // namespace diag::sim
