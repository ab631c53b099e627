// One pass over the plan a round, retries first whenever one is waiting.
#include "libdiag/probe/tcp_sweep.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

// Thousands of attempts expire microseconds apart: they are buried together, so that a sweep sleeps while it
// waits.
constexpr duration expiry_slack = 500us;
constexpr std::uint32_t most_attempts = 250;  // segment_record::number

}  // namespace

tcp_sweep::tcp_sweep(const tcp_sweep_config& config, const tcp_plan& plan)
    : config_{config},
      exchange_{config.segment, plan},
      course_{plan, config.pacing},
      accounts_{plan, config.pacing.rounds, config.pacing.linger > duration::zero()},
      pace_{pace::chosen(config.pacing.rate, config.pacing.unlimited)} {
  config_.pacing.retries = std::min(config_.pacing.retries, most_attempts - 1);
}

/// Visits what is remembered of the attempts of one pair, oldest first.
template <class Visit>
void tcp_sweep::for_each_attempt(segment_record& attempt, Visit visit) {
  auto& table = exchange_.table();
  const auto before = [&](const segment_record& later) {
    return later.after_previous == 0 ? nullptr : table.record(later.index - later.after_previous);
  };
  // The ring forgets the oldest first: what is remembered hangs together.
  auto* one = &attempt;
  while (auto* earlier = before(*one)) one = earlier;
  while (one) {
    const auto next = one->retried_after == 0 ? nullptr : table.record(one->index + one->retried_after);
    visit(*one);
    one = next;
  }
}

std::optional<effect> tcp_sweep::next_effect(mono_time now) {
  if (!started_) {
    started_ = true;
    if (config_.pacing.deadline) timers_.set(timer::overall, now + *config_.pacing.deadline);
  }
  if (finished_) return std::nullopt;
  drop_decided_retries();
  const bool wanted = !retries_.empty() || course_.ready(now);
  if (!wanted || !pace_.ready(now) || !exchange_.table().has_room(now)) {
    update_timers(now);
    return std::nullopt;
  }
  if (retries_.empty()) return send(now, {0, course_.take(), 1, 0});
  const auto next = retries_.front();
  retries_.pop_front();
  return send(now, next);
}

/// A pair that was answered while its retry waited needs none.
void tcp_sweep::drop_decided_retries() {
  while (!retries_.empty()) {
    if (!is_decided(retries_.front())) return;
    retries_.pop_front();
  }
}

bool tcp_sweep::is_decided(const retry& waiting) const {
  const auto* previous = exchange_.table().record(waiting.previous);
  return previous != nullptr && previous->decided;
}

std::optional<effect> tcp_sweep::send(mono_time now, const retry& what) {
  const auto& pair = what.step.pair;
  pace_.take(what.number == 1);
  if (what.number == 1) accounts_.asked(pair.target);
  accounts_.sent(pair.target);
  auto& attempt = exchange_.table().add(now);
  attempt.pair = pair;
  attempt.place = what.step.place;
  attempt.round = static_cast<std::uint32_t>(what.step.round);
  attempt.number = what.number;
  attempt.unsent = what.unsent;
  attempt.source_port = exchange_.port_for(pair, what.step.round, what.number);
  if (auto* earlier = exchange_.table().record(what.previous)) {
    attempt.after_previous = static_cast<std::uint32_t>(attempt.index - what.previous);
    earlier->retried_after = attempt.after_previous;
  }
  return exchange_.request(now, attempt, config_.want_stamps);
}

void tcp_sweep::feed(mono_time now, const stimulus& what) {
  if (finished_) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    take(now, exchange_.judge(*packet));
  } else if (const auto* left = std::get_if<sent>(&what)) {
    exchange_.left(*left);
    return;  // no timer depends on it but the timeout, which may only move later
  } else if (const auto* notice = std::get_if<path_notice>(&what)) {
    take(now, exchange_.judge(now, *notice));
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    take_failure(now, *failed);
  } else if (const auto* dropped = std::get_if<receiver_dropped>(&what)) {
    receiver_dropped_ += dropped->count;
    pace_.overrun();
  } else if (std::holds_alternative<interrupt>(what)) {
    cut_short(now);
  } else if (std::holds_alternative<wakeup>(what)) {
    expire(now);
    if (timers_.due(timer::overall, now)) cut_short(now);
    if (!finished_ && timers_.due(timer::linger, now)) finish(now);
  }
  if (!finished_) update_timers(now);
}

