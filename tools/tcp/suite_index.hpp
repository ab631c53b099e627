// Which rows cover this port of this address? A segment tree over the ends of all address blocks; each node
// holds its port intervals sorted, so that a question costs the depth and the answers.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "tools/tcp/policy.hpp"

namespace diag::tcp {

class suite_index {
 public:
  explicit suite_index(const std::vector<policy_row>& rows);

  /// Calls `found(row)` once for each row that covers the pair, in no particular order.
  template <class Found>
  void find(const ip_address& address, std::uint16_t port, Found&& found) const {
    const auto leaf = leaf_of(address);
    for (auto node = leaf == none ? 0 : leaf; node > 0; node /= 2) {
      const auto& held = nodes_[node];
      // Backwards from the last interval that begins at or below the port; `reach` is the highest end up to
      // there, so below it nothing can cover the port any more.
      for (auto at = last_from(held, port); at > 0 && held[at - 1].reach >= port; --at)
        if (held[at - 1].last >= port) found(held[at - 1].row);
    }
  }

 private:
  struct interval {
    std::uint16_t first = 0, last = 0;
    std::uint16_t reach = 0;
    std::uint32_t row = 0;
  };
  using node = std::vector<interval>;
  static constexpr std::size_t none = ~std::size_t{0};

  [[nodiscard]] std::size_t leaf_of(const ip_address& address) const;
  static std::size_t last_from(const node& held, std::uint16_t port);

  std::vector<ip_address> starts_;  // of the elementary intervals, ascending; the last one ends at the top
  std::vector<node> nodes_;         // a heap: 1 is the root, leaves from leaves_ on
  std::size_t leaves_ = 0;
};

}  // namespace diag::tcp
