// Connections under way, each with one moment at which it must be looked at; what becomes of them is decided
// once.
#include "libdiag/probe/connect_sweep.hpp"

#include <algorithm>
#include <limits>

#include "libdiag/probe/connect_verdict.hpp"

namespace diag::probe {

namespace {

// So often a pair is asked again when descriptors or ports run out; by then twice the timeout has passed.
constexpr std::uint16_t most_shortages = 16;
// RFC 6298 §2.1: from here on the kernel may have sent a second SYN, and which of them was answered is not
// known.
constexpr duration retransmission = 1s;
// Connections begun without a look at those under way: what our own clock measures of an answer is also how
// long nobody looked.
constexpr std::uint32_t most_in_a_row = 8;
// A count of retransmissions beyond this is not believed.
constexpr std::uint32_t most_segments = 255;

}  // namespace

connect_sweep::connect_sweep(const connect_config& config, const tcp_plan& plan)
    : config_{config},
      plan_{plan},
      course_{plan, config.pacing},
      accounts_{plan, config.pacing.rounds, config.pacing.linger > duration::zero()},
      pace_{pace::chosen(config.pacing.rate, config.pacing.unlimited)},
      evidence_{config.captured},
      limit_{std::max(config.most_streams, 1U)} {}

// ---- questions

bool connect_sweep::idle() const {
  return course_.all_taken() && attempts_.empty() && retries_.empty() && shortages_.empty();
}

std::optional<effect> connect_sweep::next_effect(mono_time now) {
  if (!started_) {
    started_ = true;
    quiet_since_ = now;
    if (config_.pacing.deadline) timers_.set(timer::overall, now + *config_.pacing.deadline);
  }
  if (!effects_.empty()) {
    auto next = effects_.front();
    effects_.pop_front();
    return next;
  }
  if (finished_) return std::nullopt;
  if (may_open(now)) return open(now);
  update_timers(now);
  return std::nullopt;
}

bool connect_sweep::may_open(mono_time now) {
  if (streams_ >= limit_ || in_a_row_ >= most_in_a_row) return false;
  const auto waiting = !retries_.empty() || (!shortages_.empty() && shortages_.front().not_before <= now) ||
                       course_.ready(now);
  return waiting && pace_.ready(now);
}

effect connect_sweep::open(mono_time now) {
  attempt next;
  if (!shortages_.empty() && shortages_.front().not_before <= now) {
    next.asks = shortages_.front();
    shortages_.pop_front();
  } else if (!retries_.empty()) {
    next.asks = retries_.front();
    retries_.pop_front();
  } else {
    next.asks.step = course_.take();
    round_ = next.asks.step.round;
    accounts_.asked(next.asks.step.pair.target);
  }
  // What is asked again says nothing about the network: it was silent before, or never left.
  pace_.take(next.asks.number == 1 && next.asks.shortages == 0);
  next.asked = now;
  ++in_a_row_;
  const auto& pair = next.asks.step.pair;
  open_stream out{++newest_, plan_.address(pair.target), pair.port, port_for(pair), config_.hop_limit};
  next.source_port = out.source_port;
  ++streams_;
  auto& which = *attempts_.emplace(newest_, std::move(next)).first;
  wake_at(which, now + wait_for(config_.pacing, which.second.asks.number) +
                     1ns);  // what takes exactly the timeout is in time
  return out;
}

std::uint16_t connect_sweep::port_for(const tcp_pair& pair) {
  if (config_.source_port_base == 0) return 0;
  const auto count = std::max<std::uint32_t>(config_.source_port_count, 1);
  const auto step = plan_.flows() > 1 ? pair.flow : next_port_++;
  return static_cast<std::uint16_t>(config_.source_port_base + step % count);
}

// ---- stimuli

void connect_sweep::feed(mono_time now, const stimulus& what) {
  if (finished_) return;
  if (!std::holds_alternative<stream_started>(what)) in_a_row_ = 0;
  std::visit(
      [&](const auto& given) {
        using type = std::decay_t<decltype(given)>;
        if constexpr (requires { take(now, given); }) {
          take(now, given);
        } else if constexpr (std::is_same_v<type, sent>) {
          evidence_.left(given);
        } else if constexpr (std::is_same_v<type, interrupt>) {
          cut_short(now);
        } else if constexpr (std::is_same_v<type, wakeup>) {
          expire(now);
          if (timers_.due(timer::overall, now)) cut_short(now);
        }
      },
      what);
  if (!finished_) update_timers(now);
}

connect_sweep::entry* connect_sweep::find(probe_token token) {
  const auto found = attempts_.find(token);
  return found == attempts_.end() ? nullptr : &*found;
}

void connect_sweep::take(mono_time now, const stream_started& what) {
  auto* which = find(what.token);
  if (!which || which->second.started || which->second.result) return;
  auto& one = which->second;
  one.started = true;
  one.source = what.source;
  if (what.source_port != 0) one.source_port = what.source_port;
  one.asked = std::clamp(what.at, one.asked, now);
  wake_at(*which, one.asked + wait_for(config_.pacing, one.asks.number) + 1ns);
  count_segments(one, 1);
  connect_evidence::trace trace;
  trace.pair = one.asks.step.pair;
  trace.source = one.source;
  trace.source_port = one.source_port;
  trace.destination = plan_.address(trace.pair.target);
  evidence_.began(what.token, trace);
  if (limit_ < config_.most_streams && ++calm_ >= limit_) {
    ++limit_;
    calm_ = 0;
  }
}

void connect_sweep::take(mono_time now, const stream_opened& what) {
  auto* which = find(what.token);
  if (!which || which->second.result) return;
  auto& one = which->second;
  count_segments(one, std::min(what.facts.retransmits, most_segments) + 1);
  const auto at = std::clamp(what.at, one.asked, now);
  auto result = result_of(at, one);
  result.state = tcp_state::open;
  result.why = reason::syn_ack;
  result.from = plan_.address(result.target);
  if (at - one.asked > wait_for(config_.pacing, one.asks.number))
    result.odd = result.odd | tcp_oddity::late_attempt;
  if (what.facts.retransmits == 0) {
    result.kernel_rtt = what.facts.rtt && *what.facts.rtt >= duration{0};
    result.rtt = result.kernel_rtt ? *what.facts.rtt : at - one.asked;
  }
  one.result = std::move(result);
  pace_.answered();
  if (talks()) {
    one.dialogue.emplace(
        dialogue_config{config_.banner, config_.data, config_.banner_wait, config_.pacing.timeout}, at);
    return talk(now, *which);
  }
  close(*which, close_stream::manner::release);
  conclude(now, *which);
}

void connect_sweep::take(mono_time now, const stream_failed& what) {
  auto* which = find(what.token);
  if (!which || which->second.result) return;
  auto& one = which->second;
  let_go(one);
  if (!what.started && !one.started && is_shortage(what.error) && streams_ > 0 &&
      one.asks.shortages < most_shortages)
    return wait_out_shortage(now, *which);
  if (what.started) count_segments(one, 1);
  const auto at = std::clamp(what.at, one.asked, now);
  auto result = result_of(at, one);
  judge_failure(what, one.source, plan_.address(result.target), result);
  if (result.state == tcp_state::filtered) return take_silence(now, *which);
  if (result.state != tcp_state::error) {
    pace_.answered();
    // Not the times of a RST after the handshake, and of a neighbour that does not resolve.
    const auto of_the_answer = result.state != tcp_state::open &&
                               (result.state != tcp_state::unreachable || result.from != one.source);
    if (of_the_answer && at - one.asked < retransmission) result.rtt = at - one.asked;
  }
  if (result.state == tcp_state::open && talks()) {
    tcp_dialogue cut_off;
    cut_off.how = tcp_dialogue::ending::reset;
    result.dialogue = std::make_shared<const tcp_dialogue>(std::move(cut_off));
  }
  one.result = std::move(result);
  conclude(now, *which);
}

void connect_sweep::take(mono_time now, const stream_data& what) {
  auto* which = find(what.token);
  if (!which || !which->second.dialogue) return;
  which->second.dialogue->heard(std::min(what.at, now), what.bytes);
  talk(now, *which);
}

void connect_sweep::take(mono_time now, const stream_closed& what) {
  auto* which = find(what.token);
  if (!which || !which->second.dialogue) return;
  if (what.how == stream_closed::manner::reset) let_go(which->second);
  which->second.dialogue->closed(std::min(what.at, now), what.how);
  talk(now, *which);
}

void connect_sweep::take(mono_time now, const arrival& packet) {
  const auto reading = evidence_.read(packet);
  if (const auto* odd = std::get_if<tcp_anomaly>(&reading)) {
    accounts_.take(*odd);
    quiet_since_ = now;
  } else if (const auto* token = std::get_if<probe_token>(&reading)) {
    auto* which = find(*token);
    const auto waits =
        which && which->second.result && (!which->second.dialogue || which->second.dialogue->over());
    if (waits && evidence_.completes(*token, which->second.result->state)) decide(now, *which);
  }
}

void connect_sweep::expire(mono_time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    auto& which = *find(due_.begin()->second);
    auto& one = which.second;
    if (!one.result) {
      close(which, close_stream::manner::reset);
      take_silence(now, which);
    } else if (one.dialogue && !one.dialogue->over()) {
      one.dialogue->woke(now);
      talk(now, which);
    } else {
      decide(now, which);  // its frame did not come
    }
  }
}

