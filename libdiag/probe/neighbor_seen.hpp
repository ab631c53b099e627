// What went by on the link without being asked for: merged, bounded, and told again only now and then, so
// that a storm costs neither memory nor a flood of lines.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/neighbor_book.hpp"

namespace diag::probe {

class neighbor_seen {
 public:
  static constexpr std::size_t most_claims = 1024;
  static constexpr std::size_t most_leaks = 64;
  /// The same claim is told again after that long.
  static constexpr duration told_every = 1s;

  /// True when the user should hear of it.
  bool note(mono_time now, const neighbor_message& said);
  /// An answer under a tag that is not ours.
  void note_leak(const neighbor_message& said);
  /// Into the facts of the run.
  void hand_over(neighbor_facts& into) const;

 private:
  std::vector<seen_claim> claims_;
  std::vector<mono_time> told_;  ///< by claim
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::vector<leaked_answer> leaks_;
  std::uint64_t unseen_ = 0;
};

}  // namespace diag::probe
