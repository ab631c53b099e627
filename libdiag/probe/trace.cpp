// Hops of one target, asked in the order number, hop, flow.
#include "libdiag/probe/trace.hpp"

#include <algorithm>

#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

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
  if (row.cells.empty()) {
    row.cells.resize(std::size_t{config_.probes_per_hop} * flows_.size());
    row.tallies.resize(flows_.size());
  }
  return row.cells[std::size_t{flow} * config_.probes_per_hop + number];
}

const trace::cell* trace::find(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const {
  const auto& row = rows_[hop - 1U].cells;
  return row.empty() ? nullptr : &row[std::size_t{flow} * config_.probes_per_hop + number];
}

trace::tally trace::tally_of(unsigned hop, std::uint16_t flow) const {
  const auto& row = rows_[hop - 1U].tallies;
  return row.empty() ? tally{} : row[flow];
}

bool trace::answered(const path_answer& what) {
  return what.state != hop_state::silent && what.state != hop_state::error;
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
  want_all();
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

trace::tally trace::total_from(std::uint8_t hop, std::uint16_t flow) const {
  tally sum;
  for (unsigned h = hop; h <= config_.last_hop; ++h) {
    const auto one = tally_of(h, flow);
    sum.asked = static_cast<std::uint16_t>(sum.asked + one.asked);
    sum.heard = static_cast<std::uint16_t>(sum.heard + one.heard);
    sum.reached = static_cast<std::uint16_t>(sum.reached + one.reached);
  }
  return sum;
}

/// `number` is the next of this hop and flow.
bool trace::may_ask(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const {
  const auto& state = flows_[flow];
  const auto target = target_hop(state);
  const bool scout = number == 0 && flow == 0 && hop == config_.last_hop && !target && !state.refused;
  if (hop > limit(flow) && !scout) return false;
  // What overshoots the target is a probe of its hop.
  if (target && hop == *target && total_from(hop, flow).asked >= config_.probes_per_hop) return false;
  if (number <= bold_ || hop <= std::max(state.furthest, target.value_or(0))) return true;
  return find(hop, flow, static_cast<std::uint16_t>(number - 1))->state == fate::heard;
}

/// Looks for the flow's next question. What it may ask depends on its own answers alone, so this is done
/// when one of them has come, or it has asked.
void trace::want(std::uint16_t flow) {
  auto& wanted = flows_[flow].wanted;
  wanted = nothing_wanted;
  const auto consider = [&](unsigned h) {
    const auto hop = static_cast<std::uint8_t>(h);
    const auto number = tally_of(h, flow).asked;
    if (number >= config_.probes_per_hop || rank(number, h) >= wanted) return;
    if (may_ask(hop, flow, number)) wanted = rank(number, h);
  };
  const unsigned last = limit(flow);
  for (unsigned h = lowest_; h <= last; ++h) consider(h);
  if (last < config_.last_hop) consider(config_.last_hop);
}

void trace::want_all() {
  for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) want(flow);
}

std::optional<path_question> trace::next(mono_time now) {
  if (end_) return std::nullopt;
  if (!began_) {
    began_ = true;
    account_.began = now;
    for (std::uint16_t flow = 0; flow < flows_.size(); ++flow) open_window(flow);
    want_all();
  }
  if (const auto at = bolder_at(); at && account_.sent != 0 && *at <= now) grow_bold(now);
  const auto first = std::ranges::min_element(flows_, {}, &flow_state::wanted);
  if (first->wanted == nothing_wanted) return std::nullopt;
  const auto flow = static_cast<std::uint16_t>(first - flows_.begin());
  const auto hop = static_cast<std::uint8_t>(first->wanted & 0xff);
  const auto number = static_cast<std::uint16_t>(first->wanted >> 8);
  at(hop, flow, number).state = fate::asked;
  ++rows_[hop - 1U].tallies[flow].asked;
  want(flow);
  ++account_.sent;
  last_asked_ = now;
  return path_question{.target = target_, .flow = flow, .hop = hop, .number = number};
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
  auto& counts = rows_[asked.hop - 1U].tallies[asked.flow];
  if (!replaces) ++counts.heard;
  if (answer.state == hop_state::reached) ++counts.reached;
  here.state = fate::heard;
  here.answer = std::move(answer);
  if (!joined_ && asked.hop == lowest_ && asked.flow == 0 && asked.number == 0) look_back(here.answer);
  if (hopeless_) return cut_short(now);
  open_window(asked.flow);
  want(asked.flow);
  release_rows();
  conclude(now);
}

/// Doubletree: down from the middle, until somebody is met whose own path is known.
void trace::look_back(const path_answer& answer) {
  const auto known = answered(answer) && answer.from ? tree_->before(lowest_, answer.from) : std::nullopt;
  if (!known) {
    --lowest_;
    joined_ = lowest_ == config_.first_hop;
    return want_all();
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

}  // namespace diag::probe
