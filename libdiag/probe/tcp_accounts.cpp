// One row a target while its results come in, and what they say together.
#include "libdiag/probe/tcp_accounts.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

// Fewer ports that are all open are a small plan; this many, and a middlebox answers for the host.
constexpr std::uint64_t everywhere = 16;
// Silence beside so many ICMP errors is a rule; more of it, and the errors may have been rate limited (RFC
// 1812 §4.3.2.8 asks routers to).
constexpr std::uint64_t much_silence = 8;

bool is_tcp_answer(const tcp_result& result) {
  return result.why == reason::syn_ack || result.why == reason::reset || result.why == reason::unfiltered;
}

std::size_t row(tcp_state state) {
  return static_cast<std::size_t>(state);
}

}  // namespace

std::uint8_t hops_away(std::uint8_t hop_limit) {
  constexpr std::array<std::uint8_t, 3> initial{64, 128, 255};
  for (const auto value : initial)
    if (hop_limit <= value) return static_cast<std::uint8_t>(value - hop_limit);
  return 0;
}

tcp_accounts::tcp_accounts(const tcp_plan& plan, std::uint64_t rounds, bool lingering)
    : plan_{plan},
      rounds_{rounds},
      lingering_{lingering && plan.target_count() <= most_targets},
      single_{rounds == 1 && !lingering_ && plan.size() == plan.target_count() &&
              plan.target_count() > few_targets} {
  if (single_ || plan.target_count() > most_targets) return;
  accounts_.resize(plan.target_count());
  if (plan.target_count() <= most_distributions) distributions_.resize(plan.target_count());
}

tcp_accounts::account* tcp_accounts::account_of(std::uint32_t target) {
  return target < accounts_.size() ? &accounts_[target] : nullptr;
}

void tcp_accounts::asked(std::uint32_t target) {
  ++totals_.pending;
  auto* of = account_of(target);
  if (!of) return;
  if (!of->asked && rounds_ != 0) of->left = plan_.pairs_of(target) * rounds_;
  of->asked = true;
  ++of->pending;
}

void tcp_accounts::sent(std::uint32_t target, std::uint64_t segments) {
  totals_.sent += segments;
  if (auto* of = account_of(target)) of->sent += segments;
}

void tcp_accounts::unsent(std::uint32_t target) {
  --totals_.sent;
  if (auto* of = account_of(target)) --of->sent;
}

void tcp_accounts::compare(tcp_result& result, account& with) {
  if (!result.hop_limit || !is_tcp_answer(result)) return;
  const auto hops = hops_away(*result.hop_limit);
  const bool reset = result.state == tcp_state::closed;
  if (!with.heard) {
    with.heard = true;
    with.near_hops = with.far_hops = hops;
    with.near_port = result.port;
    with.near_reset = reset;
    return;
  }
  with.far_hops = std::max(with.far_hops, hops);
  if (hops < with.near_hops) {
    with.near_hops = hops;
    with.near_port = result.port;
    with.near_reset = reset;
  }
  if (hops == with.far_hops) return;
  result.why = reset ? reason::reset_by_device : reason::syn_ack_by_device;
  result.device_hops = hops;
  result.host_hops = with.far_hops;
}

void tcp_accounts::take(tcp_result result) {
  auto* of = account_of(result.target);
  if (of) compare(result, *of);
  const auto answered_retry = has(result.odd, tcp_oddity::answered_retry);
  ++totals_.states[row(result.state)];
  --totals_.pending;
  if (answered_retry) totals_.found = totals_.found | tcp_finding::loss;
  if (result.rtt) rtt_.add(*result.rtt);
  if (of) {
    ++of->states[row(result.state)];
    --of->pending;
    if (answered_retry) of->found = of->found | tcp_finding::loss;
    if (result.rtt) of->rtt.add(*result.rtt);
    if (result.rtt && !distributions_.empty()) distributions_[result.target].add(*result.rtt);
  }
  const auto target = result.target;
  const auto at = result.at;
  auto sole = single_ ? std::optional{sole_summary(result)} : std::nullopt;
  events_.push_back(std::move(result));
  if (sole) events_.push_back(*sole);
  if (of && rounds_ != 0 && --of->left == 0 && !lingering_) tell(target, *of, at);
}

void tcp_accounts::take(const tcp_anomaly& what) {
  const auto count = [&](auto& into) {
    ++into.anomalies;
    if (what.why == reject_reason::duplicate_answer) ++into.duplicates;
    if (what.why == reject_reason::late_answer) ++into.late;
    if (what.why == reject_reason::conflicting_answer) into.found = into.found | tcp_finding::conflict;
  };
  count(totals_);
  if (what.target)
    if (auto* of = account_of(*what.target)) count(*of);
  events_.push_back(what);
}

void tcp_accounts::give_up(mono_time now, std::uint32_t target, std::uint64_t segments) {
  if (!single_) return;
  tcp_summary open;
  open.target = target;
  open.at = now;
  open.pending = 1;
  open.sent = segments;
  events_.push_back(open);
}

void tcp_accounts::conclude(mono_time now) {
  for (std::uint32_t target = 0; target < accounts_.size(); ++target)
    if (accounts_[target].asked && !accounts_[target].told) tell(target, accounts_[target], now);
  rtt_.into(totals_);
  totals_.at = now;
  if (!single_ && accounts_.empty()) events_.push_back(totals_);
}

void tcp_accounts::tell(std::uint32_t target, account& of, mono_time now) {
  of.told = true;
  tcp_summary out;
  out.target = target;
  out.at = now;
  std::copy(of.states.begin(), of.states.end(), out.states.begin());
  out.pending = of.pending;
  out.sent = of.sent;
  out.anomalies = of.anomalies;
  out.duplicates = of.duplicates;
  out.late = of.late;
  out.found = of.found;
  if (of.heard && of.near_hops != of.far_hops) {
    out.found = out.found | (of.near_reset ? tcp_finding::reset_by_device : tcp_finding::syn_ack_by_device);
    out.example_port = of.near_port;
    out.device_hops = of.near_hops;
    out.host_hops = of.far_hops;
  }
  const auto open = out.states[row(tcp_state::open)];
  const auto ports = plan_.pairs_of(target) / plan_.flows();
  if (ports >= everywhere && open >= everywhere && open == out.decided())
    out.found = out.found | tcp_finding::open_everywhere;
  if (out.states[row(tcp_state::rejected)] > 0 && out.states[row(tcp_state::filtered)] >= much_silence)
    out.found = out.found | tcp_finding::icmp_rate_limited;
  of.rtt.into(out);
  if (!distributions_.empty()) out.rtt = &distributions_[target];
  events_.push_back(out);
}

tcp_summary tcp_accounts::sole_summary(const tcp_result& result) {
  tcp_summary out;
  out.target = result.target;
  out.at = result.at;
  out.states[row(result.state)] = 1;
  out.sent = result.attempts;
  if (has(result.odd, tcp_oddity::answered_retry)) out.found = out.found | tcp_finding::loss;
  if (result.rtt) {
    rtt_range only;
    only.add(*result.rtt);
    only.into(out);
  }
  return out;
}

void tcp_accounts::rtt_range::add(duration rtt) {
  least = count == 0 ? rtt : std::min(least, rtt);
  most = std::max(most, rtt);
  sum += rtt;
  ++count;
}

void tcp_accounts::rtt_range::into(tcp_summary& out) const {
  if (count == 0) return;
  out.rtt_min = least;
  out.rtt_max = most;
  out.rtt_mean = sum / static_cast<std::int64_t>(count);
}

}  // namespace diag::probe
