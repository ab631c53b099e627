// The first owner is learned without a word; every later change is one.
#include "libdiag/probe/neighbor_watch.hpp"

#include <utility>

namespace diag::probe {

void neighbor_watch::answered(const neighbor_reply& reply) {
  const auto& owner = owners_[reply.target];
  if (owner == reply.said.owner) return;
  contenders_.push_back({reply.target, reply.said.owner, reply.at});
}

std::optional<neighbor_change> neighbor_watch::announced(std::uint32_t target, const mac_address& mac,
                                                         mono_time at) {
  auto& owner = owners_[target];
  if (owner == mac) return std::nullopt;
  neighbor_change change{target, at, owner, mac, true};
  owner = mac;
  return change;
}

std::optional<neighbor_change> neighbor_watch::silent(std::uint32_t target, mono_time at) {
  auto& owner = owners_[target];
  if (!owner || ledger_.silent_in_a_row(target) < silent_probes) return std::nullopt;
  return neighbor_change{target, at, std::exchange(owner, std::nullopt), std::nullopt, false};
}

std::optional<neighbor_change> neighbor_watch::settled(mono_time now) {
  while (!contenders_.empty() && contenders_.front().at + settle <= now) {
    const auto one = contenders_.front();
    contenders_.pop_front();
    auto& owner = owners_[one.target];
    if (owner == one.mac) continue;
    // Both answer: that is a conflict, not a change.
    if (owner && ledger_.answered_last(one.target, *owner)) continue;
    const auto before = std::exchange(owner, one.mac);
    const bool known_at_the_start = !before && ledger_.sent(one.target) <= 1;
    if (!known_at_the_start) return neighbor_change{one.target, one.at, before, one.mac, false};
  }
  return std::nullopt;
}

std::optional<mono_time> neighbor_watch::next() const {
  if (contenders_.empty()) return std::nullopt;
  return contenders_.front().at + settle;
}

}  // namespace diag::probe
