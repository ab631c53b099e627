// Several owners of one address: at odds, one after the other, or one host with several interfaces (ARP
// flux).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libdiag/probe/neighbor_findings.hpp"

namespace diag::probe {

/// Each of them answered until the next one began, and no probe was answered by two.
bool took_turns(const owned_address& target);

/// Which owners meet again at other addresses. Twenty octets an owner of a contested address.
class rival_book {
 public:
  /// `finding`: whose kind it decides. Precondition: two owners or more.
  void add(std::size_t finding, std::span<const neighbor_owner> owners);

  struct same_owners {
    std::size_t finding = 0;
    std::uint64_t addresses = 0;  ///< two or more that all these owners answer for
  };
  /// Call it once.
  std::vector<same_owners> settle();

 private:
  /// An owner and the next one, by hardware address.
  struct pair {
    mac_address first{}, second{};
    std::uint32_t conflict = 0;
    friend auto operator<=>(const pair&, const pair&) = default;
  };

  std::vector<pair> pairs_;
  std::vector<same_owners> conflicts_;
};

}  // namespace diag::probe
