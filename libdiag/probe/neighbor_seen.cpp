// A claim is found by a digest of kind, address and owner; two that share one count as unseen.
#include "libdiag/probe/neighbor_seen.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

std::uint64_t number_of(const mac_address& mac) {
  std::uint64_t number = 0;
  for (const auto octet : mac.octets) number = number << 8U | std::to_integer<std::uint64_t>(octet);
  return number;
}

const ip_address& about(const neighbor_message& said) {
  return said.claimed ? said.claimed : said.asked;
}

std::uint64_t digest(const neighbor_message& said) {
  const auto words = about(said).words();
  std::uint64_t mixed = static_cast<std::uint64_t>(said.what);
  for (const auto word : {words[0], words[1], number_of(said.owner)}) {
    mixed = (mixed ^ word) * 0x9e37'79b9'7f4a'7c15U;
    mixed ^= mixed >> 29U;
  }
  return mixed;
}

bool same(const neighbor_message& a, const neighbor_message& b) {
  return a.what == b.what && a.owner == b.owner && about(a) == about(b);
}

}  // namespace

bool neighbor_seen::note(mono_time now, const neighbor_message& said) {
  const auto key = digest(said);
  const auto known = index_.find(key);
  if (known == index_.end()) {
    if (claims_.size() >= most_claims) {
      ++unseen_;
      return false;
    }
    index_.emplace(key, static_cast<std::uint32_t>(claims_.size()));
    claims_.push_back({said, 1, now, now});
    told_.push_back(now);
    return true;
  }
  auto& claim = claims_[known->second];
  if (!same(claim.said, said)) {
    ++unseen_;
    return false;
  }
  ++claim.count;
  claim.last = now;
  auto& told = told_[known->second];
  if (now - told < told_every) return false;
  told = now;
  return true;
}

void neighbor_seen::note_leak(const neighbor_message& said) {
  const auto known = std::find_if(leaks_.begin(), leaks_.end(), [&](const leaked_answer& one) {
    const bool tags =
        one.tag.has_value() == said.tag.has_value() && (!one.tag || one.tag->id == said.tag->id);
    return one.address == said.claimed && one.mac == said.owner && tags;
  });
  if (known != leaks_.end())
    ++known->count;
  else if (leaks_.size() < most_leaks)
    leaks_.push_back({said.claimed, said.owner, said.tag, 1});
}

void neighbor_seen::hand_over(neighbor_facts& into) const {
  into.seen = claims_;
  into.leaks = leaks_;
  into.unseen = unseen_;
}

}  // namespace diag::probe
