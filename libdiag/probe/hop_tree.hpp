// What is known of the first hops that many targets share: doubletree's stop set (Donnet et al. 2005).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libdiag/core/address.hpp"

namespace diag::probe {

/// Paths from this host as a tree: who stood before whom.
class hop_tree {
 public:
  /// One path that was traced, hop 1 first; an unset address is a silent hop.
  void add(std::vector<ip_address> path);
  /// The hops before `hop` on the way to `address` at `hop`, hop 1 first; nullopt: not known.
  [[nodiscard]] std::optional<std::vector<ip_address>> before(std::uint8_t hop,
                                                              const ip_address& address) const;
  /// At which hop half of the paths still had something in common: where to begin with the next target.
  [[nodiscard]] std::uint8_t start_hop() const;
};

}  // namespace diag::probe
