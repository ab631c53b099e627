// Rows into the tree: each block is laid on the O(log n) nodes that make it up.
#include "tools/tcp/suite_index.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace diag::tcp {

suite_index::suite_index(const std::vector<policy_row>& rows) {
  // Each family begins a new interval, so that the top of one never runs on into the next.
  starts_.push_back(ip_address::v4(0));
  starts_.push_back(ip_address::from_bytes(std::array<std::byte, 16>{}));
  const auto end_of = [](const tools::address_block& block) { return block.first.plus(block.count); };
  // Past the top of the family plus() begins again below.
  const auto ends = [&](const tools::address_block& block) { return end_of(block) > block.first; };
  for (const auto& row : rows)
    for (const auto& block : row.blocks) {
      starts_.push_back(block.first);
      if (ends(block)) starts_.push_back(end_of(block));
    }
  const auto before = [](const ip_address& a, const ip_address& b) { return (a <=> b) < 0; };
  const auto same = [](const ip_address& a, const ip_address& b) { return (a <=> b) == 0; };
  std::sort(starts_.begin(), starts_.end(), before);
  starts_.erase(std::unique(starts_.begin(), starts_.end(), same), starts_.end());
  leaves_ = std::bit_ceil(starts_.size());
  nodes_.resize(2 * leaves_);

  const auto number_of = [&](const ip_address& address) {
    return static_cast<std::size_t>(std::lower_bound(starts_.begin(), starts_.end(), address, before) -
                                    starts_.begin());
  };
  const auto end_of_family = [v4 = v4_intervals(), all = starts_.size()](ip_family family) {
    return family == ip_family::v4 ? v4 : all;
  };
  for (std::uint32_t number = 0; number < rows.size(); ++number)
    for (const auto& block : rows[number].blocks) {
      auto from = leaves_ + number_of(block.first);
      auto to = leaves_ + (ends(block) ? number_of(end_of(block)) : end_of_family(block.first.family()));
      for (; from < to; from /= 2, to /= 2) {
        if (from % 2 == 1) lay(nodes_[from++], rows[number].ports, number);
        if (to % 2 == 1) lay(nodes_[--to], rows[number].ports, number);
      }
    }
  for (auto& held : nodes_) {
    std::sort(held.begin(), held.end(), [](const interval& a, const interval& b) {
      return a.first != b.first ? a.first < b.first : a.row < b.row;
    });
    std::uint16_t reach = 0;
    for (auto& one : held) one.reach = reach = std::max(reach, one.last);
  }
}

std::size_t suite_index::v4_intervals() const {
  return static_cast<std::size_t>(
      std::count_if(starts_.begin(), starts_.end(), [](const ip_address& one) { return one.is_v4(); }));
}

void suite_index::lay(node& on, const port_set& ports, std::uint32_t row) {
  for (const auto& [first, last] : ports.intervals()) on.push_back({first, last, 0, row});
}

std::size_t suite_index::leaf_of(const ip_address& address) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), address,
                                      [](const ip_address& a, const ip_address& b) { return (a <=> b) < 0; });
  return leaves_ + static_cast<std::size_t>(after - starts_.begin()) - 1;
}

std::size_t suite_index::last_from(const node& held, std::uint16_t port) {
  const auto after =
      std::upper_bound(held.begin(), held.end(), port,
                       [](std::uint16_t value, const interval& one) { return value < one.first; });
  return static_cast<std::size_t>(after - held.begin());
}

}  // namespace diag::tcp
