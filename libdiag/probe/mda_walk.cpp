// What to ask next along a load-balanced path: everything that the stopping rule is sure to need, at once.
#include "libdiag/probe/mda_walk.hpp"

#include <algorithm>
#include <cmath>

#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

namespace {

constexpr std::uint32_t most_in_flight = 128;
// A router that limits its answers gives one a second, on Linux by default.
constexpr duration retry_pause = 1s;
constexpr std::uint8_t silent_retries_believed = 3;

}  // namespace

std::uint32_t probes_to_rule_out(std::uint32_t known, double failure) {
  known = std::max(known, 1U);
  failure = std::clamp(failure, 1e-9, 0.5);
  const auto kinds = known + 1;
  const auto share = 1.0 / kinds;
  // Far out the number of kinds missed is Poisson distributed; nearer it is computed (Veitch et al. 2009,
  // table 1).
  constexpr std::uint32_t computed = 128;
  if (kinds > computed)
    return static_cast<std::uint32_t>(
        std::ceil(std::log(-std::log1p(-failure) / kinds) / std::log1p(-share)));
  std::vector<double> seen(kinds + 1);  // probability of having seen so many kinds
  seen[0] = 1;
  std::uint32_t probes = 0;
  for (; seen[kinds] < 1 - failure; ++probes) {
    for (auto k = kinds; k > 0; --k) seen[k] = seen[k] * k * share + seen[k - 1] * (kinds - k + 1) * share;
    seen[0] = 0;
  }
  return probes;
}

mda_walk::mda_walk(const mda_config& config, std::uint32_t target, const ip_address& source, mono_time began)
    : config_{config},
      target_{target},
      source_{source},
      began_{began},
      first_{std::max<int>(config.first_hop, 1)},
      last_{std::max<int>(config.last_hop, first_)} {
  config_.attempts = std::clamp<std::uint8_t>(config_.attempts, 1, 100);
  config_.silent_hops = std::max<std::uint8_t>(config_.silent_hops, 1);
  config_.most_flows = std::max<std::uint16_t>(config_.most_flows, 1);
  hops_.resize(static_cast<std::size_t>(last_ - first_ + 1));
  end_.resize(config_.most_flows);
  deepest_ = first_ - 1;
}

duration mda_walk::patience(int h) const {
  return h > highest_answered_ ? config_.timeout : patience_after(longest_rtt_, config_.timeout);
}

mda_walk::cell& mda_walk::cell_of(int h, std::uint16_t flow) {
  auto& cells = at(h).cells;
  if (cells.size() <= flow) cells.resize(flow + std::size_t{1});
  return cells[flow];
}

const mda_walk::cell* mda_walk::find_cell(int h, std::uint16_t flow) const {
  if (h < first_ || h > last_ || at(h).cells.size() <= flow) return nullptr;
  const auto& found = at(h).cells[flow];
  return found.state == cell_state::idle ? nullptr : &found;
}

bool mda_walk::has_address(const hop& one) const {
  return std::any_of(one.nodes.begin(), one.nodes.end(), [this](auto node) { return !silent(node); });
}

std::uint32_t mda_walk::need(std::size_t kinds) const {
  kinds = std::max<std::size_t>(kinds, 1);
  while (needs_.size() < kinds)
    needs_.push_back(probes_to_rule_out(static_cast<std::uint32_t>(needs_.size() + 1), config_.failure));
  return needs_[kinds - 1];
}

bool mda_walk::can_find_flows(int h, std::uint32_t node) const {
  return node == nobody || !silent(node) || at(h).nodes.size() == 1;
}

void mda_walk::add_next(fan& which, int h, std::uint16_t flow) const {
  const auto* next = find_cell(h + 1, flow);
  if (!next) return which.spare.push_back(flow);
  ++which.asked;
  if (next->state != cell_state::known) return;
  ++which.resolved;
  which.next.push_back(next->node);
  if (!which.witness && !silent(next->node)) which.witness = flow;
}

