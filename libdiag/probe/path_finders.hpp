// The parts of find_oddities(): each appends what it sees, in no particular order.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/path_findings.hpp"

namespace diag::probe {

/// A router that shows itself. Time exceeded in reassembly (code 1) comes from a host that waited for
/// fragments, and marks no hop.
inline bool marks_hop(const path_answer& answer) {
  return answer.state == hop_state::time_exceeded && answer.why != reason::reassembly_time_exceeded &&
         static_cast<bool>(answer.from);
}
inline bool has_answer(const path_answer& answer) {
  return answer.state != hop_state::silent && answer.state != hop_state::error;
}

struct path_view {
  const path_target& target;
  std::span<const hop_row> rows;
  const path_end& end;
};

/// Quotes against what was sent: path_changes.cpp.
void find_changes(const path_view& path, std::vector<path_finding>& into);
/// Hop limits of answers and quotes: path_lengths.cpp.
void find_lengths(const path_view& path, std::vector<path_finding>& into);

}  // namespace diag::probe
