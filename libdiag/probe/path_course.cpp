// Patience.
#include "libdiag/probe/path_course.hpp"

#include <algorithm>

namespace diag::probe {

duration patience_after(std::optional<duration> longest_rtt, duration timeout) {
  if (!longest_rtt) return timeout;
  return std::min(std::max(*longest_rtt * 10, least_patience), timeout);
}

}  // namespace diag::probe
