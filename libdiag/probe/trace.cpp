// Hops of one target, asked in the order number, hop, flow.
#include "libdiag/probe/trace.hpp"

#include <algorithm>

#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

namespace {

/// Whether the answer shows a router on the way, or the target.
bool answered(const path_answer& what) {
  return what.state != hop_state::silent && what.state != hop_state::error;
}

}  // namespace

trace::trace(const trace_config& config, std::uint32_t target, const hop_tree* tree)
    : config_{config},
      tree_{tree},
      target_{target},
      rows_(config.last_hop),
      flows_(std::max<std::uint16_t>(config.flows, 1)),
      next_to_tell_{config.first_hop},
      lowest_{config.first_hop},
      joined_{true} {
  account_.target = target;
  if (tree == nullptr || tree->empty()) return;
  lowest_ = std::clamp(tree->start_hop(), config.first_hop, config.last_hop);
  joined_ = lowest_ == config.first_hop;
}

trace::cell& trace::at(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) {
  auto& row = rows_[hop - 1U];
  if (row.empty()) row.resize(std::size_t{config_.probes_per_hop} * flows_.size());
  return row[std::size_t{flow} * config_.probes_per_hop + number];
}

const trace::cell* trace::find(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const {
  const auto& row = rows_[hop - 1U];
  return row.empty() ? nullptr : &row[std::size_t{flow} * config_.probes_per_hop + number];
}

std::optional<std::uint8_t> trace::target_hop(const flow_state& flow) const {
  if (!flow.reached) return std::nullopt;
  return flow.by_quote ? std::min(*flow.by_quote, *flow.reached) : *flow.reached;
}

duration trace::patience(std::uint8_t hop) const {
  if (hop > highest_answered_) return config_.timeout;
  return patience_after(longest_rtt_, config_.timeout);
}

duration trace::bold_after() const {
  if (!longest_rtt_) return config_.timeout / config_.probes_per_hop;
  constexpr duration least = 50ms;
  return std::min(std::max(*longest_rtt_ * 10, least), config_.timeout);
}

std::optional<mono_time> trace::bolder_at() const {
  if (end_ || !began_ || (wide_ && bold_ + 1 >= config_.probes_per_hop)) return std::nullopt;
  return last_asked_ + bold_after();
}

std::uint8_t trace::limit(std::uint16_t flow) const {
  const auto& state = flows_[flow];
  const auto target = target_hop(state);
  if (target && state.by_quote) return *target;
  if (!target && state.refused) return *state.refused;
  return target ? std::min(state.open, *target) : state.open;
}

void trace::extend_window(flow_state& flow, unsigned from, unsigned by) const {
  flow.open = static_cast<std::uint8_t>(
      std::max<unsigned>(flow.open, std::min<unsigned>(from + by, config_.last_hop)));
}

/// Nothing has come for a while: second probes wait no longer for first ones, nor the end of the window for
/// the silence of its beginning, which would cost another timeout.
void trace::grow_bold(mono_time now) {
  if (bold_ + 1 < config_.probes_per_hop) ++bold_;
  wide_ = true;
  last_asked_ = now;
  for (auto& flow : flows_)
    if (!flow.reached) extend_window(flow, std::max<unsigned>(flow.furthest, lowest_ - 1U), config_.window);
}

/// The window moves on when its last quarter is reached, not hop by hop: otherwise every answer from a nearby
/// router would send one more probe beyond a target that has not answered yet.
void trace::open_window(std::uint16_t flow) {
  auto& state = flows_[flow];
  const auto extend = [&](unsigned from, unsigned by) { extend_window(state, from, by); };
  // Doubletree is about few packets: from the middle on in small steps, unless there is silence.
  const unsigned step = lowest_ > config_.first_hop ? std::min<unsigned>(config_.window, 3) : config_.window;
  if (state.open == 0) return extend(lowest_ - 1U, step);
  if (state.furthest + step / 4 > state.open) return extend(state.furthest, step);
  for (unsigned hop = lowest_; hop <= state.open; ++hop) {
    const auto* first = find(static_cast<std::uint8_t>(hop), flow, 0);
    if (first == nullptr || first->state != fate::heard) return;
  }
  // The target is known to be there: silence on the way to it is no reason to stop.
  extend(state.reached ? state.open : std::max<unsigned>(state.furthest, lowest_ - 1U),
         state.furthest == state.open ? step : config_.window);
}

std::uint16_t trace::count_from(std::uint8_t hop, std::uint16_t flow, fate least) const {
  std::uint16_t count = 0;
  for (unsigned h = hop; h <= config_.last_hop; ++h)
    for (std::uint16_t n = 0; n < config_.probes_per_hop; ++n) {
      const auto* one = find(static_cast<std::uint8_t>(h), flow, n);
      if (one != nullptr && one->state >= least) ++count;
    }
  return count;
}

std::uint16_t trace::reaching_from(std::uint8_t hop, std::uint16_t flow) const {
  std::uint16_t count = 0;
  for (unsigned h = hop; h <= config_.last_hop; ++h)
    for (std::uint16_t n = 0; n < config_.probes_per_hop; ++n) {
      const auto* one = find(static_cast<std::uint8_t>(h), flow, n);
      if (one != nullptr && one->state == fate::heard && one->answer.state == hop_state::reached) ++count;
    }
  return count;
}

bool trace::may_ask(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const {
  const auto* here = find(hop, flow, number);
  if (here != nullptr && here->state != fate::unasked) return false;
  const auto& state = flows_[flow];
  const auto target = target_hop(state);
  const bool scout = number == 0 && flow == 0 && hop == config_.last_hop && !target && !state.refused;
  if (hop > limit(flow) && !scout) return false;
  // What overshoots the target is a probe of its hop.
  if (target && hop == *target && count_from(hop, flow, fate::asked) >= config_.probes_per_hop) return false;
  if (number == 0) return true;
  const auto* before = find(hop, flow, static_cast<std::uint16_t>(number - 1));
  if (before == nullptr || before->state == fate::unasked) return false;
  return number <= bold_ || hop <= std::max(state.furthest, target.value_or(0)) ||
         before->state == fate::heard;
}

std::optional<path_question> trace::next(mono_time now) {
  if (end_) return std::nullopt;
  if (!began_) {
    began_ = true;
    account_.began = now;
    for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) open_window(flow);
  }
  if (const auto at = bolder_at(); at && account_.sent != 0 && *at <= now) grow_bold(now);
  for (std::uint16_t number = 0; number < config_.probes_per_hop; ++number)
    for (unsigned h = lowest_; h <= config_.last_hop; ++h)
      for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) {
        const auto hop = static_cast<std::uint8_t>(h);
        if (!may_ask(hop, flow, number)) continue;
        at(hop, flow, number).state = fate::asked;
        ++account_.sent;
        last_asked_ = now;
        return path_question{.target = target_, .flow = flow, .hop = hop, .number = number};
      }
  return std::nullopt;
}