std::vector<mda_walk::fan> mda_walk::fans_at(int h) const {
  std::vector<fan> fans;
  if (h < first_) {
    fans.resize(1);
    for (std::uint16_t flow = 0; flow < config_.most_flows; ++flow) add_next(fans[0], h, flow);
  } else {
    const auto& here = at(h);
    fans.resize(here.nodes.size());
    for (std::uint16_t flow = 0; flow < here.cells.size(); ++flow) {
      const auto& one = here.cells[flow];
      if (one.state != cell_state::known || !goes_to(flow, h + 1)) continue;
      auto& which = fans[nodes_[one.node].order];
      which.node = one.node;
      add_next(which, h, flow);
    }
    std::erase_if(fans, [](const fan& one) { return one.node == nobody; });
  }
  for (auto& one : fans) {
    std::sort(one.next.begin(), one.next.end());
    one.next.erase(std::unique(one.next.begin(), one.next.end()), one.next.end());
  }
  return fans;
}

void mda_walk::mark_dirty(int from, int to) {
  for (auto h = std::max(from, first_); h <= std::min(to, last_); ++h) at(h).dirty = true;
}

void mda_walk::enqueue(int h, std::uint16_t flow) {
  auto& one = cell_of(h, flow);
  if (one.state != cell_state::idle || !goes_to(flow, h)) return;
  one.state = cell_state::queued;
  queue_.emplace_back(static_cast<std::uint8_t>(h), flow);
}

void mda_walk::plan() {
  const auto dirty = [](const hop& one) { return one.dirty; };
  if (std::none_of(hops_.begin(), hops_.end(), dirty)) return;
  plan_ahead();
  if (at(first_).dirty) plan_hop(first_ - 1);
  for (auto h = first_; h <= last_; ++h) {
    if (!at(h).dirty) continue;
    at(h).dirty = false;
    if (h > first_) plan_before(h);
    if (h < last_) plan_hop(h);
  }
}

/// One flow scouts; as many as every hop needs in any case follow where it has been.
void mda_walk::plan_ahead() {
  for (auto h = first_; h <= std::min(last_, deepest_ + config_.silent_hops); ++h) enqueue(h, 0);
  const auto scouted = [this](int h) {
    const auto* one = find_cell(h, 0);
    return one && one->state == cell_state::known;
  };
  auto known = first_ - 1;
  while (known < last_ && scouted(known + 1) && goes_to(0, known + 1)) ++known;
  if (end_[0] == 0 || end_[0] > deepest_) known = std::max(known, deepest_);
  const auto flows = std::min<std::uint32_t>(need(1), config_.most_flows);
  for (auto h = first_; h <= known; ++h)
    for (std::uint16_t flow = 1; flow < flows; ++flow) enqueue(h, flow);
}

/// The stopping rule for every node at a hop: flows known to go through it are asked about the next hop.
void mda_walk::plan_hop(int h) {
  std::uint32_t lacking = 0;
  for (const auto& one : fans_at(h)) {
    const auto wanted = need(one.next.size());
    auto asked = one.asked;
    for (auto flow = one.spare.begin(); asked < wanted && flow != one.spare.end(); ++flow, ++asked)
      enqueue(h + 1, *flow);
    if (asked < wanted && can_find_flows(h, one.node)) lacking += wanted - asked;
  }
  if (lacking != 0 && h >= first_) find_flows(h, lacking);
}

/// Which nodes more flows go through shows when they are asked about this hop. Each of them makes up for at
/// most one that is lacking, so none is sent in vain.
void mda_walk::find_flows(int h, std::uint32_t lacking) {
  std::uint32_t under_way = 0;
  for (const auto& one : at(h).cells)
    if (one.state != cell_state::idle && one.state != cell_state::known) ++under_way;
  for (std::uint16_t flow = 0; flow < config_.most_flows && under_way < lacking; ++flow) {
    if (find_cell(h, flow) || !goes_to(flow, h)) continue;
    enqueue(h, flow);
    ++under_way;
  }
}

/// A node that was met by flows nobody followed on their way to it: one of them is.
void mda_walk::plan_before(int h) {
  const auto& here = at(h);
  std::vector<bool> linked(here.nodes.size());
  std::vector<std::optional<std::uint16_t>> stranger(here.nodes.size());
  for (std::uint16_t flow = 0; flow < here.cells.size(); ++flow) {
    const auto& one = here.cells[flow];
    if (one.state != cell_state::known || !goes_to(flow, h)) continue;
    const auto place = nodes_[one.node].order;
    if (find_cell(h - 1, flow))
      linked[place] = true;
    else if (!stranger[place])
      stranger[place] = flow;
  }
  for (std::size_t place = 0; place < linked.size(); ++place)
    if (!linked[place] && stranger[place]) enqueue(h - 1, *stranger[place]);
}

