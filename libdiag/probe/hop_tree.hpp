// What is known of the first hops that many targets share: doubletree's stop set (Donnet et al. 2005).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "libdiag/core/address.hpp"

namespace diag::probe {

/// Paths from this host as a tree: who stood before whom.
class hop_tree {
 public:
  /// One path that was traced, hop 1 first; an unset address is a silent hop.
  void add(const std::vector<ip_address>& path);
  [[nodiscard]] bool empty() const { return paths_ == 0; }
  /// The hops before `hop` on the way to `address` at `hop`, hop 1 first; nullopt: not known.
  [[nodiscard]] std::optional<std::vector<ip_address>> before(std::uint8_t hop,
                                                              const ip_address& address) const;
  /// The highest hop at which one address stands on at least half of the paths, 1 when there is none: where
  /// to begin with the next target.
  [[nodiscard]] std::uint8_t start_hop() const;

 private:
  static constexpr std::uint32_t root = 0;
  struct node {
    ip_address address{};
    std::uint32_t parent = root;
    std::uint32_t paths = 0;
  };
  using place = std::pair<std::uint8_t, ip_address>;

  std::vector<node> nodes_{node{}};
  std::map<place, std::uint32_t> seen_;
  std::uint32_t paths_ = 0;
  std::vector<std::uint32_t> most_{};  ///< by hop from 1 on: paths through the address that most share there
};

}  // namespace diag::probe