// ---- one attempt

void connect_sweep::count_segments(attempt& of, std::uint32_t segments) {
  if (segments <= of.segments) return;
  accounts_.sent(of.asks.step.pair.target, segments - of.segments);
  of.segments = static_cast<std::uint16_t>(segments);
}

void connect_sweep::close(entry& which, close_stream::manner how) {
  if (!which.second.holds_stream) return;
  effects_.push_back(close_stream{which.first, how});
  if (how != close_stream::manner::finish) let_go(which.second);
}

void connect_sweep::let_go(attempt& which) {
  if (!which.holds_stream) return;
  which.holds_stream = false;
  --streams_;
}

void connect_sweep::wake_at(entry& which, mono_time at) {
  due_.erase({which.second.due, which.first});
  which.second.due = at;
  due_.insert({at, which.first});
}

void connect_sweep::erase(entry& which) {
  due_.erase({which.second.due, which.first});
  attempts_.erase(which.first);
}

void connect_sweep::wait_out_shortage(mono_time now, entry& which) {
  limit_ = streams_;
  calm_ = 0;
  pace_.overrun();
  auto again = which.second.asks;
  ++again.shortages;
  // Always the same wait, so that the queue is in order.
  again.not_before = now + config_.pacing.timeout / 8;
  shortages_.push_back(again);
  erase(which);
}

