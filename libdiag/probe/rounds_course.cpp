// Rounds over all hops of all targets: who is asked, and what the answers say of how far the path goes.
#include "libdiag/probe/rounds_course.hpp"

#include <algorithm>
#include <utility>

namespace diag::probe {

namespace {

// Hops asked in vain, in each round, beyond the last of a path whose end never answered: mtr's number.
constexpr std::uint8_t blind_hops = 5;
// Rounds of a flow for which a hop that passed packets on is believed to do so still.
constexpr std::uint64_t memory = 3;
// Rounds of a flow without the target after which it may be anywhere.
constexpr std::uint64_t lost_sight_after = 8;
// The last round waits at least so long, whatever the earlier ones showed.
constexpr duration least_grace = 250ms;

}  // namespace

/// What one flow of a target has shown of its way.
struct rounds_course::flow_path {
  struct mark {
    std::uint8_t hop = 0;
    std::uint64_t round = 0;
    void lower(std::uint8_t to, std::uint64_t in_round) {
      if (hop == 0 || in_round > round)
        *this = {to, in_round};
      else if (in_round == round)
        hop = std::min(hop, to);
    }
  };
  std::uint64_t asked_rounds = 0;
  std::uint64_t round = 0;     ///< the latest it was asked in
  std::uint8_t round_end = 0;  ///< where that round expects the end; 0: it looks for it
  std::uint8_t asked = 0;      ///< hops asked in that round, without a gap
  bool far_asked = false;      ///< that round has asked the last hop
  mark reached{};              ///< lowest hop that reached the target, and when last
  mark refused{};              ///< lowest hop that somebody refused, in the latest round
  mark passed{};               ///< furthest hop that passed a packet on, of late
  std::uint8_t passed_ever = 0;
};

struct rounds_course::track {
  std::vector<hop_figures> rows;  ///< from first_hop on
  std::vector<flow_path> flows;
  bool queued = false;
  std::optional<mono_time> began{};
  std::uint64_t sent = 0, answered = 0, late = 0, errors = 0;  ///< of the whole run
  bool ever_reached = false;
  std::vector<std::optional<duration>> target_rtts;  ///< the least by hop, beside `rows`
  std::optional<duration> longest_rtt{};
  std::uint8_t highest_answered = 0;
};

rounds_course::rounds_course(const rounds_config& config, std::span<const path_target> targets)
    : config_{config}, targets_{targets}, tracks_(targets.size()) {
  config_.flows = std::max<std::uint16_t>(config_.flows, 1);
  config_.first_hop = std::max<std::uint8_t>(config_.first_hop, 1);
  config_.last_hop = std::max(config_.last_hop, config_.first_hop);
  config_.window = std::max<std::uint8_t>(config_.window, 1);
  for (auto& one : tracks_) one.flows.resize(config_.flows);
  finished_ = targets.empty();
}

rounds_course::~rounds_course() = default;

/// Where a flow's path ends as far as is known; 0: unknown.
std::uint8_t rounds_course::end_of(const flow_path& path) const {
  // The target refuses some packets and is reached by others: what reached it counts.
  const auto end = path.reached.hop != 0 ? path.reached.hop : path.refused.hop;
  if (end == 0) return 0;
  const auto behind = std::min<int>(path.passed.hop + 1, config_.last_hop);
  return std::max(end, static_cast<std::uint8_t>(behind));
}

/// The furthest hop to be asked in the flow's present round.
std::uint8_t rounds_course::limit_of(const flow_path& path) const {
  if (path.round_end != 0 && path.passed.hop < path.round_end) return path.round_end;
  // The end is not known, or no longer where it was.
  const auto first_look = path.round_end != 0 || path.asked_rounds == 1;
  const int ahead = first_look ? config_.window : std::min(config_.window, blind_hops);
  const int from =
      std::max<int>(path.round_end != 0 ? path.passed.hop : path.passed_ever, config_.first_hop - 1);
  // Half of the window is kept closed until answers come from its middle: the target is nearer, mostly.
  const auto furthest = std::max(config_.first_hop - 1 + ahead, from + (ahead + 1) / 2);
  const auto limit = static_cast<std::uint8_t>(std::min<int>(furthest, config_.last_hop));
  for (const auto& found : {path.reached, path.refused})
    if (found.hop != 0 && found.round == path.round && found.hop > path.passed.hop)
      return std::min(limit, found.hop);
  return limit;
}

void rounds_course::begin_round(mono_time now) {
  const auto flow = static_cast<std::uint16_t>(round_ % config_.flows);
  for (std::uint32_t target = 0; target < tracks_.size(); ++target) {
    auto& one = tracks_[target];
    auto& path = one.flows[flow];
    path.round = round_;
    path.asked = static_cast<std::uint8_t>(config_.first_hop - 1);
    path.far_asked = false;
    path.round_end = end_of(path);
    // A flow that is new takes the others' word for how far the target is.
    if (path.asked_rounds++ == 0)
      for (const auto& other : one.flows) path.round_end = std::max(path.round_end, end_of(other));
    enqueue(target);
  }
  // An absolute schedule, and no volley after a stall.
  const auto due = next_round_.value_or(now);
  next_round_ = now - due >= config_.interval ? now + config_.interval : due + config_.interval;
  ++round_;
}

void rounds_course::enqueue(std::uint32_t target) {
  auto& one = tracks_[target];
  if (one.queued || finished_) return;
  one.queued = true;
  curious_.push_back(target);
}

std::optional<path_question> rounds_course::question_of(std::uint32_t target) {
  const auto round = round_ - 1;
  const auto flow = static_cast<std::uint16_t>(round % config_.flows);
  auto& path = tracks_[target].flows[flow];
  const auto limit = limit_of(path);
  path_question question;
  question.target = target;
  question.flow = flow;
  question.number = static_cast<std::uint16_t>(round);
  if (path.asked < limit) {
    question.hop = ++path.asked;
    if (question.hop < config_.last_hop) return question;
    if (std::exchange(path.far_asked, true)) return std::nullopt;
    return question;
  }
  // One probe goes all the way where nobody knows where the target is, or has heard of it of late.
  const auto lost_sight =
      path.reached.hop != 0 && round - path.reached.round > lost_sight_after * config_.flows;
  if (path.far_asked || (path.round_end != 0 && !lost_sight)) return std::nullopt;
  path.far_asked = true;
  question.hop = config_.last_hop;
  return question;
}

std::optional<path_question> rounds_course::next(mono_time now) {
  while (!finished_) {
    if (paused_) {
      // Rounds slip while paused: whoever waits for next_at() waits on.
      if (!next_round_ || *next_round_ <= now) next_round_ = now + config_.interval;
      return std::nullopt;
    }
    if (curious_.empty()) {
      if (last_round_asked() || (next_round_ && now < *next_round_)) break;
      begin_round(now);
    }
    const auto target = curious_.front();
    auto& one = tracks_[target];
    if (const auto question = question_of(target)) {
      const auto row = static_cast<std::size_t>(question->hop - config_.first_hop);
      while (one.rows.size() <= row) {
        const auto hop = static_cast<std::uint8_t>(config_.first_hop + one.rows.size());
        one.rows.emplace_back().hop = hop;
        one.target_rtts.emplace_back();
      }
      if (round_ > counted_from_) ++one.rows[row].sent;
      if (!one.began) one.began = now;
      ++one.sent;
      ++in_flight_;
      return question;
    }
    one.queued = false;
    curious_.pop_front();
  }
  finish_if_done(now);
  return std::nullopt;
}

std::optional<mono_time> rounds_course::next_at() const {
  if (finished_) return std::nullopt;
  if (!paused_ && !curious_.empty()) return mono_time::min();
  if (!paused_ && last_round_asked()) return std::nullopt;
  return next_round_.value_or(mono_time::min());
}

duration rounds_course::patience_for(const path_question& asked) const {
  const auto& one = tracks_[asked.target];
  // In a single round, what is further away than all that answered may just take longer.
  const auto far = round_ == 1 && asked.hop > one.highest_answered;
  if (!last_round_asked() || far) return config_.timeout;
  return std::min(config_.timeout, std::max(patience_after(one.longest_rtt, config_.timeout), least_grace));
}

namespace {

void note_address(hop_figures& row, const path_answer& answer) {
  if (!answer.from) return;
  auto found = std::find_if(row.addresses.begin(), row.addresses.end(),
                            [&](const hop_address& a) { return a.address == answer.from; });
  if (found == row.addresses.end()) {
    // A hop that answers from ever new addresses is lying; enough of them are kept to see it.
    constexpr std::size_t most_addresses = 64;
    if (row.addresses.size() == most_addresses) return;
    found = row.addresses.insert(row.addresses.end(), {answer.from, 0, answer.at, answer.at});
  }
  ++found->answers;
  found->first = std::min(found->first, answer.at);
  found->last = std::max(found->last, answer.at);
  found->state = answer.state;
  found->why = answer.why;
}

void count(hop_figures& row, std::uint64_t round, const path_answer& answer) {
  if (answer.late) {
    ++row.late;
    return note_address(row, answer);
  }
  if (answer.state == hop_state::error) {
    --row.sent;
    ++row.errors;
  } else if (answer.state == hop_state::silent) {
    ++row.lost;
    ++row.last_run_lost;
  } else {
    ++row.answered;
    row.gaps.add(round);
    row.last_run_lost = 0;
    if (answer.rtt) {
      row.last = answer.rtt;
      row.rtt.add(*answer.rtt);
    }
    row.latest = answer;
    note_address(row, answer);
  }
}

}  // namespace

void rounds_course::learn(std::uint32_t target, const path_question& asked, std::uint64_t round,
                          const path_answer& answer) {
  auto& one = tracks_[target];
  auto& path = one.flows[asked.flow];
  switch (answer.state) {
    case hop_state::time_exceeded:
      if (asked.hop > path.passed.hop || round > path.passed.round + memory * config_.flows ||
          (asked.hop == path.passed.hop && round > path.passed.round))
        path.passed = {asked.hop, round};
      path.passed_ever = std::max(path.passed_ever, asked.hop);
      break;
    case hop_state::reached: {
      one.ever_reached = true;
      // A probe with hops to spare does not say that the target has moved away.
      const auto old = path.reached;
      const auto moved = (path.passed.hop >= old.hop && path.passed.round > old.round) ||
                         round > old.round + lost_sight_after * config_.flows;
      if (old.hop == 0 || moved || (asked.hop <= old.hop && round >= old.round))
        path.reached = {asked.hop, round};
      break;
    }
    case hop_state::unreachable:
      path.refused.lower(asked.hop, round);
      break;
    default:
      return;
  }
  one.highest_answered = std::max(one.highest_answered, asked.hop);
  if (answer.rtt) one.longest_rtt = std::max(one.longest_rtt.value_or(*answer.rtt), *answer.rtt);
  if (path.round + 1 == round_ && round_ > counted_from_) enqueue(target);
}

void rounds_course::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  if (asked.target >= tracks_.size() || asked.flow >= config_.flows || round_ == 0) return;
  auto& one = tracks_[asked.target];
  const auto row = static_cast<std::size_t>(asked.hop - config_.first_hop);
  if (asked.hop < config_.first_hop || row >= one.rows.size()) return;
  // Numbers are 16 bits of the round; nothing is remembered for 65,536 rounds.
  const auto age = static_cast<std::uint16_t>((round_ - 1) - asked.number);
  const auto round = round_ - 1 >= age ? round_ - 1 - age : 0;
  if (finished_ && !answer.late) return;
  if (round >= counted_from_) {
    count(one.rows[row], round, answer);
    auto& least = one.target_rtts[row];
    if (answer.state == hop_state::reached && answer.rtt && !answer.late)
      least = std::min(least.value_or(*answer.rtt), *answer.rtt);
  }
  if (answer.late) {
    ++one.late;
    ++one.answered;
  } else if (answer.state == hop_state::error) {
    --one.sent;
    ++one.errors;
  } else if (answer.state != hop_state::silent) {
    ++one.answered;
  }
  learn(asked.target, asked, round, answer);
  if (answer.late) return;
  --in_flight_;
  events_.push_back(path_result{asked, std::move(answer)});
  finish_if_done(now);
}