path_question mda_walk::ask(int h, std::uint16_t flow) {
  auto& one = cell_of(h, flow);
  path_question question;
  question.target = target_;
  question.flow = flow;
  question.hop = static_cast<std::uint8_t>(h);
  question.number = one.tries++;
  flows_used_ = std::max<std::uint32_t>(flows_used_, flow + 1U);
  ++in_flight_;
  ++sent_;
  return question;
}

std::optional<path_question> mda_walk::next_planned() {
  for (plan(); !queue_.empty(); plan()) {
    const auto [h, flow] = queue_.front();
    queue_.pop_front();
    auto& one = cell_of(h, flow);
    if (one.state != cell_state::queued) continue;  // a late answer was faster
    if (goes_to(flow, h)) {
      one.state = cell_state::asked;
      return ask(h, flow);
    }
    one.state = cell_state::idle;
    mark_dirty(h - 1, h);
  }
  return std::nullopt;
}

std::optional<path_question> mda_walk::next_retry(mono_time now) {
  for (auto h = first_; h <= last_; ++h) {
    auto& here = at(h);
    while (!here.waiting.empty() && !here.retrying && here.retry_at <= now) {
      const auto flow = here.waiting.front();
      here.waiting.pop_front();
      auto& one = cell_of(h, flow);
      if (one.state != cell_state::waiting) continue;
      one.state = cell_state::asked;
      one.retried = true;
      const auto question = ask(h, flow);
      here.retrying = {flow, question.number};
      return question;
    }
  }
  return std::nullopt;
}

std::optional<path_question> mda_walk::next(mono_time now) {
  if (done_ || in_flight_ >= most_in_flight) return std::nullopt;
  if (auto question = next_planned()) return question;
  if (auto question = next_retry(now)) return question;
  if (!checking_) {
    if (waits()) return std::nullopt;
    begin_checks();
  }
  if (auto question = next_check()) return question;
  done_ = checks_in_flight_ == 0;
  return std::nullopt;
}

/// Is there anything in flight, or to be asked later, that tells more? What overshot the target does not.
bool mda_walk::waits() const {
  constexpr std::uint32_t most_overshooting = 32;
  if (in_flight_ > most_overshooting) return true;
  for (auto h = first_; h <= last_; ++h) {
    const auto& cells = at(h).cells;
    for (std::uint16_t flow = 0; flow < cells.size(); ++flow)
      if ((cells[flow].state == cell_state::asked && goes_to(flow, h)) ||
          cells[flow].state == cell_state::waiting)
        return true;
  }
  return false;
}

std::optional<mono_time> mda_walk::next_at() const {
  std::optional<mono_time> first;
  if (in_flight_ >= most_in_flight) return first;  // until one of them has been heard of
  for (const auto& one : hops_)
    if (!one.waiting.empty() && !one.retrying) first = std::min(first.value_or(one.retry_at), one.retry_at);
  return first;
}

std::uint32_t mda_walk::node_for(int h, const ip_address& address) {
  auto& here = at(h);
  for (const auto node : here.nodes)
    if (nodes_[node].address == address) return node;
  const auto node = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(
      {static_cast<std::uint8_t>(h), static_cast<std::uint32_t>(here.nodes.size()), address, 0, {}});
  here.nodes.push_back(node);
  return node;
}

void mda_walk::hear(mono_time now, const path_question& asked, const path_answer& answer) {
  const int h = asked.hop;
  if (h < first_ || h > last_ || asked.flow >= config_.most_flows || done_) return;
  auto& here = at(h);
  const auto retried = here.retrying == std::pair{asked.flow, asked.number} && !answer.late;
  if (!answer.late) {
    --in_flight_;
    if (is_check(asked)) --checks_in_flight_;
  }
  const auto silence = answer.state == hop_state::silent || answer.state == hop_state::error || !answer.from;
  if (retried) end_retry(now, h, silence);
  if (!silence) return hear_answer(h, asked.flow, answer);
  if (answer.state == hop_state::error) {
    ++errors_;
    --sent_;
  }
  if (!answer.late) hear_silence(now, h, asked.flow, answer.state == hop_state::error);
}