void connect_sweep::take_silence(mono_time now, entry& which) {
  auto& one = which.second;
  const auto* trace = evidence_.of(which.first);
  if (trace) count_segments(one, std::min<std::uint32_t>(trace->seen_leaving, most_segments));
  if (one.asks.number <= config_.pacing.retries) {
    evidence_.ended(now, which.first, tcp_state::filtered);
    auto again = one.asks;
    ++again.number;
    again.segments = static_cast<std::uint16_t>(again.segments + one.segments);
    retries_.push_back(again);
    return erase(which);
  }
  one.result = result_of(now, one);
  one.result->state = tcp_state::filtered;
  one.result->why = reason::connection_timeout;
  decide(now, which);
}

void connect_sweep::talk(mono_time now, entry& which) {
  auto& one = which.second;
  while (const auto move = one.dialogue->next_move()) {
    switch (*move) {
      case connect_dialogue::move::write:
        effects_.push_back(write_stream{which.first, one.dialogue->words()});
        break;
      case connect_dialogue::move::finish:
        close(which, close_stream::manner::finish);
        break;
      case connect_dialogue::move::release:
        close(which, close_stream::manner::release);
        break;
    }
  }
  if (!one.dialogue->over()) return wake_at(which, one.dialogue->deadline());
  if (!one.result->dialogue) conclude(now, which);
}

// ---- results

tcp_result connect_sweep::result_of(mono_time at, const attempt& of) const {
  const auto& step = of.asks.step;
  tcp_result out;
  out.target = step.pair.target;
  out.port = step.pair.port;
  out.source_port = of.source_port;
  out.flow = step.pair.flow;
  out.round = step.round;
  out.at = at;
  return out;
}