void trace::note(const path_question& asked, const path_answer& answer) {
  auto& flow = flows_[asked.flow];
  if (answered(answer)) {
    ++account_.answered;
    highest_answered_ = std::max(highest_answered_, asked.hop);
  }
  if (answer.late) ++account_.late;
  if (answer.rtt) longest_rtt_ = std::max(longest_rtt_.value_or(duration::zero()), *answer.rtt);
  switch (answer.state) {
    case hop_state::time_exceeded:
      if (asked.hop > flow.furthest) wide_ = false;
      flow.furthest = std::max(flow.furthest, asked.hop);
      // The quote said that the target was nearer: it was wrong, or the path has changed.
      if (flow.by_quote && asked.hop >= *flow.by_quote) flow.by_quote.reset();
      break;
    case hop_state::reached: {
      flow.reached = std::min(flow.reached.value_or(asked.hop), asked.hop);
      if (answer.rtt) account_.target_rtt = std::min(account_.target_rtt.value_or(*answer.rtt), *answer.rtt);
      // What the target quotes still has the hop limit it arrived with.
      const unsigned left = answer.quoted_hop_limit.value_or(0);
      if (left < 1 || left > asked.hop) break;
      const auto distance = static_cast<std::uint8_t>(asked.hop - left + 1);
      const bool possible = distance > flow.furthest && distance >= next_to_tell_;
      if (possible) flow.by_quote = std::min(flow.by_quote.value_or(distance), distance);
      break;
    }
    case hop_state::unreachable:
      // Lost fragments say nothing about who forwards.
      if (answer.why == reason::reassembly_time_exceeded) break;
      flow.refused = std::min(flow.refused.value_or(asked.hop), asked.hop);
      break;
    case hop_state::error:
      --account_.sent;
      break;
    case hop_state::silent:
      break;
  }
}

