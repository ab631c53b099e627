// Blocks of targets that share a set of ports.
//
// Requests whose ports differ may overlap. Then the address space is cut at every first and last address,
// each piece gets the union of the ports asked of it, and the pieces stand in the order in which they were
// first mentioned.
#include "libdiag/probe/tcp_plan.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>
#include <set>

namespace diag::probe {

namespace {

/// fe80::1 on one link is not fe80::1 on another.
struct by_link {
  bool operator()(const ip_address& a, const ip_address& b) const {
    if (a.family() != b.family()) return a.family() < b.family();
    return a.scope() != b.scope() ? a.scope() < b.scope() : a < b;
  }
};

/// SplitMix64's finalizer: every bit of the input moves every bit of the output.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

std::size_t tcp_plan::port_set(std::span<const std::uint16_t> ports) {
  std::vector<std::uint16_t> set;
  std::vector<bool> seen(65536);
  for (const auto port : ports) {
    if (seen[port]) continue;
    seen[port] = true;
    set.push_back(port);
  }
  const auto [known, fresh] = known_sets_.try_emplace(std::move(set), port_sets_.size());
  if (fresh) port_sets_.push_back(known->first);
  return known->second;
}

void tcp_plan::add(const ip_address& first, std::uint64_t count, std::span<const std::uint16_t> ports) {
  if (count == 0 || !first || ports.empty()) return;
  // A file of a million lines has the same ports a million times.
  if (requests_.empty() || !std::ranges::equal(ports, last_ports_)) {
    last_ports_.assign(ports.begin(), ports.end());
    last_set_ = port_set(ports);
  }
  requests_.push_back({first, count, last_set_});
}

void tcp_plan::add(const ip_prefix& prefix, std::span<const std::uint16_t> ports) {
  target_list one;
  one.add(prefix);
  add(prefix.first(), one.size(), ports);
}

std::vector<tcp_plan::piece> tcp_plan::cut_apart() {
  struct mark {
    ip_address at;
    std::uint32_t request;
    bool opens;
    bool over_the_top = false;  // an end behind the last address of the family, where plus() begins again
  };
  const auto before = [](const mark& a, const mark& b) {
    const bool same_link = a.at.family() == b.at.family() && a.at.scope() == b.at.scope();
    if (same_link && a.over_the_top != b.over_the_top) return b.over_the_top;
    return by_link{}(a.at, b.at);
  };
  const auto distance = [](const mark& from, const mark& to) {
    const std::uint64_t top = to.over_the_top && to.at.is_v4() ? std::uint64_t{1} << 32 : 0;
    return top + to.at.words()[1] - from.at.words()[1];
  };
  std::vector<mark> marks;
  marks.reserve(requests_.size() * 2);
  for (std::uint32_t i = 0; i < requests_.size(); ++i) {
    marks.push_back({requests_[i].first, i, true});
    const auto end = requests_[i].first.plus(requests_[i].count);
    marks.push_back({end, i, false, end < requests_[i].first});
  }
  std::sort(marks.begin(), marks.end(), before);
  std::set<std::uint32_t> open;
  std::map<std::vector<std::size_t>, std::size_t> unions;
  std::vector<piece> pieces;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i].opens)
      open.insert(marks[i].request);
    else
      open.erase(marks[i].request);
    if (open.empty() || i + 1 == marks.size() || !before(marks[i], marks[i + 1])) continue;
    std::vector<std::size_t> sets;
    for (const auto one : open) sets.push_back(requests_[one].ports);
    const auto [known, fresh] = unions.try_emplace(sets, 0);
    if (fresh) {
      std::vector<std::uint16_t> all;
      for (const auto set : sets) all.insert(all.end(), port_sets_[set].begin(), port_sets_[set].end());
      known->second = port_set(all);
    }
    pieces.push_back({marks[i].at, distance(marks[i], marks[i + 1]), known->second, *open.begin()});
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const piece& a, const piece& b) { return a.request < b.request; });
  return pieces;
}

