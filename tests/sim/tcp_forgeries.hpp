// Segments that look like the answer to a probe and are not: what strangers, broken stacks, faulty boxes and
// attackers send. Each comes with the reason for which it must not be believed.
#pragma once

#include <optional>
#include <span>

#include "libdiag/probe/verdict.hpp"

#include "tests/sim/tcp_packets.hpp"

namespace diag::sim {

struct tcp_forgery {
  const char* name;
  /// nullopt: it is not even for us, and nothing is said of it.
  std::optional<probe::reject_reason> why;
  /// From a SYN as it was sent; an empty packet where the family knows no such thing.
  packet (*make)(const packet& probe);
};
std::span<const tcp_forgery> tcp_forgeries();

}  // namespace diag::sim
