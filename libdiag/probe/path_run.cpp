// Question by question as the pace allows, answers to their probes, silence when patience is over.
#include "libdiag/probe/path_run.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

// The first volley of a trace, as many probes as one path has hops: what a burst of a browser's is too.
constexpr double first_volley = 64;
// Probes expire microseconds apart: they are buried together.
constexpr duration expiry_slack = 200us;

}  // namespace

path_run::path_run(const path_run_config& config, std::span<const path_target> targets, path_course& course)
    : config_{config},
      exchange_{config.probes, targets},
      course_{course},
      pace_{pace::chosen(config.rate, config.unlimited)} {
  if (config.rate <= 0) pace_.allow_burst(first_volley);
}

std::optional<effect> path_run::next_effect(mono_time now) {
  if (finished_) return std::nullopt;
  if (!started_) {
    started_ = true;
    if (config_.deadline) ends_at_ = now + *config_.deadline;
  }
  const auto next_at = course_.next_at();
  if (dry_ && !(next_at && *next_at <= now)) return std::nullopt;
  if (!pace_.ready(now) || !exchange_.table().has_room(now)) return std::nullopt;
  const auto asked = course_.next(now);
  if (!asked) {
    dry_ = true;
    finish_if_done();
    // A course that waits for nothing would wait for ever.
    if (!finished_ && lanes_.empty() && !course_.next_at()) cut_short(now);
    return std::nullopt;
  }
  dry_ = false;
  pace_.take();
  auto& probe = exchange_.table().add(now);
  probe.asked = *asked;
  ++totals_.sent;
  take_off(probe);
  arm(asked->target);
  return exchange_.request(probe, config_.want_stamps);
}

void path_run::feed(mono_time now, const stimulus& what) {
  if (finished_) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    take(now, exchange_.judge(*packet));
  } else if (const auto* left = std::get_if<sent>(&what)) {
    return exchange_.left(*left);
  } else if (const auto* notice = std::get_if<path_notice>(&what)) {
    take(now, exchange_.judge(now, *notice));
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    take_failure(now, *failed);
  } else if (const auto* dropped = std::get_if<receiver_dropped>(&what)) {
    totals_.receiver_dropped += dropped->count;
    pace_.overrun();
  } else if (std::holds_alternative<interrupt>(what)) {
    return cut_short(now);
  } else if (std::holds_alternative<wakeup>(what)) {
    if (ends_at_ && *ends_at_ <= now) return cut_short(now);
    expire(now);
    dry_ = false;  // its own time may have come
  }
  drop_stale_alarms();
  finish_if_done();
}

void path_run::take(mono_time now, path_exchange::judgement&& what) {
  if (auto* found = std::get_if<path_exchange::finding>(&what)) {
    take_answer(now, *found->probe, std::move(found->answer));
  } else if (const auto* refused = std::get_if<path_reject>(&what)) {
    ++totals_.rejected;
    rejects_.push_back(*refused);
  }
}

void path_run::take_answer(mono_time now, path_record& probe, path_answer&& answer) {
  const auto repeated = [&] {
    ++totals_.duplicates;
    rejects_.push_back(path_reject{.why = reject_reason::duplicate_answer,
                                   .at = answer.at,
                                   .from = answer.from,
                                   .target = probe.asked.target,
                                   .hop = probe.asked.hop,
                                   .icmp_type = answer.icmp_type,
                                   .icmp_code = answer.icmp_code});
  };
  if (probe.forsaken) return pace_.answered();
  switch (probe.state) {
    case probe_state::in_flight:
      if (answer.state == hop_state::error) {
        land(probe);
        exchange_.table().close(probe, probe_state::not_sent);
        --totals_.sent;
        ++totals_.not_sent;
        return tell(now, probe.asked, std::move(answer));
      }
      if (answer.rtt && *answer.rtt > config_.timeout) {
        // Its time was over before it was read: silence first, as everywhere.
        lose(now, probe);
        break;
      }
      land(probe);
      exchange_.table().close(probe, probe_state::answered);
      ++totals_.answered;
      pace_.answered();
      return tell(now, probe.asked, std::move(answer));
    case probe_state::lost:
      if (probe.late_told) return repeated();
      break;
    default:
      return repeated();
  }
  probe.late_told = true;
  ++totals_.late;
  answer.late = true;
  tell(now, probe.asked, std::move(answer));
}

void path_run::take_failure(mono_time now, const send_failed& failed) {
  auto* probe = exchange_.table().record(failed.token);
  if (!probe || probe->state != probe_state::in_flight) return;
  path_answer answer;
  answer.at = now;
  answer.state = hop_state::error;
  answer.error = failed.error;
  answer.why = send_reason(failed.error);
  if (answer.why == reason::local_queue_full) pace_.overrun();
  take_answer(now, *probe, std::move(answer));
}

