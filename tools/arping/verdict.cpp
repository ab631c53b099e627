// Owners and findings to one word.
#include "tools/arping/verdict.hpp"

#include <algorithm>

namespace diag::arping {
namespace {

std::uint64_t key_of(const mac_address& mac) {
  std::uint64_t key = 0;
  for (const auto octet : mac.octets) key = key << 8 | std::to_integer<std::uint64_t>(octet);
  return key;
}

bool is_about_owner(probe::neighbor_finding::kind what) {
  using kind = probe::neighbor_finding::kind;
  return what == kind::proxy_arp || what == kind::many_addresses || what == kind::locally_administered ||
         what == kind::multicast_hardware || what == kind::virtual_router;
}

}  // namespace

std::string_view describe(verdict what) {
  switch (what) {
    case verdict::in_use:
      return "in-use";
    case verdict::conflict:
      return "conflict";
    case verdict::no_answer:
      return "no-answer";
    case verdict::cannot_tell:
      break;
  }
  return "cannot-tell";
}

finding_index::finding_index(std::vector<probe::neighbor_finding> all, bool alone) : all_{std::move(all)} {
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    const auto& one = all_[i];
    if (one.target)
      by_target_.emplace(*one.target, i);
    else if (alone && !one.more)
      of_all_.push_back(i);
    else if (is_about_owner(one.what) && !one.more)
      by_owner_.emplace(key_of(one.mac), i);
  }
}

std::vector<const probe::neighbor_finding*> finding_index::of(const probe::neighbor_summary& account) const {
  std::vector<std::uint32_t> found = of_all_;
  const auto take = [&](auto range) {
    for (auto at = range.first; at != range.second; ++at) found.push_back(at->second);
  };
  if (!all_.empty()) {
    take(by_target_.equal_range(account.target));
    for (const auto& owner : account.owners) take(by_owner_.equal_range(key_of(owner.mac)));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<const probe::neighbor_finding*> out;
  for (const auto i : found) out.push_back(&all_[i]);
  return out;
}

verdict verdict_of(const probe::neighbor_summary& account,
                   std::span<const probe::neighbor_finding* const> findings) {
  using kind = probe::neighbor_finding::kind;
  if (account.owners.empty()) {
    const bool asked = account.sent > account.not_sent;
    return asked ? verdict::no_answer : verdict::cannot_tell;
  }
  if (account.owners.size() == 1) return verdict::in_use;
  const auto has = [&](kind wanted) {
    return std::any_of(findings.begin(), findings.end(),
                       [wanted](const auto* one) { return one->what == wanted; });
  };
  if (has(kind::conflict)) return verdict::conflict;
  return has(kind::flux) || has(kind::moved) ? verdict::in_use : verdict::conflict;
}

}  // namespace diag::arping
