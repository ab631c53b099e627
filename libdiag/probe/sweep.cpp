// The sweep: one pass over the targets, retries first whenever one is waiting.
#include "libdiag/probe/sweep.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

// Thousands of probes expire microseconds apart: they are buried together, so that a sweep sleeps while it
// waits.
constexpr duration expiry_slack = 500us;

bool answered_late(const send_record& probe) {
  return probe.late_seen || probe.earlier_late;
}
}  // namespace

sweep::sweep(const sweep_config& config, const target_list& targets)
    : config_{config}, exchange_{config.echo, targets}, pace_{pace::chosen(config.rate, config.unlimited)} {}

bool sweep::idle() const {
  return next_target_ >= exchange_.targets().size() && retries_.empty();
}

std::optional<effect> sweep::next_effect(mono_time now) {
  if (!started_) {
    started_ = true;
    if (config_.deadline) timers_.set(timer::overall, now + *config_.deadline);
  }
  // A retry whose target answered late in the meantime is not sent: the target is alive.
  while (!finished_ && !retries_.empty()) {
    const auto* previous = exchange_.table().record(retries_.front().previous);
    if (!previous || !answered_late(*previous)) break;
    conclude_waiting(now, retries_.front());
    retries_.pop_front();
  }
  if (!finished_ && idle() && exchange_.table().in_flight() == 0) finish();
  if (finished_ || idle() || !pace_.ready(now) || !exchange_.table().has_room(now)) {
    update_timers();
    return std::nullopt;
  }
  if (retries_.empty()) return send(now, {0, static_cast<std::uint32_t>(next_target_++), 1, 0});
  const auto next = retries_.front();
  retries_.pop_front();
  return send(now, next);
}

std::optional<effect> sweep::send(mono_time now, const retry& what) {
  pace_.take(what.number == 1);
  auto& probe = exchange_.table().add(now, what.target, what.number);
  probe.unsent = what.unsent & 63U;
  ++totals_.sent;
  ++totals_.pending;
  if (auto* earlier = exchange_.table().record(what.previous))
    earlier->retried_after = static_cast<std::uint32_t>(probe.index - what.previous);
  return exchange_.request(probe, config_.want_stamps);
}

void sweep::feed(mono_time now, const stimulus& what) {
  if (finished_) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    take(now, exchange_.judge(*packet));
  } else if (const auto* left = std::get_if<sent>(&what)) {
    exchange_.left(*left);
    return;  // no timer depends on it but the timeout, which may only move later
  } else if (const auto* notice = std::get_if<path_notice>(&what)) {
    take(now, exchange_.judge(now, *notice));
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    auto* probe = exchange_.table().record(failed->token);
    if (probe && probe->state == probe_state::in_flight) {
      echo_exchange::matched_error match{probe, {}};
      match.error.target = probe->target;
      match.error.number = probe->number;
      match.error.at = now;
      match.error.why = send_reason(failed->error);
      match.error.error = failed->error;
      take_error(now, match);
    }
  } else if (const auto* dropped = std::get_if<receiver_dropped>(&what)) {
    totals_.receiver_dropped += dropped->count;
    pace_.overrun();
  } else if (std::holds_alternative<interrupt>(what)) {
    cut_short(now);
  } else if (std::holds_alternative<wakeup>(what)) {
    expire(now);
    if (timers_.due(timer::overall, now)) cut_short(now);
  }
  if (!finished_) update_timers();
}

void sweep::take(mono_time now, echo_exchange::judgement&& what) {
  if (auto* reply = std::get_if<echo_exchange::matched_reply>(&what)) {
    take_reply(now, *reply);
  } else if (auto* error = std::get_if<echo_exchange::matched_error>(&what)) {
    take_error(now, *error);
  } else if (const auto* rejected = std::get_if<ping_rejected>(&what)) {
    ++totals_.rejected[static_cast<std::size_t>(rejected->why)];
    events_.push_back(*rejected);
  }
}

void sweep::take_reply(mono_time now, echo_exchange::matched_reply& match) {
  auto& probe = *match.probe;
  auto& reply = match.reply;
  if (probe.state == probe_state::in_flight && reply.rtt <= config_.timeout) {
    pace_.answered();
    events_.push_back(reply);
    auto account = account_before(now, probe);
    account.received = 1;
    account.corrupt = has(reply.odd, anomaly::corrupt) || has(reply.odd, anomaly::truncated) ? 1 : 0;
    account.hop_limit = reply.hop_limit;
    account.last_rtt = reply.rtt;
    account.source = reply.source;
    close(probe, probe_state::answered);
    conclude(account);
    return;
  }
  if (probe.state == probe_state::answered || probe.late_seen) {
    reply.what = ping_reply::kind::duplicate;
    ++totals_.duplicates;
    if (probe.duplicates < 255) ++probe.duplicates;
    events_.push_back(reply);
    return;
  }
  reply.what = ping_reply::kind::late;
  ++totals_.late;
  probe.late_seen = true;
  const auto open = probe.state == probe_state::in_flight;
  if (open) {
    close(probe, probe_state::lost);
    events_.push_back(ping_timeout{probe.target, probe.number, now, config_.timeout});
  }
  events_.push_back(reply);
  if (open) {
    auto account = account_before(now, probe);
    ++account.lost;
    conclude(account);
  } else {
    take_late(probe);
  }
}