void connect_sweep::conclude(mono_time now, entry& which) {
  auto& one = which.second;
  if (one.dialogue) {
    one.result->dialogue = std::make_shared<const tcp_dialogue>(one.dialogue->account());
    one.result->odd = one.result->odd | one.dialogue->odd();
    one.result->at = now;
  }
  const auto comes = config_.captured && one.started && one.result->state != tcp_state::error;
  if (!comes || evidence_.completes(which.first, one.result->state)) return decide(now, which);
  wake_at(which, now + config_.capture_wait);
}

void connect_sweep::decide(mono_time now, entry& which) {
  auto& one = which.second;
  auto result = std::move(*one.result);
  evidence_.complete(which.first, result);
  result.attempts = static_cast<std::uint16_t>(one.asks.segments + one.segments);
  // What this host says of itself (a neighbour that does not resolve) is no answer.
  const auto own = result.from == one.source && result.from != plan_.address(result.target);
  if (result.from && !own && result.state != tcp_state::error) {
    result.answered = result.attempts;
    const bool segment = result.state == tcp_state::open || result.state == tcp_state::closed;
    if (segment && result.attempts > 1) result.odd = result.odd | tcp_oddity::answered_retry;
  }
  evidence_.ended(now, which.first, result.state);
  quiet_since_ = now;
  erase(which);
  accounts_.take(std::move(result));
}

std::uint64_t connect_sweep::least_undecided() const {
  auto least = course_.place();
  const auto look = [&](const tcp_course::step& step) {
    if (step.round == round_) least = std::min(least, step.place);
  };
  for (const auto& [token, one] : attempts_) look(one.asks.step);
  for (const auto& one : retries_) look(one.step);
  for (const auto& one : shortages_) look(one.step);
  return least;
}

std::uint64_t connect_sweep::undecided_from() const {
  return finished_ ? resume_from_ : least_undecided();
}

// ---- the end

void connect_sweep::cut_short(mono_time now) {
  // What is known is told, dialogues as far as they got; the rest stays undecided.
  for (auto at = attempts_.begin(); at != attempts_.end();) {
    auto& which = *at++;
    auto& one = which.second;
    close(which, one.result ? close_stream::manner::release : close_stream::manner::reset);
    if (!one.result) continue;
    if (one.dialogue && !one.result->dialogue)
      one.result->dialogue = std::make_shared<const tcp_dialogue>(one.dialogue->account());
    decide(now, which);
  }
  resume_from_ = least_undecided();
  const auto give_up = [&](const question& asks, std::uint16_t segments) {
    accounts_.give_up(now, asks.step.pair.target, std::uint64_t{asks.segments} + segments);
  };
  for (const auto& [token, one] : attempts_) give_up(one.asks, one.segments);
  for (const auto& one : retries_) give_up(one, 0);
  for (const auto& one : shortages_) give_up(one, 0);
  finish(now);
}

void connect_sweep::finish(mono_time now) {
  finished_ = true;
  attempts_.clear();
  retries_.clear();
  shortages_.clear();
  due_.clear();
  for (const auto which : {timer::send, timer::overall, timer::linger}) timers_.clear(which);
  accounts_.conclude(now);
}

void connect_sweep::update_timers(mono_time now) {
  timers_.clear(timer::send);
  timers_.clear(timer::linger);
  if (idle()) {
    const auto end = config_.captured ? quiet_since_ + config_.pacing.linger : now;
    if (end > now) return timers_.set(timer::linger, end);
    resume_from_ = course_.place();
    return finish(now);
  }
  if (streams_ >= limit_) return;
  std::optional<mono_time> next = course_.next_at();
  if (!retries_.empty()) next = mono_time::min();
  if (!shortages_.empty()) next = std::min(next.value_or(mono_time::max()), shortages_.front().not_before);
  if (next) timers_.set(timer::send, std::max(*next, pace_.next()));
}

std::optional<mono_time> connect_sweep::deadline() const {
  if (!started_ && !finished_) return mono_time::min();
  auto first = timers_.earliest();
  if (!due_.empty() && (!first || due_.begin()->first < *first)) first = due_.begin()->first;
  return first;
}

}  // namespace diag::probe
