// Frames that look like the answer to a question for an address and are not: broken stacks, strangers, other
// networks on the same wire, attackers. Each comes with the reason for which it must not be believed.
#pragma once

#include <optional>
#include <span>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/verdict.hpp"

#include "tests/sim/link_packets.hpp"

namespace diag::sim {

/// `mac` is said to have `address`.
struct lie {
  mac_address mac{};
  ip_address address{};
};

struct link_forgery {
  const char* name;
  /// nullopt: nothing is said of it, or it is a sighting.
  std::optional<probe::reject_reason> why;
  packet (*make)(const lie& it);  ///< to us (link_stage.hpp)
};
std::span<const link_forgery> link_forgeries(ip_family family);

/// One of them with noise where noise changes nothing, or a frame of nothing but noise.
packet random_forgery(seeded_random& random, const mac_address& mac, const ip_address& address);

}  // namespace diag::sim
