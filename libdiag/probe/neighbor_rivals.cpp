// Times and company of the owners of one address.
#include "libdiag/probe/neighbor_rivals.hpp"

#include <algorithm>
#include <limits>

namespace diag::probe {

bool took_turns(const owned_address& target) {
  std::vector<const neighbor_owner*> owners;
  std::uint64_t answers = 0;
  for (const auto& one : target.owners) {
    // A late answer may be to a probe that somebody else answered in time.
    if (one.answers == 0) return false;
    answers += one.answers;
    owners.push_back(&one);
  }
  if (answers > target.received) return false;
  std::sort(owners.begin(), owners.end(), [](auto* a, auto* b) { return a->first < b->first; });
  for (std::size_t at = 1; at < owners.size(); ++at)
    if (owners[at]->first <= owners[at - 1]->last) return false;
  return true;
}

void rival_book::add(std::size_t finding, std::span<const neighbor_owner> owners) {
  std::vector<mac_address> macs;
  for (const auto& one : owners) macs.push_back(one.mac);
  std::sort(macs.begin(), macs.end());
  const auto number = static_cast<std::uint32_t>(conflicts_.size());
  conflicts_.push_back({finding, std::numeric_limits<std::uint64_t>::max()});
  // Neighbours in the order suffice: who meets all of them again meets the same owners again.
  for (std::size_t at = 1; at < macs.size(); ++at) pairs_.push_back({macs[at - 1], macs[at], number});
}

std::vector<rival_book::same_owners> rival_book::settle() {
  std::sort(pairs_.begin(), pairs_.end());
  for (auto from = pairs_.begin(); from != pairs_.end();) {
    const auto to = std::find_if(from, pairs_.end(), [&](const pair& one) {
      return one.first != from->first || one.second != from->second;
    });
    const auto addresses = static_cast<std::uint64_t>(to - from);
    for (; from != to; ++from) {
      auto& least = conflicts_[from->conflict].addresses;
      least = std::min(least, addresses);
    }
  }
  std::erase_if(conflicts_, [](const same_owners& one) { return one.addresses < 2; });
  return std::move(conflicts_);
}

}  // namespace diag::probe