void tcp_sweep::take(mono_time now, segment_exchange::judgement&& what) {
  if (auto* found = std::get_if<segment_exchange::answer>(&what))
    take_answer(now, std::move(*found));
  else if (const auto* anomaly = std::get_if<tcp_anomaly>(&what))
    accounts_.take(*anomaly);
}

void tcp_sweep::take_answer(mono_time now, segment_exchange::answer&& found) {
  auto& attempt = *found.attempt;
  auto& result = found.result;
  if (attempt.decided) {
    // Silence has been concluded, or another answer has decided.
    const auto again = attempt.state == probe_state::answered || attempt.state == probe_state::refused;
    if (attempt.answer == tcp_state::filtered) return remark(found, reject_reason::late_answer);
    if (attempt.answer != result.state) {
      // Our own host refused to send: what comes of it now is the same refusal.
      if (attempt.answer == tcp_state::error) return;
      return remark(found, reject_reason::conflicting_answer);
    }
    if (again) return remark(found, reject_reason::duplicate_answer);
    attempt.state = probe_state::answered;  // an answer to each of several attempts is as it should be
    return;
  }
  const bool in_time = !result.rtt || *result.rtt <= wait_for(config_.pacing, attempt.number);
  if (!in_time && attempt.state == probe_state::in_flight && attempt.number > config_.pacing.retries) {
    decide_silence(now, attempt);
    return remark(found, reject_reason::late_answer);
  }
  if (!in_time || attempt.state != probe_state::in_flight) result.odd = result.odd | tcp_oddity::late_attempt;
  pace_.answered();
  const bool segment = found.flags != 0;
  if (attempt.state == probe_state::in_flight)
    exchange_.table().close(attempt, segment ? probe_state::answered : probe_state::refused);
  else
    attempt.state = segment ? probe_state::answered : probe_state::refused;
  result.answered = static_cast<std::uint16_t>(attempt.number - attempt.unsent);
  if (segment && result.answered > 1) result.odd = result.odd | tcp_oddity::answered_retry;
  decide(attempt, std::move(result));
}

void tcp_sweep::take_failure(mono_time now, const send_failed& failed) {
  auto* attempt = exchange_.table().record(failed.token);
  if (!attempt || attempt->state != probe_state::in_flight) return;
  exchange_.table().close(*attempt, probe_state::not_sent);
  accounts_.unsent(attempt->pair.target);
  if (attempt->unsent < most_attempts) ++attempt->unsent;
  const auto why = send_reason(failed.error);
  if (why == reason::local_queue_full) {
    pace_.overrun();
    if (attempt->number <= config_.pacing.retries) return try_again(*attempt);
  }
  tcp_result result;
  result.at = now;
  result.state = tcp_state::error;
  result.why = why;
  result.error = failed.error;
  decide(*attempt, std::move(result));
}

void tcp_sweep::remark(const segment_exchange::answer& found, reject_reason why) {
  const auto& attempt = *found.attempt;
  tcp_anomaly out;
  out.why = why;
  out.at = found.result.at;
  out.from = found.result.from;
  out.target = attempt.pair.target;
  out.port = attempt.pair.port;
  out.source_port = attempt.source_port;
  out.flags = found.flags;
  out.hop_limit = found.result.hop_limit;
  out.icmp = found.flags == 0;
  out.icmp_type = found.result.icmp_type;
  out.icmp_code = found.result.icmp_code;
  out.rtt = found.result.rtt;
  accounts_.take(out);
}

void tcp_sweep::expire(mono_time now) {
  while (auto* attempt = exchange_.table().oldest_in_flight()) {
    if (expiry(*attempt) > now) return;
    lose(now, *attempt);
  }
}

