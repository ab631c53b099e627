// What the answers for one target amount to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libdiag/probe/neighbor_event.hpp"
#include "libdiag/probe/neighbor_findings.hpp"

namespace diag::arping {

enum class verdict : std::uint8_t { in_use, conflict, no_answer, cannot_tell };
std::string_view describe(verdict what);  // "in-use", "conflict", "no-answer", "cannot-tell"

/// Findings by what they are about.
class finding_index {
 public:
  finding_index() = default;
  /// `alone`: of a run with one target, which everything is about.
  finding_index(std::vector<probe::neighbor_finding> all, bool alone);
  /// Those about this target, then those about one of its owners as such. Borrowed from here.
  [[nodiscard]] std::vector<const probe::neighbor_finding*> of(const probe::neighbor_summary& account) const;
  [[nodiscard]] std::span<const probe::neighbor_finding> all() const { return all_; }

 private:
  std::vector<probe::neighbor_finding> all_;
  std::unordered_multimap<std::uint32_t, std::uint32_t> by_target_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_owner_;
  std::vector<std::uint32_t> of_all_;
};

/// Two hardware addresses are a conflict, unless they are known to be one host's (flux) or one after the
/// other (moved).
verdict verdict_of(const probe::neighbor_summary& account,
                   std::span<const probe::neighbor_finding* const> findings);

/// One target at the end of the run.
struct target_result {
  const probe::neighbor_summary* account = nullptr;
  verdict what = verdict::no_answer;
  std::vector<const probe::neighbor_finding*> findings{};
  std::optional<bool> expected{};  ///< --expect-mac, --expect-free; none: nothing was expected of it
  std::string why{};               ///< why it is not as it should be; may be empty
};

}  // namespace diag::arping
