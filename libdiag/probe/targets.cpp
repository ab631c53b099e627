// Ranges of addresses: overlap is cut once, lookup is a binary search.
#include "libdiag/probe/targets.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <limits>
#include <map>

namespace diag::probe {

namespace {

struct interval {
  ip_address first;
  ip_address last;
};

/// A range by its first address, as plain numbers: sorting a million is what takes the time.
struct place {
  std::array<std::uint64_t, 2> words;
  std::uint32_t range;
  std::uint32_t scope;
  ip_family family;
  friend bool operator<(const place& a, const place& b) {
    if (a.family != b.family) return a.family < b.family;
    return a.scope != b.scope ? a.scope < b.scope : a.words < b.words;
  }
};

/// The same order for addresses: fe80::1 on one link is not fe80::1 on another.
struct by_link {
  bool operator()(const ip_address& a, const ip_address& b) const {
    if (a.family() != b.family()) return a.family() < b.family();
    return a.scope() != b.scope() ? a.scope() < b.scope() : a < b;
  }
};
constexpr by_link precedes;

/// Disjoint intervals, last address by first address.
using interval_set = std::map<ip_address, ip_address, by_link>;

/// The address in front of `address`, which lies behind `from` (by less than 2^64).
ip_address before(const ip_address& from, const ip_address& address) {
  return from.plus(address.words()[1] - from.words()[1] - 1);
}

/// What is left of `whole` when the intervals seen before are taken out.
std::vector<interval> without(const interval& whole, const interval_set& seen) {
  std::vector<interval> left;
  auto from = whole.first;
  auto next = seen.upper_bound(whole.first);
  if (next != seen.begin() && !precedes(std::prev(next)->second, whole.first)) --next;
  for (; next != seen.end() && !precedes(whole.last, next->first); ++next) {
    if (precedes(from, next->first)) left.push_back({from, before(from, next->first)});
    if (!precedes(next->second, whole.last)) return left;
    from = next->second.plus(1);
  }
  left.push_back({from, whole.last});
  return left;
}

}  // namespace

void target_list::push(const ip_address& first, std::uint64_t count, std::uint64_t stride) {
  ranges_.push_back({first, count, size_, stride});
  size_ += count;
}

void target_list::add(const ip_address& first, std::uint64_t count) {
  if (count == 0 || !first) return;
  // Neighbours named one by one (a file of addresses in order) become one range.
  if (!ranges_.empty()) {
    auto& tail = ranges_.back();
    if (tail.stride == 1 && tail.first.scope() == first.scope() && tail.first.plus(tail.count) == first) {
      tail.count += count;
      size_ += count;
      return;
    }
  }
  push(first, count, 1);
}

void target_list::add(const ip_prefix& prefix) {
  const auto width = prefix.address.is_v4() ? 32U : 128U;
  const auto host_bits = width - prefix.length;
  // An IPv6 prefix of 2^64 addresses or more is cut to the largest count there is; callers refuse it long
  // before.
  const auto count =
      host_bits >= 64 ? std::numeric_limits<std::uint64_t>::max() : std::uint64_t{1} << host_bits;
  add(prefix.first(), count);
}

void target_list::seal() {
  const auto last_of = [&](const range& r) { return r.first.plus(r.count - 1); };
  std::vector<place> places;
  places.reserve(ranges_.size());
  for (std::uint32_t i = 0; i < ranges_.size(); ++i)
    places.push_back({ranges_[i].first.words(), i, ranges_[i].first.scope(), ranges_[i].first.family()});
  std::sort(places.begin(), places.end());
  // Only ranges that touch another one need the slow path; a list without repetition stays as it is.
  std::vector<bool> overlaps(ranges_.size());
  bool any = false;
  for (std::size_t i = 1, reach = 0; i < places.size(); ++i) {
    const auto& widest = ranges_[places[reach].range];
    if (!precedes(last_of(widest), ranges_[places[i].range].first))
      overlaps[places[reach].range] = overlaps[places[i].range] = any = true;
    if (precedes(last_of(widest), last_of(ranges_[places[i].range]))) reach = i;
  }
  if (!any) {
    by_first_.resize(places.size());
    std::transform(places.begin(), places.end(), by_first_.begin(), [](const place& p) { return p.range; });
    return;
  }

  const auto unsealed = std::move(ranges_);
  ranges_.clear();
  size_ = 0;
  interval_set seen;
  for (std::size_t i = 0; i < unsealed.size(); ++i) {
    const auto& r = unsealed[i];
    if (!overlaps[i]) {
      push(r.first, r.count, r.stride);
      continue;
    }
    for (const auto& piece : without({r.first, last_of(r)}, seen)) {
      push(piece.first, piece.last.words()[1] - piece.first.words()[1] + 1, 1);
      seen.emplace(piece.first, piece.last);
    }
  }
  order();
}

void target_list::order() {
  by_first_.resize(ranges_.size());
  for (std::uint32_t i = 0; i < ranges_.size(); ++i) by_first_[i] = i;
  std::sort(by_first_.begin(), by_first_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return precedes(ranges_[a].first, ranges_[b].first);
  });
}

std::optional<std::uint64_t> target_list::find(const ip_address& address) const {
  const auto after = std::upper_bound(
      by_first_.begin(), by_first_.end(), address,
      [this](const ip_address& wanted, std::uint32_t i) { return precedes(wanted, ranges_[i].first); });
  if (after == by_first_.begin()) return std::nullopt;
  const auto& home = ranges_[*(after - 1)];
  if (home.first.family() != address.family() || home.first.scope() != address.scope()) return std::nullopt;
  const auto low = home.first.words();
  const auto wanted = address.words();
  // Ranges are disjoint and no longer than 2^64 addresses.
  const auto distance = wanted[1] - low[1];
  if (wanted[0] - low[0] != (wanted[1] < low[1] ? 1U : 0U)) return std::nullopt;
  if (distance % home.stride != 0 || distance / home.stride >= home.count) return std::nullopt;
  return home.before + distance / home.stride;
}

ip_address target_list::at(std::uint64_t index) const {
  assert(index < size_);
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), index,
                                      [](std::uint64_t wanted, const range& r) { return wanted < r.before; });
  const auto& home = *(after - 1);
  return home.first.plus((index - home.before) * home.stride);
}

bool target_list::has(ip_family family) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const range& r) { return r.first.family() == family; });
}

target_list target_list::shard(std::uint64_t part, std::uint64_t parts) const {
  target_list mine;
  for (const auto& r : ranges_) {
    // The first number at or after r.before that is `part` modulo `parts`.
    const auto skip = (part + parts - r.before % parts) % parts;
    if (skip >= r.count) continue;
    mine.push(r.first.plus(skip * r.stride), (r.count - skip - 1) / parts + 1, parts * r.stride);
  }
  mine.order();
  return mine;
}

}  // namespace diag::probe