void tcp_sweep::lose(mono_time now, segment_record& attempt) {
  if (attempt.number > config_.pacing.retries) return decide_silence(now, attempt);
  exchange_.table().close(attempt, probe_state::lost);
  try_again(attempt);
}

void tcp_sweep::try_again(const segment_record& attempt) {
  retries_.push_back({attempt.index,
                      {attempt.round, attempt.place, attempt.pair},
                      static_cast<std::uint8_t>(attempt.number + 1),
                      attempt.unsent});
}

void tcp_sweep::decide_silence(mono_time now, segment_record& attempt) {
  exchange_.table().close(attempt, probe_state::lost);
  tcp_result result;
  result.at = now;
  decide(attempt, std::move(result));
}

void tcp_sweep::decide(segment_record& attempt, tcp_result&& result) {
  result.target = attempt.pair.target;
  result.port = attempt.pair.port;
  result.flow = attempt.pair.flow;
  result.round = attempt.round;
  result.source_port = attempt.source_port;
  for_each_attempt(attempt, [&](segment_record& one) {
    one.decided = true;
    one.answer = result.state;
    result.attempts = static_cast<std::uint16_t>(one.number - one.unsent);
    // A later attempt under way is not waited for; its answer, if it comes, is the same once more.
    if (one.state == probe_state::in_flight) exchange_.table().close(one, probe_state::lost);
  });
  accounts_.take(std::move(result));
}

mono_time tcp_sweep::expiry(const segment_record& attempt) const {
  // What takes exactly the timeout is in time, so it passes a nanosecond later.
  return attempt.user_sent + wait_for(config_.pacing, attempt.number) + 1ns;
}

std::uint64_t tcp_sweep::undecided_from() const {
  auto first = course_.place();
  const auto& table = exchange_.table();
  for (auto index = table.newest(); index > 0; --index) {
    const auto* attempt = table.record(index);
    if (!attempt) break;
    if (!attempt->decided) first = std::min(first, attempt->place);
  }
  // The attempt before a waiting retry may be forgotten by now.
  for (const auto& waiting : retries_)
    if (!is_decided(waiting)) first = std::min(first, waiting.step.place);
  return first;
}

void tcp_sweep::cut_short(mono_time now) {
  auto& table = exchange_.table();
  for (const auto* attempt = table.oldest_in_flight(); attempt != nullptr;
       attempt = table.next_in_flight(*attempt))
    accounts_.give_up(now, attempt->pair.target, std::uint64_t{attempt->number} - attempt->unsent);
  for (const auto& waiting : retries_)
    if (!is_decided(waiting))
      accounts_.give_up(now, waiting.step.pair.target, std::uint64_t{waiting.number} - 1 - waiting.unsent);
  finish(now);
}

void tcp_sweep::finish(mono_time now) {
  finished_ = true;
  for (const auto which : {timer::send, timer::expire, timer::overall, timer::linger}) timers_.clear(which);
  accounts_.conclude(now);
}

void tcp_sweep::update_timers(mono_time now) {
  auto* oldest = exchange_.table().oldest_in_flight();
  timers_.set(timer::expire, oldest ? std::optional{expiry(*oldest) + expiry_slack} : std::nullopt);
  timers_.clear(timer::send);
  const auto next = course_.next_at();
  // A full table waits for the oldest to end.
  if (!exchange_.table().full()) {
    if (!retries_.empty() || next == mono_time::min())
      timers_.set(timer::send, pace_.next());
    else if (next)
      timers_.set(timer::send, std::max(*next, pace_.next()));
  }
  if (!all_asked() || oldest != nullptr) return timers_.clear(timer::linger);
  if (config_.pacing.linger <= duration::zero()) return finish(now);
  if (!timers_.at(timer::linger)) timers_.set(timer::linger, now + config_.pacing.linger);
}

std::optional<mono_time> tcp_sweep::deadline() const {
  if (!started_) return mono_time::min();
  return timers_.earliest();
}

}  // namespace diag::probe
