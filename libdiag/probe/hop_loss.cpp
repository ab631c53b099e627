// Whether a hop loses packets or only answers. A probe to a later hop passes this one too, so what is lost on
// the way to here is lost to all later hops: a later hop that loses less is the proof that this one forwards
// more than it answers. How much less is more than chance, Fisher's exact test says. Where all hops ration
// their answers, down to the target (UDP to Linux), the even distances between answers give them away.
#include "libdiag/probe/hop_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace diag::probe {

namespace {

// Chances of error: of calling a hop rate limited that loses packets; of not saying "unclear" when the later
// hops look better than it.
constexpr double certain = 0.005;
constexpr double doubtful = 0.02;
// A loss-free hop that should have shared the loss.
constexpr double unlikely = 0.05;
constexpr std::uint64_t fewest = 10;  ///< probes below which loss that is shared proves nothing

struct tally {
  double lost = 0, seen = 0;
  void add(const tally& other) {
    lost += other.lost;
    seen += other.seen;
  }
  [[nodiscard]] double share() const { return seen > 0 ? lost / seen : 0; }
};

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// How probable it is that `here` loses so much or more, and `there` so little, if both lose alike.
double chance_of_excess(const tally& here, const tally& there) {
  if (here.seen <= 0 || there.seen <= 0 || here.share() <= there.share()) return 1;
  const auto lost = here.lost + there.lost;
  const auto seen = here.seen + there.seen;
  const auto most = std::min(lost, here.seen);
  constexpr double exact_terms = 200;
  if (most - here.lost > exact_terms) {
    const auto all = lost / seen;
    const auto spread = std::sqrt(all * (1 - all) * (1 / here.seen + 1 / there.seen));
    return std::erfc((here.share() - there.share()) / spread / std::sqrt(2.0)) / 2;
  }
  const auto kept = seen - lost;
  double sum = 0;
  auto term = std::exp(log_choose(lost, here.lost) + log_choose(kept, here.seen - here.lost) -
                       log_choose(seen, here.seen));
  for (auto k = here.lost; k <= most; ++k) {
    sum += term;
    term *= (lost - k) * (here.seen - k) / ((k + 1) * (kept - here.seen + k + 1));
  }
  return std::min(sum, 1.0);
}

bool answers(const hop_figures& hop) {
  return hop.answered + hop.late != 0;
}

bool is_target(const hop_figures& hop) {
  return std::any_of(hop.addresses.begin(), hop.addresses.end(),
                     [](const hop_address& a) { return a.state == hop_state::reached; });
}

/// Answers that come at even distances are rationed: chance leaves gaps of all lengths (their coefficient of
/// variation is near 1).
bool rationed(const hop_figures& hop) {
  constexpr std::uint64_t fewest_gaps = 8;
  constexpr double widest = 0.1;  ///< squared coefficient of variation
  const auto& gaps = hop.gaps;
  if (gaps.count < fewest_gaps || gaps.mean < 2) return false;
  return gaps.spread / static_cast<double>(gaps.count) < widest * gaps.mean * gaps.mean;
}

tally tally_of(const hop_figures& hop) {
  return {static_cast<double>(hop.lost), static_cast<double>(hop.answered + hop.lost)};
}

/// The hops behind one that answer.
struct hindsight {
  std::vector<tally> hops;  ///< nearest first
  tally all{};
  bool ends_at_target = false;
};

/// Without those that are `known` to answer less than they forward, they say nothing of the way.
hindsight behind(std::span<const hop_figures> hops, std::size_t place,
                 const std::vector<hop_loss_verdict>& known) {
  hindsight found;
  for (auto later = place + 1; later < hops.size(); ++later) {
    const auto one = tally_of(hops[later]);
    if (!answers(hops[later]) || one.seen <= 0 || known[later].what == hop_loss::rate_limited) continue;
    found.hops.push_back(one);
    found.all.add(one);
    found.ends_at_target = is_target(hops[later]);
  }
  return found;
}

/// Does some later hop, or do all of them together, lose less than `here` does, but for this chance of error?
bool loses_more(const tally& here, const hindsight& later, double error) {
  // Each single comparison gets its part of the error: many hops are many chances to look better.
  const auto part = error / static_cast<double>(later.hops.size());
  return chance_of_excess(here, later.all) < error ||
         std::any_of(later.hops.begin(), later.hops.end(),
                     [&](const tally& one) { return chance_of_excess(here, one) < part; });
}

/// Do the later hops show loss all along, and none of them too little to have a share in it?
bool shared(const tally& here, hindsight later) {
  // What the target loses is the truth, and that is at least what was lost on the way.
  if (later.ends_at_target && later.hops.back().lost <= 0) return false;
  tally everything = here;
  everything.add(later.all);
  for (std::size_t i = 0; i < later.hops.size(); ++i) {
    const auto& one = later.hops[i];
    const tally others{everything.lost - one.lost, everything.seen - one.seen};
    const auto truth = later.ends_at_target && i + 1 == later.hops.size();
    const auto limit = truth ? unlikely : unlikely / static_cast<double>(later.hops.size());
    if (chance_of_excess(others, one) < limit) return false;
  }
  // Routers that answer sparingly come in packs; the better half of the later hops must show loss too.
  std::sort(later.hops.begin(), later.hops.end(),
            [](const tally& a, const tally& b) { return a.share() < b.share(); });
  tally better;
  for (std::size_t i = 0; i < (later.hops.size() + 1) / 2; ++i) better.add(later.hops[i]);
  return better.lost > 0;
}

/// `known`: the verdicts on later hops.
hop_loss judge_one(std::span<const hop_figures> hops, std::size_t place,
                   const std::vector<hop_loss_verdict>& known) {
  const auto& hop = hops[place];
  const auto here = tally_of(hop);
  if (here.seen <= 0) return hop_loss::none;
  if (!answers(hop)) {
    const auto rest = hops.subspan(place + 1);
    return std::any_of(rest.begin(), rest.end(), answers) ? hop_loss::silent : hop_loss::beyond;
  }
  if (hop.lost == 0) return hop_loss::none;
  if (rationed(hop)) return hop_loss::rate_limited;
  const auto later = behind(hops, place, known);
  const auto enough = hop.answered + hop.lost >= fewest;
  if (!later.hops.empty()) {
    if (loses_more(here, later, certain)) return hop_loss::rate_limited;
    if (!enough || loses_more(here, later, doubtful)) return hop_loss::unclear;
    return shared(here, later) ? hop_loss::forwarding : hop_loss::unclear;
  }
  // The target's loss is the loss of the path, whatever the cause.
  return enough && is_target(hop) ? hop_loss::forwarding : hop_loss::unclear;
}

/// The last that answers and is not the target has nothing behind it to ask; it is believed where the hop
/// before it says the same.
void judge_last(std::span<const hop_figures> hops, std::vector<hop_loss_verdict>& verdicts) {
  auto last = hops.size();
  while (last > 0 && !answers(hops[last - 1])) --last;
  if (last == 0 || verdicts[last - 1].what != hop_loss::unclear) return;
  auto before = last - 1;
  while (before > 0 && !answers(hops[before - 1])) --before;
  if (before == 0 || verdicts[before - 1].what != hop_loss::forwarding) return;
  if (chance_of_excess(tally_of(hops[last - 1]), tally_of(hops[before - 1])) > unlikely)
    verdicts[last - 1].what = hop_loss::forwarding;
}

/// Hops that share one loss and differ by chance get their mean: a non-decreasing fit (pool adjacent
/// violators), since loss on the way only adds up.
void estimate_shared(std::span<const hop_figures> hops, std::vector<hop_loss_verdict>& verdicts) {
  struct pool {
    tally sum;
    std::vector<std::size_t> places;
  };
  std::vector<pool> pools;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (verdicts[i].what != hop_loss::forwarding) continue;
    pools.push_back({tally_of(hops[i]), {i}});
    while (pools.size() > 1 && pools[pools.size() - 2].sum.share() >= pools.back().sum.share()) {
      auto last = std::move(pools.back());
      pools.pop_back();
      pools.back().sum.add(last.sum);
      pools.back().places.insert(pools.back().places.end(), last.places.begin(), last.places.end());
    }
  }
  for (const auto& one : pools)
    for (const auto place : one.places) verdicts[place].forwarding = one.sum.share();
}

}  // namespace

