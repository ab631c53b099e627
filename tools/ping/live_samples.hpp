// What of a run the live view remembers.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/probe/ping_event.hpp"
#include "tools/common/live_history.hpp"

namespace diag::ping {

struct target_sample {
  std::uint32_t target = 0;
  tools::live_sample sample{};
};

/// nullopt: an event that ends no probe (a duplicate, a late answer, a remark).
std::optional<target_sample> sample_of(const probe::ping_event& event);

}  // namespace diag::ping
