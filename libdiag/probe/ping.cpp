// The ping series: schedule, judgement, account.
#include "libdiag/probe/ping.hpp"

#include <algorithm>
#include <cassert>

namespace diag::probe {

struct ping::target_state {
  std::uint64_t numbered = 0;  ///< probes given a number
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t errors = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t corrupt = 0;
  std::uint64_t reordered = 0;
  std::uint64_t highest_answered = 0;
  std::uint64_t row_up = 0;    ///< answers in a row
  std::uint64_t row_down = 0;  ///< losses in a row
  std::uint32_t generation = 0;
  bool satisfied = false;
  bool done = false;
  mono_time due_at{};
  reject_counts rejected{};
  reason last_error = reason::none;
  ip_address last_error_from{};
  std::optional<std::uint8_t> hop_limit{};
  duration last_rtt{};
  stamp_source source = stamp_source::user;
  rtt_statistics rtt{};
  loss_runs loss{};
  std::optional<duration> clock_offset{};
  duration clock_offset_rtt = duration::max();
};

ping::ping(const ping_config& config, const target_list& targets)
    : config_{config},
      exchange_{config.echo, targets},
      pace_{config.rate > 0 ? pace::fixed(config.rate) : pace::unlimited()},
      targets_(targets.size()),
      unfinished_{targets.size()} {}

ping::~ping() = default;

void ping::start(mono_time now) {
  started_ = true;
  started_at_ = now;
  if (config_.deadline) timers_.set(timer::overall, now + *config_.deadline);
  // Targets share the interval evenly, so a thousand of them are no burst.
  const auto spread =
      targets_.empty() ? duration{0} : config_.interval / static_cast<std::int64_t>(targets_.size());
  for (std::uint32_t i = 0; i < targets_.size(); ++i) schedule(i, now + spread * i);
  if (targets_.empty()) finish(now);
  update_timers();
}

void ping::schedule(std::uint32_t target, mono_time at) {
  auto& state = targets_[target];
  state.due_at = at;
  // Answers replace what the timer had planned (adaptive, flood). What they replaced is thrown out before it
  // outgrows what counts.
  if (schedule_.size() > 2 * targets_.size() + 64) {
    decltype(schedule_) current;
    for (; !schedule_.empty(); schedule_.pop())
      if (schedule_.top().generation == targets_[schedule_.top().target].generation)
        current.push(schedule_.top());
    schedule_ = std::move(current);
  }
  schedule_.push({at, target, ++state.generation});
}

void ping::forget_replaced() {
  while (!schedule_.empty() && schedule_.top().generation != targets_[schedule_.top().target].generation)
    schedule_.pop();
}

std::optional<effect> ping::next_effect(mono_time now) {
  if (!started_) start(now);
  if (finished_) return std::nullopt;
  forget_replaced();
  if (schedule_.empty() || schedule_.top().at > now || !pace_.ready(now) ||
      !exchange_.table().has_room(now)) {
    update_timers();
    return std::nullopt;
  }
  const auto index = schedule_.top().target;
  schedule_.pop();
  pace_.take();
  auto& state = targets_[index];
  auto& probe = exchange_.table().add(now, index, static_cast<std::uint32_t>(++state.numbered));
  ++state.in_flight;
  ++state.sent;
  if (config_.report_sent) events_.push_back(ping_sent{index, state.numbered});
  if (config_.count == 0 || state.numbered < config_.count) {
    const auto period = config_.rhythm == ping_rhythm::flood ? config_.flood_interval : config_.interval;
    auto next = state.due_at + period;
    // After a stall the schedule keeps its phase and skips the slots that passed, and one that is too near.
    if (next <= now && period > 0ns) {
      next += ((now - next) / period + 1) * period;
      if (next - now < period / 2) next += period;
    }
    schedule(index, next);
  }
  return exchange_.request(probe, config_.want_stamps);
}

void ping::feed(mono_time now, const stimulus& what) {
  if (!started_) start(now);
  if (finished_) return;
  // Late is judged by the kernel's receive stamp, not by when we came to read: see take_reply().
  if (const auto* packet = std::get_if<arrival>(&what)) {
    take(now, exchange_.judge(*packet));
  } else if (const auto* notice = std::get_if<path_notice>(&what)) {
    take(now, exchange_.judge(now, *notice));
  } else if (const auto* left = std::get_if<sent>(&what)) {
    exchange_.left(*left);
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    take_send_failure(now, *failed);
  } else if (const auto* dropped = std::get_if<receiver_dropped>(&what)) {
    dropped_by_receiver_ += dropped->count;
    pace_.overrun();
  } else if (std::holds_alternative<interrupt>(what)) {
    finish(now);
  }
  if (finished_) return;
  if (std::holds_alternative<wakeup>(what)) {
    expire(now);
    if (timers_.due(timer::overall, now) && !finished_) finish(now);
  }
  update_timers();
}

void ping::take(mono_time now, echo_exchange::judgement&& what) {
  if (auto* reply = std::get_if<echo_exchange::matched_reply>(&what))
    take_reply(now, *reply);
  else if (auto* error = std::get_if<echo_exchange::matched_error>(&what))
    take_error(now, *error);
  else if (const auto* rejected = std::get_if<ping_rejected>(&what))
    take_rejected(*rejected);
}

void ping::take_reply(mono_time now, echo_exchange::matched_reply& match) {
  auto& probe = *match.probe;
  auto& reply = match.reply;
  auto& state = targets_[probe.target];
  // The boundary: an RTT equal to the timeout is in time (RFC 2330's "within").
  const auto in_time = probe.state == probe_state::in_flight && reply.rtt <= config_.timeout;
  if (probe.state == probe_state::answered || probe.late_seen) {
    reply.what = ping_reply::kind::duplicate;
    ++state.duplicates;
    if (probe.duplicates < 255) ++probe.duplicates;
  } else if (in_time) {
    reply.what = ping_reply::kind::in_time;
    ++state.received;
    if (has(reply.odd, anomaly::corrupt) || has(reply.odd, anomaly::truncated)) ++state.corrupt;
    state.rtt.add(reply.rtt);
    state.hop_limit = reply.hop_limit;
    state.last_rtt = reply.rtt;
    state.source = reply.source;
    // RFC 4737 §3.4: reordered is what comes after one with a higher number.
    if (probe.number < state.highest_answered) ++state.reordered;
    state.highest_answered = std::max<std::uint64_t>(state.highest_answered, probe.number);
    if (reply.clock_offset && reply.rtt < state.clock_offset_rtt) {
      state.clock_offset = reply.clock_offset;
      state.clock_offset_rtt = reply.rtt;
    }
  } else {
    reply.what = ping_reply::kind::late;
    if (probe.state == probe_state::in_flight) {
      events_.push_back(ping_timeout{probe.target, probe.number, now, config_.timeout});
      ++state.lost;
      settle(probe, probe_state::lost, now);
    }
    ++state.late;
    probe.late_seen = true;
  }
  events_.push_back(reply);
  if (in_time) settle(probe, probe_state::answered, now);
}

void ping::take_error(mono_time now, echo_exchange::matched_error& match) {
  auto& probe = *match.probe;
  auto& error = match.error;
  auto& state = targets_[probe.target];
  error.closes = error.closes && probe.state == probe_state::in_flight;
  if (error.closes) {
    state.last_error = error.why;
    state.last_error_from = error.from;
    ++(is_local(error.why) ? state.not_sent : state.errors);
  }
  events_.push_back(error);
  if (error.closes) settle(probe, is_local(error.why) ? probe_state::not_sent : probe_state::refused, now);
}

void ping::take_rejected(const ping_rejected& what) {
  // With one target whatever comes is about that target.
  const auto target = targets_.size() == 1 ? std::optional<std::uint32_t>{0} : what.target;
  if (target) ++targets_[*target].rejected[static_cast<std::size_t>(what.why)];
  events_.push_back(what);
}

void ping::take_send_failure(mono_time now, const send_failed& what) {
  auto* probe = exchange_.table().record(what.token);
  if (!probe || probe->state != probe_state::in_flight) return;
  echo_exchange::matched_error match{probe, {}};
  match.error.target = probe->target;
  match.error.number = probe->number;
  match.error.at = now;
  match.error.error = what.error;
  match.error.why = send_reason(what.error);
  take_error(now, match);
}

mono_time ping::expiry(const send_record& probe) const {
  // What takes exactly the timeout is in time, so it passes a nanosecond later.
  return probe.user_sent + config_.timeout + 1ns;
}

void ping::expire(mono_time now) {
  while (auto* probe = exchange_.table().oldest_in_flight()) {
    if (expiry(*probe) > now) return;
    ++targets_[probe->target].lost;
    events_.push_back(ping_timeout{probe->target, probe->number, now, config_.timeout});
    settle(*probe, probe_state::lost, now);
    if (finished_) return;
  }
}

void ping::settle(send_record& probe, probe_state outcome, mono_time now) {
  exchange_.table().close(probe, outcome);
  auto& state = targets_[probe.target];
  --state.in_flight;
  if (outcome == probe_state::answered) {
    state.loss.settle(probe.number, probe.user_sent, loss_runs::outcome::answered);
    state.row_down = 0;
    ++state.row_up;
    const auto may_send = config_.count == 0 || state.numbered < config_.count;
    if (config_.rhythm != ping_rhythm::steady && may_send)
      schedule(probe.target, std::max(now, probe.user_sent + config_.adaptive_floor));
  } else if (outcome == probe_state::not_sent) {
    state.loss.settle(probe.number, probe.user_sent, loss_runs::outcome::not_sent);
  } else {
    state.loss.settle(probe.number, probe.user_sent, loss_runs::outcome::lost);
    state.row_up = 0;
    ++state.row_down;
  }
  if (!state.done && config_.count != 0 && state.numbered >= config_.count && state.in_flight == 0) {
    state.done = true;
    --unfinished_;
  }
  check_condition(state);
  if (condition_met_ || unfinished_ == 0) finish(now);
}

void ping::check_condition(target_state& state) {
  using kind = ping_condition::kind;
  if (config_.until.what == kind::none) return;
  const auto row = config_.until.what == kind::up ? state.row_up : state.row_down;
  const auto holds = row >= config_.until.times;
  if (holds != state.satisfied) holds ? ++satisfied_ : --satisfied_;
  state.satisfied = holds;
  condition_met_ = satisfied_ == targets_.size();
}

void ping::finish(mono_time now) {
  finished_ = true;
  finished_at_ = now;
  for (auto& state : targets_) state.loss.flush();
  for (const auto which : {timer::send, timer::expire, timer::overall}) timers_.clear(which);
}

void ping::update_timers() {
  if (finished_) return;
  forget_replaced();
  timers_.clear(timer::send);
  auto* oldest = exchange_.table().oldest_in_flight();
  if (!schedule_.empty() && !exchange_.table().full()) {
    auto at = schedule_.top().at;
    if (config_.rate > 0) at = std::max(at, pace_.next());
    timers_.set(timer::send, at);
  }
  timers_.set(timer::expire, oldest ? std::optional{expiry(*oldest)} : std::nullopt);
}

std::optional<mono_time> ping::deadline() const {
  if (!started_) return mono_time::min();
  return timers_.earliest();
}

ping_summary ping::account(std::uint32_t target, mono_time now) const {
  const auto& state = targets_[target];
  ping_summary out;
  out.target = target;
  out.at = now;
  out.elapsed = (finished_ ? finished_at_ : now) - started_at_;
  out.sent = state.sent;
  out.received = state.received;
  out.lost = state.lost;
  out.late = state.late;
  out.duplicates = state.duplicates;
  out.errors = state.errors;
  out.not_sent = state.not_sent;
  out.pending = state.in_flight;
  out.corrupt = state.corrupt;
  out.reordered = state.reordered;
  out.rejected = state.rejected;
  out.last_error = state.last_error;
  out.last_error_from = state.last_error_from;
  out.hop_limit = state.hop_limit;
  out.last_rtt = state.last_rtt;
  out.source = state.source;
  out.rtt = &state.rtt;
  out.loss = &state.loss;
  out.clock_offset = state.clock_offset;
  return out;
}

std::optional<ping_event> ping::next_event() {
  if (auto first = events_.pop()) return first;
  if (!finished_ || summaries_given_ >= targets_.size()) return std::nullopt;
  return account(summaries_given_++, finished_at_);
}

}  // namespace diag::probe