void answer_gaps::add(std::uint64_t round) {
  const auto before = std::exchange(last, std::max(round, last.value_or(round)));
  // What a full bucket gives at first, one answer after the other, is not its rate.
  if (!before || round <= *before || (count == 0 && round == *before + 1)) return;
  const auto gap = static_cast<double>(round - *before);
  ++count;
  const auto delta = gap - mean;
  mean += delta / static_cast<double>(count);
  spread += delta * (gap - mean);
}

std::string_view describe(hop_loss what) {
  static constexpr std::array<std::string_view, 6> words = {"none",    "rate-limited", "forwarding-loss",
                                                            "unclear", "silent",       "beyond"};
  const auto place = static_cast<std::size_t>(what);
  return place < words.size() ? words[place] : "unclear";
}

std::vector<hop_loss_verdict> judge_loss(std::span<const hop_figures> hops) {
  std::vector<hop_loss_verdict> verdicts(hops.size());
  for (auto i = hops.size(); i-- > 0;) verdicts[i].what = judge_one(hops, i, verdicts);
  judge_last(hops, verdicts);
  estimate_shared(hops, verdicts);
  // The rest: what the next hops share of it, and no more than its own.
  std::optional<double> next;
  for (auto i = hops.size(); i-- > 0;) {
    auto& verdict = verdicts[i];
    const auto seen = hops[i].answered + hops[i].lost != 0;
    if (verdict.what == hop_loss::forwarding) {
      next = next ? std::min(*next, verdict.forwarding) : verdict.forwarding;
    } else if (seen && answers(hops[i])) {
      verdict.forwarding = next ? std::min(*next, hops[i].loss()) : 0;
      next = next ? verdict.forwarding : hops[i].loss();
    } else {
      verdict.forwarding = next.value_or(0);
    }
  }
  return verdicts;
}

}  // namespace diag::probe
