// ICMP errors, replies and segments that look like answers to a path's probes and are not: broken stacks,
// strangers, and attackers who see everything but the numbers, or nothing at all.
#pragma once

#include "libdiag/core/random.hpp"

#include "tests/sim/path_packets.hpp"

namespace diag::sim {

/// A random one made from a probe as it was sent: quotes of noise, cut and bent quotes, wrong ports,
/// addresses, identifiers and checksums, right ports with wrong numbers, replies to what was never asked.
packet forge_answer(const packet& probe, seeded_random& random);

}  // namespace diag::sim