void path_run::tell(mono_time now, const path_question& asked, path_answer&& answer) {
  dry_ = false;
  const auto target = asked.target;
  course_.hear(now, asked, std::move(answer));
  if (!course_.wants(target)) return forsake(target);
  arm(target);  // what was heard may have changed the patience
}

/// Probes that overshot a target which is done would hold their places until the timeout, and with thousands
/// of targets the table is full of them.
void path_run::forsake(std::uint32_t target) {
  const auto found = lanes_.find(target);
  if (found == lanes_.end()) return;
  for (auto& one : found->second.flights)
    while (auto* probe = first_of(one)) {
      exchange_.table().close(*probe, probe_state::lost);
      probe->forsaken = true;
      ++totals_.pending;
    }
  lanes_.erase(found);
}

void path_run::take_off(const path_record& probe) {
  auto& own = lanes_[probe.asked.target];
  auto at = std::ranges::find(own.flights, probe.asked.hop, &flight::hop);
  if (at == own.flights.end()) at = own.flights.insert(at, flight{.hop = probe.asked.hop});
  at->tokens.push_back(probe.index);
  ++own.flying;
}

/// Before it is closed.
void path_run::land(const path_record& probe) {
  const auto found = lanes_.find(probe.asked.target);
  if (found != lanes_.end() && --found->second.flying == 0) lanes_.erase(found);
}

path_record* path_run::first_of(flight& which) {
  auto& [hop, first, tokens] = which;
  for (; first < tokens.size(); ++first) {
    // A slot is not used again while its probe is in flight.
    auto* probe = exchange_.table().record(tokens[first]);
    if (probe == nullptr || probe->state != probe_state::in_flight) continue;
    if (first > tokens.size() / 2) {
      tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(first));
      first = 0;
    }
    return probe;
  }
  tokens.clear();
  first = 0;
  return nullptr;
}

mono_time path_run::expiry(const path_record& probe) const {
  // What takes exactly as long is in time, so it passes a nanosecond later.
  return probe.user_sent + std::min(course_.patience_for(probe.asked), config_.timeout) + 1ns;
}

path_record& path_run::next_to_expire(lane& which) {
  path_record* first = nullptr;
  auto at = mono_time::max();
  for (auto& one : which.flights) {
    auto* probe = first_of(one);
    if (probe == nullptr) continue;
    if (const auto its = expiry(*probe); first == nullptr || its < at) first = probe, at = its;
  }
  return *first;
}

void path_run::arm(std::uint32_t target) {
  const auto found = lanes_.find(target);
  if (found == lanes_.end()) return;
  const auto at = expiry(next_to_expire(found->second));
  if (at == found->second.armed) return;
  found->second.armed = at;
  alarms_.push({at, target});
}

void path_run::drop_stale_alarms() {
  while (!alarms_.empty()) {
    const auto found = lanes_.find(alarms_.top().target);
    if (found != lanes_.end() && found->second.armed == alarms_.top().at) return;
    alarms_.pop();
  }
}

void path_run::lose(mono_time now, path_record& probe) {
  land(probe);
  exchange_.table().close(probe, probe_state::lost);
  ++totals_.silent;
  path_answer silence;
  silence.at = now;
  tell(now, probe.asked, std::move(silence));
}

void path_run::expire(mono_time now) {
  for (drop_stale_alarms(); !alarms_.empty() && alarms_.top().at <= now; drop_stale_alarms()) {
    const auto target = alarms_.top().target;
    alarms_.pop();
    for (auto found = lanes_.find(target); found != lanes_.end(); found = lanes_.find(target)) {
      found->second.armed = mono_time::max();
      auto& probe = next_to_expire(found->second);
      if (expiry(probe) > now) {
        arm(target);
        break;
      }
      lose(now, probe);
    }
  }
}

void path_run::cut_short(mono_time now) {
  course_.cut_short(now);
  finish();
}

void path_run::finish_if_done() {
  if (course_.done() && (lanes_.empty() || course_.knows_enough())) finish();
}

void path_run::finish() {
  if (finished_) return;
  finished_ = true;
  totals_.pending += exchange_.table().in_flight();
}

std::optional<mono_time> path_run::deadline() const {
  if (finished_) return std::nullopt;
  if (!started_) return mono_time::min();
  std::optional<mono_time> first = ends_at_;
  const auto also = [&first](mono_time at) { first = first ? std::min(*first, at) : at; };
  if (!alarms_.empty()) also(alarms_.top().at + expiry_slack);
  // With a full table only the end of a probe makes a difference.
  if (!exchange_.table().full()) {
    if (const auto next = course_.next_at()) also(std::max(*next, pace_.next()));
    if (!dry_) also(pace_.next());
  }
  return first ? first : mono_time::min();
}

std::optional<path_event> path_run::next_event() {
  if (auto refused = rejects_.pop()) return refused;
  return course_.next_event();
}

}  // namespace diag::probe
