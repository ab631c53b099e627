// When a row of a trace is certain, what stands in it, and what a trace amounts to.
#include <algorithm>

#include "libdiag/probe/trace.hpp"

namespace diag::probe {

bool trace::certain(std::uint8_t hop, std::uint16_t flow) const {
  const auto& state = flows_[flow];
  const auto target = target_hop(state);
  if (target && hop > *target) return true;
  if (!target && state.refused && hop > *state.refused) return true;
  // What this flow will not ask any more, while others go on.
  if (hop > limit(flow)) return true;
  if (!target || hop < *target) return tally_of(hop, flow).heard >= config_.probes_per_hop;
  const auto all = total_from(hop, flow);
  if (all.reached >= config_.probes_per_hop) return true;
  return all.asked >= config_.probes_per_hop && all.asked == all.heard;
}

/// Most answers leave the flow in doubt that was in doubt before them.
bool trace::row_is_certain(std::uint8_t hop) {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const auto flow = static_cast<std::uint16_t>((doubtful_ + i) % flows_.size());
    if (certain(hop, flow)) continue;
    doubtful_ = flow;
    return false;
  }
  return true;
}

std::uint8_t trace::last_row() const {
  std::uint8_t last = 0;
  for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) last = std::max(last, limit(flow));
  return last;
}

void trace::collect(std::uint8_t hop, hop_row& into) {
  into.target = target_;
  into.hop = hop;
  const auto take = [&](unsigned from_hop, std::uint16_t flow, std::uint16_t n, bool wanted_silent) {
    if (rows_[from_hop - 1].cells.empty()) return false;
    auto& one = at(static_cast<std::uint8_t>(from_hop), flow, n);
    const bool silent = one.answer.state == hop_state::silent;
    if (one.state != fate::heard || silent != wanted_silent) return false;
    if (from_hop != hop && !silent && one.answer.state != hop_state::reached) return false;
    into.probes.push_back(
        {{.target = target_, .flow = flow, .hop = static_cast<std::uint8_t>(from_hop), .number = n},
         one.answer});
    return true;
  };
  for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) {
    const auto target = target_hop(flows_[flow]);
    if (target && hop > *target) continue;
    const unsigned last = target && hop == *target ? config_.last_hop : hop;
    std::size_t taken = 0;
    const auto first = into.probes.size();
    for (const bool silent : {false, true})
      for (unsigned h = hop; h <= last; ++h)
        for (std::uint16_t n = 0; n < config_.probes_per_hop && taken < config_.probes_per_hop; ++n)
          taken += take(h, flow, n, silent) ? 1U : 0U;
    if (hop == last)
      std::sort(into.probes.begin() + static_cast<std::ptrdiff_t>(first), into.probes.end(),
                [](const path_result& a, const path_result& b) { return a.asked.number < b.asked.number; });
  }
}

/// The target's time is one that its row shows: what overshot it may have been faster.
void trace::tell(hop_row&& row) {
  auto& least = account_.target_rtt;
  for (const auto& [asked, answer] : row.probes)
    if (answer.state == hop_state::reached && answer.rtt)
      least = std::min(least.value_or(*answer.rtt), *answer.rtt);
  ready_.push_back(std::move(row));
}

void trace::release_rows() {
  for (; joined_ && next_to_tell_ <= last_row(); ++next_to_tell_) {
    const auto hop = static_cast<std::uint8_t>(next_to_tell_);
    if (!row_is_certain(hop)) return;
    hop_row row;
    collect(hop, row);
    const auto seen = std::ranges::find_if(row.probes, [](const path_result& one) {
      return one.answer.state == hop_state::time_exceeded || one.answer.state == hop_state::reached;
    });
    if (path_.size() < hop) path_.resize(hop);
    if (seen != row.probes.end()) path_[hop - 1U] = seen->answer.from;
    const bool any =
        std::ranges::any_of(row.probes, [](const path_result& one) { return answered(one.answer); });
    if (any) account_.hops = hop;
    account_.asked_to = hop;
    tell(std::move(row));
  }
}

bool trace::flow_settled(std::uint16_t flow) const {
  const auto last = limit(flow);
  for (unsigned hop = lowest_; hop <= last; ++hop)
    if (!certain(static_cast<std::uint8_t>(hop), flow)) return false;
  const auto& state = flows_[flow];
  if (flow != 0 || target_hop(state)) return true;
  // What refuses some may let others pass, and there may be more behind the silence.
  const auto* scout = find(config_.last_hop, 0, 0);
  return scout != nullptr ? scout->state != fate::asked : state.refused.has_value();
}

path_stop trace::why_it_ends() const {
  const auto any = [&](auto what) { return std::ranges::any_of(flows_, what); };
  if (any([](const flow_state& one) { return one.reached.has_value(); })) return path_stop::reached;
  if (any([](const flow_state& one) { return one.refused.has_value(); })) return path_stop::unreachable;
  if (cut_) return hopeless_ ? path_stop::error : path_stop::interrupted;
  if (any([&](const flow_state& one) { return one.furthest == config_.last_hop; }))
    return path_stop::last_hop;
  return path_stop::silence;
}

void trace::conclude(mono_time now) {
  if (!cut_) {
    if (!joined_ || next_to_tell_ <= last_row()) return;
    for (std::uint16_t flow = 0; flow < flows_.size(); ++flow)
      if (!flow_settled(flow)) return;
  }
  account_.at = now;
  account_.why = why_it_ends();
  if (account_.why == path_stop::reached) {
    std::optional<std::uint8_t> nearest;
    for (const auto& flow : flows_)
      if (const auto hop = target_hop(flow)) nearest = std::min(nearest.value_or(*hop), *hop);
    account_.hops = *nearest;
  }
  end_ = account_;
}

void trace::cut_short(mono_time now) {
  if (end_) return;
  cut_ = true;
  if (!began_) account_.began = now;
  unsigned last = 0;
  for (unsigned hop = lowest_; hop <= last_row(); ++hop)
    for (std::uint16_t flow = 0; flow < flows_.size(); ++flow)
      if (const auto* one = find(static_cast<std::uint8_t>(hop), flow, 0); one && one->state == fate::heard)
        last = hop;
  for (next_to_tell_ = std::max<unsigned>(next_to_tell_, lowest_); next_to_tell_ <= last; ++next_to_tell_) {
    const auto hop = static_cast<std::uint8_t>(next_to_tell_);
    hop_row row;
    collect(hop, row);
    if (std::ranges::any_of(row.probes, [](const path_result& one) { return answered(one.answer); }))
      account_.hops = hop;
    account_.asked_to = hop;
    tell(std::move(row));
  }
  conclude(now);
}

std::optional<hop_row> trace::next_row() {
  if (told_ == ready_.size()) {
    ready_.clear();
    told_ = 0;
    return std::nullopt;
  }
  return std::move(ready_[told_++]);
}

}  // namespace diag::probe