void trace::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  if (end_ || asked.hop == 0 || asked.hop > config_.last_hop) return;
  auto& here = at(asked.hop, asked.flow, asked.number);
  const bool replaces = here.state == fate::heard;
  if (replaces && (!answer.late || here.answer.state != hop_state::silent)) return;
  // A host that may not send at all will not do better at the next hop.
  hopeless_ =
      answer.state == hop_state::error && account_.answered == 0 && answer.why != reason::local_queue_full;
  note(asked, answer);
  here.state = fate::heard;
  here.answer = std::move(answer);
  if (!joined_ && asked.hop == lowest_ && asked.flow == 0 && asked.number == 0) look_back(here.answer);
  if (hopeless_) return cut_short(now);
  open_window(asked.flow);
  release_rows();
  conclude(now);
}

/// Doubletree: down from the middle, until somebody is met whose own path is known.
void trace::look_back(const path_answer& answer) {
  const auto known = answered(answer) && answer.from ? tree_->before(lowest_, answer.from) : std::nullopt;
  if (!known) {
    --lowest_;
    joined_ = lowest_ == config_.first_hop;
    return;
  }
  for (; next_to_tell_ < lowest_; ++next_to_tell_) {
    const auto& address = (*known)[next_to_tell_ - 1U];
    hop_row row;
    row.target = target_;
    row.hop = static_cast<std::uint8_t>(next_to_tell_);
    row.known = true;
    path_result one;
    one.asked = {.target = target_, .flow = 0, .hop = row.hop};
    one.answer.from = address;
    one.answer.at = answer.at;
    if (address) one.answer.state = hop_state::time_exceeded;
    if (address) one.answer.why = reason::hop_limit_exceeded;
    row.probes.push_back(std::move(one));
    ready_.push_back(std::move(row));
  }
  path_.assign(known->begin(), known->end());
  joined_ = true;
}

bool trace::heard_all(std::uint8_t hop, std::uint16_t flow) const {
  for (std::uint16_t n = 0; n < config_.probes_per_hop; ++n) {
    const auto* one = find(hop, flow, n);
    if (one == nullptr || one->state != fate::heard) return false;
  }
  return true;
}

bool trace::certain(std::uint8_t hop, std::uint16_t flow) const {
  const auto& state = flows_[flow];
  const auto target = target_hop(state);
  if (target && hop > *target) return true;
  if (!target && state.refused && hop > *state.refused) return true;
  if (!target || hop < *target) return heard_all(hop, flow);
  if (reaching_from(hop, flow) >= config_.probes_per_hop) return true;
  const auto asked = count_from(hop, flow, fate::asked);
  return asked >= config_.probes_per_hop && asked == count_from(hop, flow, fate::heard);
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
    if (rows_[from_hop - 1].empty()) return false;
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

void trace::release_rows() {
  for (; joined_ && next_to_tell_ <= last_row(); ++next_to_tell_) {
    const auto hop = static_cast<std::uint8_t>(next_to_tell_);
    for (std::uint16_t flow = 0; flow < flows_.size(); ++flow)
      if (!certain(hop, flow)) return;
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
    ready_.push_back(std::move(row));
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
    if (!joined_) return;
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
    ready_.push_back(std::move(row));
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
