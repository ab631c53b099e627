// Words of what the machines that ask for neighbours report.
#include "libdiag/probe/neighbor_event.hpp"

namespace diag::probe {

std::string_view describe(asked_by way) {
  return way == asked_by::unicast ? "unicast" : "broadcast";
}

}  // namespace diag::probe
