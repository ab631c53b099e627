// Lengths of ways that do not fit: hop limits left in answers and in quotes.
//
// A router's answer starts with a hop limit of 255 or 64, so what is left of it tells how long its way back
// was; as a rule about as long as the way there. Where the way back becomes longer by several hops from one
// hop to the next, there are two causes. Either the path back from there on is another, longer one; then
// whatever stands behind shares it, the target first of all. Or the router is the end of an MPLS tunnel that
// hides its hops from probes and counts them for answers (Vanaubel et al. 2017, "FRPLA"); then the
// excess shrinks again with every hop behind it, and a target that starts from 64 does not have it.
#include <algorithm>

#include "libdiag/probe/path_finders.hpp"

namespace diag::probe {

std::optional<std::uint8_t> hops_back(std::uint8_t arrived_hop_limit) {
  constexpr int longest = 64;  // ways that are longer do not exist: it began with something else
  if (arrived_hop_limit == 0) return std::nullopt;
  for (const int initial : {32, 64, 128, 255}) {
    if (arrived_hop_limit > initial) continue;
    // A neighbor's answer arrives as it was sent, from one hop away.
    const int hops = initial - arrived_hop_limit + 1;
    return hops <= longest ? std::optional{static_cast<std::uint8_t>(hops)} : std::nullopt;
  }
  return std::nullopt;
}

namespace {

using kind = path_finding_kind;

constexpr int several = 3;  // a hop or two are asymmetry as it is everywhere

struct excess {
  std::uint8_t hop = 0;
  ip_address address{};
  int hops = 0;  ///< of the way back over the way there
};

/// The answers agree, or nullopt: a balanced way back is no measure.
std::optional<excess> excess_of(const hop_row& row, hop_state state, std::uint8_t forward) {
  std::optional<excess> out;
  for (const auto& probe : row.probes) {
    const auto& answer = probe.answer;
    if (answer.state != state || !answer.hop_limit) continue;
    if (state == hop_state::time_exceeded && !marks_hop(answer)) continue;
    const auto back = hops_back(*answer.hop_limit);
    if (!back) return std::nullopt;
    if (out && out->hops != *back - forward) return std::nullopt;
    out = excess{row.hop, answer.from, *back - forward};
  }
  return out;
}

/// Routers, and the target where it answered.
struct measured {
  std::vector<excess> routers;
  std::optional<excess> target;
};

measured measure(const path_view& path) {
  measured out;
  for (const auto& row : path.rows) {
    if (const auto router = excess_of(row, hop_state::time_exceeded, row.hop)) out.routers.push_back(*router);
    if (path.end.why == path_stop::reached)
      if (const auto target = excess_of(row, hop_state::reached, path.end.hops)) out.target = target;
  }
  return out;
}

/// Hops hidden between `before` and `at`, by what the hops behind show.
bool shrinks(const std::vector<excess>& routers, std::size_t at, const std::optional<excess>& target) {
  const auto& here = routers[at];
  const int base = at == 0 ? 0 : routers[at - 1].hops;
  const int jump = here.hops - base;
  if (at + 1 >= routers.size()) return false;  // one answer alone may be a whim of its sender
  const auto& next = routers[at + 1];
  const int gap = next.hop - here.hop;
  if (next.hops - base < std::max(1, jump - gap)) return false;
  if (target) return target->hops - base < jump - 1;
  return routers.back().hops - base < jump;
}

void find_returns(const path_view& path, std::vector<path_finding>& into) {
  const auto [routers, target] = measure(path);
  for (std::size_t at = 0; at < routers.size(); ++at) {
    const int base = at == 0 ? 0 : routers[at - 1].hops;
    const int jump = routers[at].hops - base;
    if (jump < several || !shrinks(routers, at, target)) continue;
    into.push_back({.what = kind::hidden_tunnel,
                    .hop = routers[at].hop,
                    .other_hop = at == 0 ? std::uint8_t{0} : routers[at - 1].hop,
                    .count = static_cast<std::uint32_t>(jump),
                    .address = routers[at].address});
  }
  // The target's word, or that of three routers in a row at the end.
  const auto size = routers.size();
  std::optional<excess> last = target;
  if (!last && size >= 3 && routers[size - 1].hops == routers[size - 2].hops &&
      routers[size - 2].hops == routers[size - 3].hops)
    last = routers.back();
  if (!last || last->hops < several) return;
  // The router in front of the target would share a longer way back: the target counts from another number.
  if (target && size > 0 && routers.back().hop + 1 == path.end.hops && routers.back().hops < several - 1)
    return;
  auto first = *last;  // where it begins
  for (auto one = routers.rbegin(); one != routers.rend() && one->hops >= several; ++one) first = *one;
  into.push_back({.what = kind::longer_return,
                  .hop = last->hop,
                  .other_hop = first.hop,
                  .count = static_cast<std::uint32_t>(last->hops),
                  .address = last->address});
}

/// "Opaque" tunnels: their last router alone shows its label, whose TTL began with 255 (RFC 4950; Donnet et
/// al. 2012). How much of it is gone is how many hops do not show.
void find_opaque(const path_view& path, std::vector<path_finding>& into) {
  constexpr std::uint8_t least_left = 255 - 40, begins_with = 255;
  std::uint8_t before = 0;
  bool labels_before = false;
  for (const auto& row : path.rows) {
    const path_answer* labelled = nullptr;
    bool answered = false;
    for (const auto& probe : row.probes) {
      if (!marks_hop(probe.answer)) continue;
      answered = true;
      if (!probe.answer.mpls.empty()) labelled = &probe.answer;
    }
    if (!answered) continue;
    const auto left = labelled != nullptr ? labelled->mpls.front().ttl : std::uint8_t{0};
    if (left >= least_left && left < begins_with && !labels_before)
      into.push_back({.what = kind::hidden_tunnel,
                      .hop = row.hop,
                      .other_hop = before,
                      .count = static_cast<std::uint32_t>(begins_with - left),
                      .address = labelled->from});
    before = row.hop;
    labels_before = labelled != nullptr;
  }
}

/// "Implicit" tunnels: within, the probe's own hop limit stands still, so the second router quotes 2, the
/// third 3 (Donnet et al. 2012). With labels beside it the tunnel shows itself.
void find_implicit(const path_view& path, std::vector<path_finding>& into) {
  struct quoted {
    std::uint8_t hop = 0;
    int limit = 0;
    ip_address address{};
  };
  std::vector<quoted> quotes;
  for (const auto& row : path.rows)
    for (const auto& probe : row.probes) {
      const auto& answer = probe.answer;
      if (!marks_hop(answer) || !answer.quoted_hop_limit) continue;
      quotes.push_back({row.hop, answer.mpls.empty() ? *answer.quoted_hop_limit : 0, answer.from});
      break;
    }
  for (std::size_t from = 0; from < quotes.size();) {
    auto end = from + 1;
    while (quotes[from].limit > 1 && end < quotes.size() && quotes[end].limit > 1 &&
           quotes[end].limit - quotes[from].limit == quotes[end].hop - quotes[from].hop)
      ++end;
    // It may begin with routers that did not answer; another number was made up by somebody.
    const int before = from == 0 ? 0 : quotes[from - 1].hop;
    if (quotes[from].limit > 1 && quotes[from].limit <= 1 + quotes[from].hop - before)
      into.push_back({.what = kind::implicit_tunnel,
                      .hop = quotes[end - 1].hop,
                      .other_hop = quotes[from].hop,
                      .count = static_cast<std::uint32_t>(quotes[end - 1].limit),
                      .address = quotes[end - 1].address});
    from = end;
  }
}

}  // namespace

void find_lengths(const path_view& path, std::vector<path_finding>& into) {
  const auto before = into.size();
  find_opaque(path, into);
  const auto opaque = into.size();
  find_returns(path, into);
  find_implicit(path, into);
  // A label says it better than an estimate.
  for (auto known = before; known < opaque; ++known)
    into.erase(std::remove_if(into.begin() + static_cast<std::ptrdiff_t>(opaque), into.end(),
                              [&, hop = into[known].hop](const path_finding& one) {
                                return one.what == kind::hidden_tunnel && one.hop == hop;
                              }),
               into.end());
}

}  // namespace diag::probe
