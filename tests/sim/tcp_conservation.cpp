// Every event is held against what was said of its pair before.
#include "tests/sim/tcp_conservation.hpp"

#include <algorithm>
#include <numeric>

namespace diag::sim {

namespace {
using probe::reason;
using probe::reject_reason;
using probe::tcp_state;

// More pairs than these are not walked for their ports: such a plan has one block.
constexpr std::uint64_t pairs_looked_at = 1U << 20;
// As many targets' summaries are kept one by one.
constexpr std::size_t summaries_kept = 1U << 14;

bool fits(tcp_state state, reason why) {
  switch (state) {
    case tcp_state::open:
      return why == reason::syn_ack || why == reason::syn_ack_by_device;
    case tcp_state::closed:
      return why == reason::reset || why == reason::reset_by_device || why == reason::unfiltered;
    case tcp_state::filtered:
      return why == reason::no_answer;
    case tcp_state::rejected:
    case tcp_state::unreachable:
      return why > reason::none && why < reason::syn_ack;
    case tcp_state::error:
      return true;
  }
  return false;
}
}  // namespace

tcp_ledger::tcp_ledger(const probe::tcp_plan& plan, const probe::tcp_pacing& pacing)
    : plan_{plan}, pacing_{pacing}, port_rows_(65536, UINT32_MAX) {
  std::uint32_t ports = 0;
  for (std::uint64_t i = 0; i < std::min(plan.size(), pairs_looked_at); ++i) {
    auto& row = port_rows_[plan.at(i).port];
    if (row == UINT32_MAX) row = ports++;
  }
  width_ = std::size_t{ports} * std::max<std::uint16_t>(plan.flows(), 1);
  decided_.resize(width_ * plan.target_count());
}

std::size_t tcp_ledger::place(const probe::tcp_pair& pair, std::uint64_t round) const {
  const auto row = port_rows_[pair.port];
  if (round == 0 || row == UINT32_MAX || pair.target >= plan_.target_count() ||
      pair.flow >= std::max<std::uint16_t>(plan_.flows(), 1))
    return SIZE_MAX;
  return ((round - 1) * plan_.target_count() + pair.target) * width_ + std::size_t{row} * plan_.flows() +
         pair.flow;
}

void tcp_ledger::complain(const probe::tcp_result& result, const char* what) {
  if (breach_.empty())
    breach_ = "target " + std::to_string(result.target) + " port " + std::to_string(result.port) + " flow " +
              std::to_string(result.flow) + " round " + std::to_string(result.round) + ": " + what;
}

bool tcp_ledger::asked(const probe::tcp_pair& pair, std::uint64_t round) const {
  const auto at = place(pair, round);
  return at < decided_.size() && decided_[at] != 0;
}

void tcp_ledger::take_result(const probe::tcp_result& result) {
  ++results_;
  ++states_[static_cast<std::size_t>(result.state)];
  attempts_ += result.attempts;
  const auto at = place({result.target, result.port, result.flow}, result.round);
  if (at == SIZE_MAX) return complain(result, "was never asked for");
  if (at >= decided_.size()) decided_.resize(width_ * plan_.target_count() * result.round);
  if (decided_[at] != 0) complain(result, "decided twice");
  decided_[at] = static_cast<std::uint8_t>(static_cast<unsigned>(result.state) + 1);
  if (!fits(result.state, result.why)) complain(result, "a reason of another state");
  if (result.attempts > pacing_.retries + 1U) complain(result, "asked too often");
  if (result.answered > result.attempts) complain(result, "an attempt was answered that was not made");
  const auto answered = result.state != tcp_state::filtered && result.state != tcp_state::error;
  if (answered && result.answered == 0) complain(result, "an answer to no attempt");
  const auto spoke = result.state == tcp_state::open || result.state == tcp_state::closed;
  if (spoke && (!result.from || !result.rtt)) complain(result, "an answer without sender or time");
  if (!answered && result.state == tcp_state::filtered && (result.answered != 0 || result.rtt || result.from))
    complain(result, "silence that was answered");
  if (result.rtt && *result.rtt < duration{0}) complain(result, "negative RTT");
  if (summaries_.contains(result.target)) complain(result, "decided after its target's summary");
}

void tcp_ledger::take_anomaly(const probe::tcp_anomaly& what) {
  ++anomalies_[static_cast<std::size_t>(what.why)];
  const auto later = what.why == reject_reason::late_answer || what.why == reject_reason::duplicate_answer ||
                     what.why == reject_reason::conflicting_answer;
  if (!later || !what.target || !breach_.empty()) return;
  const auto row = port_rows_[what.port];
  bool any = false;
  for (std::uint64_t round = 1;
       row != UINT32_MAX && !any && place({*what.target, what.port, 0}, round) < decided_.size(); ++round)
    for (std::uint16_t flow = 0; flow < plan_.flows(); ++flow)
      any = any || asked({*what.target, what.port, flow}, round);
  if (!any) breach_ = "a second answer to port " + std::to_string(what.port) + " that has none";
}

void tcp_ledger::take(const probe::tcp_event& event) {
  if (const auto* result = std::get_if<probe::tcp_result>(&event)) return take_result(*result);
  if (const auto* what = std::get_if<probe::tcp_anomaly>(&event)) return take_anomaly(*what);
  const auto& summary = std::get<probe::tcp_summary>(event);
  ++summary_count_;
  for (std::size_t i = 0; i < states_.size(); ++i) summed_.states[i] += summary.states[i];
  summed_.pending += summary.pending;
  summed_.sent += summary.sent;
  summed_.anomalies += summary.anomalies;
  if (!summary.target || summaries_.size() >= summaries_kept) return;
  const auto [kept, fresh] = summaries_.emplace(*summary.target, summary);
  kept->second.rtt = nullptr;
  if (!fresh && breach_.empty()) breach_ = "two summaries of target " + std::to_string(*summary.target);
}

std::uint64_t tcp_ledger::anomalies() const {
  return std::accumulate(anomalies_.begin(), anomalies_.end(), std::uint64_t{0});
}

const probe::tcp_summary& tcp_ledger::summary(std::uint32_t target) const {
  static const probe::tcp_summary nothing{};
  const auto found = summaries_.find(target);
  return found == summaries_.end() ? nothing : found->second;
}

std::string tcp_ledger::breach(const counted& by_machine, bool cut_short) const {
  if (!breach_.empty()) return breach_;
  const auto& totals = by_machine.totals;
  const auto differ = [](const char* what, std::uint64_t a, std::uint64_t b) {
    return std::string{what} + ": " + std::to_string(a) + " and " + std::to_string(b);
  };
  if (totals.states != states_) return "the machine's totals are not the results";
  if (summed_.states != states_) return "the summaries are not the results";
  if (summed_.pending != totals.pending) return differ("pending", summed_.pending, totals.pending);
  if (summed_.sent != totals.sent) return differ("sent by summaries", summed_.sent, totals.sent);
  if (totals.sent != by_machine.left) return differ("sent", totals.sent, by_machine.left);
  if (by_machine.asked != results_ + totals.pending)
    return differ("asked", by_machine.asked, results_ + totals.pending);
  if (totals.anomalies != anomalies()) return differ("anomalies", totals.anomalies, anomalies());
  if (cut_short) return attempts_ <= totals.sent ? "" : differ("attempts", attempts_, totals.sent);
  if (totals.pending != 0) return "pairs pending at the end of a whole run";
  if (attempts_ != totals.sent) return differ("attempts", attempts_, totals.sent);
  const auto due = plan_.size() * pacing_.rounds - std::min(pacing_.start, plan_.size());
  if (results_ != due) return differ("results", results_, due);
  return {};
}

}  // namespace diag::sim