void tcp_plan::append(std::uint64_t targets, std::size_t ports) {
  if (targets == 0) return;
  if (blocks_.empty() || blocks_.back().ports != ports)
    blocks_.push_back(
        {size_, blocks_.empty() ? 0 : blocks_.back().first_target + blocks_.back().targets, 0, ports});
  blocks_.back().targets += targets;
  size_ += targets * port_sets_[ports].size() * flows_;
}

void tcp_plan::seal() {
  blocks_.clear();
  targets_ = {};
  size_ = 0;
  const auto same = [&](const request& one) { return one.ports == requests_.front().ports; };
  if (requests_.empty()) return;
  if (std::all_of(requests_.begin(), requests_.end(), same)) {
    for (const auto& one : requests_) targets_.add(one.first, one.count);
    targets_.seal();
    append(targets_.size(), requests_.front().ports);
  } else {
    for (const auto& one : cut_apart()) {
      targets_.add(one.first, one.count);
      append(one.count, one.ports);
    }
  }
  requests_.clear();
  requests_.shrink_to_fit();
  known_sets_.clear();
}

tcp_plan tcp_plan::shard(std::uint64_t part, std::uint64_t parts) const {
  tcp_plan mine;
  mine.port_sets_ = port_sets_;
  mine.flows_ = flows_;
  mine.targets_ = targets_.shard(part, parts);
  for (const auto& one : blocks_) {
    // The first number at or after first_target that is `part` modulo `parts`, as target_list has it.
    const auto skip = (part + parts - one.first_target % parts) % parts;
    if (skip < one.targets) mine.append((one.targets - skip - 1) / parts + 1, one.ports);
  }
  return mine;
}

tcp_pair tcp_plan::at(std::uint64_t index) const {
  assert(index < size_);
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), index,
                       [](std::uint64_t wanted, const block& b) { return wanted < b.first_pair; });
  const auto& home = *(after - 1);
  const auto& ports = port_sets_[home.ports];
  const auto inside = index - home.first_pair;
  const auto row = inside / flows_;
  return {static_cast<std::uint32_t>(home.first_target + row / ports.size()), ports[row % ports.size()],
          static_cast<std::uint16_t>(inside % flows_)};
}

std::uint32_t tcp_plan::pairs_of(std::uint32_t target) const {
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), target,
                       [](std::uint64_t wanted, const block& b) { return wanted < b.first_target; });
  return static_cast<std::uint32_t>(port_sets_[(after - 1)->ports].size() * flows_);
}

std::uint64_t tcp_plan::fingerprint() const {
  std::uint64_t digest = mix(size_ ^ flows_);
  const auto take = [&](std::uint64_t value) { digest = mix(digest + 0x9e3779b97f4a7c15 + value); };
  for (const auto& one : blocks_) {
    take(one.targets);
    for (const auto port : port_sets_[one.ports]) take(port);
  }
  // Some of the addresses: two lists of one size that agree in all of these and are not the same are a
  // deceit.
  constexpr std::uint64_t looks = 256;
  const auto stride = std::max<std::uint64_t>(targets_.size() / looks, 1);
  for (std::uint64_t i = 0; i < targets_.size(); i += stride) {
    const auto words = targets_.at(i).words();
    take(words[0]);
    take(words[1]);
  }
  return digest;
}

permutation::permutation(std::uint64_t size, std::uint64_t seed)
    : size_{size},
      half_bits_{static_cast<std::uint32_t>(std::max(1, (static_cast<int>(std::bit_width(size)) + 1) / 2))} {
  seeded_random random{seed};
  for (auto& key : round_keys_) key = random();
}

std::uint64_t permutation::at(std::uint64_t place) const {
  const auto mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    auto left = place >> half_bits_;
    auto right = place & mask;
    for (const auto key : round_keys_) {
      const auto next = left ^ (mix(right + key) & mask);
      left = right;
      right = next;
    }
    place = left << half_bits_ | right;
  } while (place >= size_);
  return place;
}

}  // namespace diag::probe