void sweep::take_late(const send_record& probe) {
  // Tell every later probe of the target, so that the last of them concludes with "alive".
  auto* later = &probe;
  while (later && later->retried_after != 0) {
    auto* next = exchange_.table().record(later->index + later->retried_after);
    if (next) next->earlier_late = true;
    later = next;
  }
}

void sweep::take_error(mono_time now, echo_exchange::matched_error& match) {
  auto& probe = *match.probe;
  auto& error = match.error;
  error.closes = error.closes && probe.state == probe_state::in_flight;
  events_.push_back(error);
  if (!error.closes) return;
  const auto local = is_local(error.why);
  close(probe, local ? probe_state::not_sent : probe_state::refused);
  if (error.why == reason::local_queue_full) {
    pace_.overrun();
    if (probe.number <= config_.retries && !answered_late(probe)) return try_again(probe);
  }
  auto account = account_before(now, probe);
  ++(local ? account.not_sent : account.errors);
  account.last_error = error.why;
  account.last_error_from = error.from;
  conclude(account);
}

void sweep::expire(mono_time now) {
  while (auto* probe = exchange_.table().oldest_in_flight()) {
    if (expiry(*probe) > now) return;
    lose(now, *probe);
  }
}

void sweep::lose(mono_time now, send_record& probe) {
  close(probe, probe_state::lost);
  events_.push_back(ping_timeout{probe.target, probe.number, now, config_.timeout});
  if (probe.number <= config_.retries && !answered_late(probe)) return try_again(probe);
  auto account = account_before(now, probe);
  ++account.lost;
  conclude(account);
}

void sweep::close(send_record& probe, probe_state state) {
  switch (state) {
    case probe_state::answered:
      ++totals_.received;
      break;
    case probe_state::lost:
      ++totals_.lost;
      break;
    case probe_state::refused:
      ++totals_.errors;
      break;
    case probe_state::not_sent:
      ++totals_.not_sent;
      break;
    case probe_state::in_flight:
      return;
  }
  --totals_.pending;
  exchange_.table().close(probe, state);
}

void sweep::try_again(const send_record& probe) {
  const auto unsent = probe.unsent + (probe.state == probe_state::not_sent ? 1 : 0);
  retries_.push_back(
      {probe.index, probe.target, probe.number + 1, static_cast<std::uint8_t>(std::min(unsent, 63))});
}

mono_time sweep::expiry(const send_record& probe) const {
  // What takes exactly the timeout is in time, so it passes a nanosecond later.
  return probe.user_sent + config_.timeout + 1ns;
}

ping_summary sweep::account_before(mono_time now, const send_record& probe) {
  ping_summary account;
  account.target = probe.target;
  account.at = now;
  account.sent = probe.number;
  account.not_sent = probe.unsent;
  account.lost = probe.number - 1 - std::min<std::uint32_t>(probe.unsent, probe.number - 1);
  account.late = (probe.late_seen ? 1U : 0U) + (probe.earlier_late ? 1U : 0U);
  return account;
}

void sweep::conclude_waiting(mono_time now, const retry& what) {
  ping_summary account;
  account.target = what.target;
  account.at = now;
  account.sent = what.number - 1;
  account.not_sent = what.unsent;
  account.lost = account.sent - std::min<std::uint64_t>(what.unsent, account.sent);
  const auto* previous = exchange_.table().record(what.previous);
  account.late = previous && answered_late(*previous) ? 1 : 0;
  conclude(account);
}

void sweep::conclude(const ping_summary& account) {
  ++totals_.targets;
  if (account.received + account.late > 0) ++totals_.alive;
  events_.push_back(account);
}

void sweep::cut_short(mono_time now) {
  // Every target that was asked gets its account, as far as it goes; those not asked yet have none.
  for (const auto* probe = exchange_.table().oldest_in_flight(); probe != nullptr;
       probe = exchange_.table().next_in_flight(*probe)) {
    auto account = account_before(now, *probe);
    account.pending = 1;
    events_.push_back(account);
  }
  for (; !retries_.empty(); retries_.pop_front()) conclude_waiting(now, retries_.front());
  finish();
}

void sweep::finish() {
  finished_ = true;
  for (const auto which : {timer::send, timer::expire, timer::overall}) timers_.clear(which);
}

void sweep::update_timers() {
  if (finished_) return;
  auto* oldest = exchange_.table().oldest_in_flight();
  timers_.set(timer::expire, oldest ? std::optional{expiry(*oldest) + expiry_slack} : std::nullopt);
  timers_.clear(timer::send);
  // A full table (only ever with a quarter of a million probes in flight) waits for the oldest to end.
  if (!idle() && !exchange_.table().full()) timers_.set(timer::send, pace_.next());
  if (idle() && oldest == nullptr) finish();
}

std::optional<mono_time> sweep::deadline() const {
  if (!started_) return mono_time::min();
  return timers_.earliest();
}

std::optional<ping_event> sweep::next_event() {
  return events_.pop();
}

}  // namespace diag::probe
