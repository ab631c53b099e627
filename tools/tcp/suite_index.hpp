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

  /// Calls `found(row)` once for each row that covers the pair, in no particular order; the link of a
  /// link-local address is not looked at. Precondition: the address has a family.
  template <class Found>
  void find(const ip_address& address, std::uint16_t port, Found&& found) const {
    for (auto at_node = leaf_of(address); at_node > 0; at_node /= 2) {
      const auto& held = nodes_[at_node];
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

  static void lay(node& on, const port_set& ports, std::uint32_t row);
  [[nodiscard]] std::size_t v4_intervals() const;
  [[nodiscard]] std::size_t leaf_of(const ip_address& address) const;
  static std::size_t last_from(const node& held, std::uint16_t port);

  std::vector<ip_address> starts_;  // of the elementary intervals, ascending; the last one ends at the top
  std::vector<node> nodes_;         // a heap: 1 is the root, leaves from leaves_ on
  std::size_t leaves_ = 0;
};

}  // namespace diag::tcp