void mda_walk::hear_answer(int h, std::uint16_t flow, const path_answer& answer) {
  const auto known_before = has_address(at(h));
  const auto node = node_for(h, answer.from);
  highest_answered_ = std::max(highest_answered_, h);
  auto& place = nodes_[node];
  ++place.probes;
  if (answer.rtt) {
    place.rtt = std::min(place.rtt.value_or(*answer.rtt), *answer.rtt);
    longest_rtt_ = std::max(longest_rtt_.value_or(*answer.rtt), *answer.rtt);
  }
  if (answer.state == hop_state::time_exceeded) deepest_ = std::max(deepest_, h);
  const auto& one = cell_of(h, flow);
  if (one.state != cell_state::known || silent(one.node)) {
    settle(h, flow, node, &answer);
    if (!known_before) doubt_silence(h);
    return;
  }
  if (one.node == node) return;
  for (auto& again : checks_)
    if (again.hop + 1 == h && again.flow == flow) again.differs = true;
}

void mda_walk::hear_silence(mono_time now, int h, std::uint16_t flow, bool error) {
  auto& here = at(h);
  auto& one = cell_of(h, flow);
  if (one.state != cell_state::asked) return;
  if (!one.retried && one.tries < config_.attempts) {
    one.state = cell_state::queued;
    queue_.emplace_back(static_cast<std::uint8_t>(h), flow);
  } else if (!one.retried && !error && !here.mute && has_address(here)) {
    // Its neighbors answer: it may be that they answer only so often.
    one.state = cell_state::waiting;
    if (here.waiting.empty()) here.retry_at = std::max(here.retry_at, now + retry_pause);
    here.waiting.push_back(flow);
  } else {
    settle(h, flow, node_for(h, {}), nullptr);
  }
}

void mda_walk::end_retry(mono_time now, int h, bool silence) {
  auto& here = at(h);
  here.retrying.reset();
  here.retry_at = now + retry_pause;
  here.silent_retries = silence ? static_cast<std::uint8_t>(here.silent_retries + 1) : std::uint8_t{0};
  if (here.silent_retries < silent_retries_believed) return;
  here.mute = true;
  for (const auto flow : std::exchange(here.waiting, {}))
    if (cell_of(h, flow).state == cell_state::waiting) settle(h, flow, node_for(h, {}), nullptr);
}

/// Somebody at this hop answers after all: the silence of others is asked about once more.
void mda_walk::doubt_silence(int h) {
  auto& here = at(h);
  if (here.mute) return;
  for (std::uint16_t flow = 0; flow < here.cells.size(); ++flow) {
    auto& one = here.cells[flow];
    if (one.state != cell_state::known || !silent(one.node) || one.retried) continue;
    one.state = cell_state::waiting;
    here.waiting.push_back(flow);
    refresh_end(flow);
  }
}

void mda_walk::settle(int h, std::uint16_t flow, std::uint32_t node, const path_answer* answer) {
  auto& one = cell_of(h, flow);
  one.state = cell_state::known;
  one.node = node;
  one.reached = answer && answer->state == hop_state::reached;
  one.ends = answer && answer->state != hop_state::time_exceeded;
  reached_ = reached_ || one.reached;
  refused_ = refused_ || (one.ends && !one.reached);
  mark_dirty(h - 1, h + 1);
  refresh_end(flow);
}

/// A flow ends at the target, at a refusal, or in silence.
void mda_walk::refresh_end(std::uint16_t flow) {
  int found = 0;
  int silence = 0;
  for (auto h = first_; h <= last_ && found == 0; ++h) {
    const auto* one = find_cell(h, flow);
    const auto known = one && one->state == cell_state::known;
    silence = known && silent(one->node) ? silence + 1 : 0;
    if ((known && one->ends) || silence == config_.silent_hops) found = h;
  }
  if (end_[flow] == found) return;
  end_[flow] = static_cast<std::uint8_t>(found);
  mark_dirty(first_, last_);
}

}  // namespace diag::probe