void rounds_course::finish_if_done(mono_time now) {
  if (last_round_asked() && in_flight_ == 0 && curious_.empty()) finish(now, false);
}

void rounds_course::cut_short(mono_time now) {
  finish(now, true);
}

path_end rounds_course::end_event(std::uint32_t target, mono_time now, bool interrupted) const {
  const auto& one = tracks_[target];
  path_end end;
  end.target = target;
  end.began = one.began.value_or(now);
  end.at = now;
  end.sent = one.sent;
  end.answered = one.answered;
  end.late = one.late;
  std::uint8_t reached = 0;
  std::uint8_t refused = 0;
  std::uint8_t heard = 0;
  for (const auto& path : one.flows) {
    if (path.reached.hop != 0)
      reached = reached == 0 ? path.reached.hop : std::min(reached, path.reached.hop);
    refused = std::max(refused, path.refused.hop);
    heard = std::max({heard, path.passed_ever, path.refused.hop});
  }
  const auto shown = hops(target);
  end.hops = reached != 0 ? reached : heard;
  // Probes with hops to spare are of other rows of the table.
  if (reached >= config_.first_hop)
    end.target_rtt = one.target_rtts[reached - std::size_t{config_.first_hop}];
  end.asked_to = shown.empty() ? std::uint8_t{0} : shown.back().hop;
  if (one.ever_reached)
    end.why = path_stop::reached;
  else if (interrupted)
    end.why = path_stop::interrupted;
  else if (one.sent == 0 && one.errors != 0)
    end.why = path_stop::error;
  else if (refused != 0)
    end.why = path_stop::unreachable;
  else
    end.why = heard + config_.window >= config_.last_hop ? path_stop::last_hop : path_stop::silence;
  return end;
}

