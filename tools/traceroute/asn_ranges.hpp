// Ranges of numbers, some inside others, and which of them is the smallest around a number.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace diag::traceroute {

/// IPv6 addresses as numbers; IPv4 addresses are std::uint32_t.
using wide_key = std::array<std::uint64_t, 2>;

inline std::uint32_t next_key(std::uint32_t key) {
  return key + 1;
}
inline wide_key next_key(wide_key key) {
  if (++key[1] == 0) ++key[0];
  return key;
}
inline bool is_last(std::uint32_t key) {
  return key == std::numeric_limits<std::uint32_t>::max();
}
inline bool is_last(const wide_key& key) {
  return key[0] == std::numeric_limits<std::uint64_t>::max() && key[1] == key[0];
}

/// Both ends included. What the numbers say of them is the user's business.
template <class Key>
struct numbered_range {
  Key first{}, last{};
  std::uint32_t number = 0, more = 0;
};

/// Filled, sealed once, then asked: a binary search over the places where the answer changes.
template <class Key>
class range_map {
 public:
  using range = numbered_range<Key>;

  void add(const range& one) { ranges_.push_back(one); }
  [[nodiscard]] std::size_t size() const { return ranges_.size(); }

  void seal() {
    // Outer ranges first; of two equal ones the later line is on top.
    std::stable_sort(ranges_.begin(), ranges_.end(), [](const range& a, const range& b) {
      return a.first != b.first ? a.first < b.first : a.last > b.last;
    });
    steps_.clear();
    steps_.reserve(ranges_.size() + ranges_.size() / 2);
    std::vector<std::uint32_t> open;  // the ranges that are not over, the smallest on top
    for (std::uint32_t at = 0; at < ranges_.size(); ++at) {
      close_before(open, ranges_[at].first);
      step(ranges_[at].first, at);
      open.push_back(at);
    }
    while (!open.empty()) close_one(open);
    steps_.shrink_to_fit();
  }

  /// nullptr: no range holds it.
  [[nodiscard]] const range* find(const Key& key) const {
    const auto behind =
        std::upper_bound(steps_.begin(), steps_.end(), key,
                         [](const Key& wanted, const change& one) { return wanted < one.from; });
    if (behind == steps_.begin()) return nullptr;
    const auto at = std::prev(behind)->place;
    return at == none ? nullptr : &ranges_[at];
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  struct change {
    Key from{};
    std::uint32_t place = none;  ///< in ranges_
  };

  void step(const Key& from, std::uint32_t place) {
    if (!steps_.empty() && steps_.back().from == from)
      steps_.back().place = place;
    else
      steps_.push_back({from, place});
  }

  /// The one on top is over; what goes on behind it is the next that reaches further.
  void close_one(std::vector<std::uint32_t>& open) {
    const auto last = ranges_[open.back()].last;
    while (!open.empty() && !(last < ranges_[open.back()].last)) open.pop_back();
    if (!is_last(last)) step(next_key(last), open.empty() ? none : open.back());
  }

  void close_before(std::vector<std::uint32_t>& open, const Key& first) {
    while (!open.empty() && ranges_[open.back()].last < first) close_one(open);
  }

  std::vector<range> ranges_;
  std::vector<change> steps_;
};

}  // namespace diag::traceroute