void rounds_course::finish(mono_time now, bool interrupted) {
  if (finished_) return;
  finished_ = true;
  curious_.clear();
  for (std::uint32_t target = 0; target < tracks_.size(); ++target)
    events_.push_back(end_event(target, now, interrupted));
}

std::span<const hop_figures> rounds_course::hops(std::uint32_t target) const {
  const auto& one = tracks_[target];
  int last = config_.first_hop;
  for (const auto& path : one.flows) {
    const int end = end_of(path);
    // The probe that went all the way says that there is a target, and not where.
    const auto vague = path.far_asked && end == config_.last_hop && path.asked < end;
    last = std::max(last, end != 0 && !vague ? end : path.passed_ever + 1);
  }
  last = std::min<int>(last, config_.last_hop);
  const auto shown = static_cast<std::size_t>(last - config_.first_hop + 1);
  return std::span{one.rows}.first(std::min(shown, one.rows.size()));
}

void rounds_course::reset() {
  for (auto& one : tracks_) {
    for (auto& row : one.rows) {
      hop_figures fresh;
      fresh.hop = row.hop;
      row = std::move(fresh);
    }
    std::fill(one.target_rtts.begin(), one.target_rtts.end(), std::nullopt);
    one.queued = false;
  }
  curious_.clear();
  counted_from_ = round_;
}

}  // namespace diag::probe
