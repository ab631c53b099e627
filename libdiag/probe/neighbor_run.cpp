// Rounds over the targets with two cursors: whom to ask next, and whose answer is waited for longest. Probes
// leave in the order of targets, so the second follows the first and needs no queue.
#include "libdiag/probe/neighbor_run.hpp"

#include <algorithm>
#include <cmath>

#include "libdiag/probe/neighbor_run_state.hpp"

namespace diag::probe {

namespace {

/// Thousands of probes expire microseconds apart: they are buried together.
constexpr duration expiry_slack = 500us;
/// An owner that is asked alone answers at once, or it does not want to.
constexpr duration look_patience = 100ms;
/// Where a link is down, rounds take at least so long, whatever was asked for.
constexpr duration dead_link_pause = 10ms;
/// Probes that never left for want of room are made up for, within a bound.
constexpr std::uint64_t most_failures = 8;

looks_config looks_for(const neighbor_config& config) {
  looks_config looks;
  looks.wanted = config.looks;
  const bool everyone_asked = config.how == neighbor_config::manner::broadcast;
  looks.ask_owners = everyone_asked && (!config.only_silent || config.await_looks);
  looks.every_owner = !config.only_silent;
  looks.impossible = config.impossible;
  looks.timeout = config.await_looks ? config.timeout : std::min(config.timeout, look_patience);
  return looks;
}

}  // namespace

neighbor_run::state::state(const neighbor_config& wanted, const target_list& list)
    : config{wanted},
      targets{list},
      count{static_cast<std::uint32_t>(list.size())},
      exchange{wanted.links},
      ledger{count, wanted.only_silent, wanted.timeout},
      looks{looks_for(wanted)},
      rate{wanted.rate},
      tempo{pace::chosen(wanted.rate, wanted.rate <= 0)} {
  if (config.watch) watch.emplace(count, ledger);
  known_used.resize(config.known.size());
  round_timeout = config.timeout;
}

std::optional<std::size_t> neighbor_run::state::remembered(const ip_address& address) const {
  for (std::size_t i = 0; i < config.known.size(); ++i)
    if (config.known[i].first == address) return i;
  return std::nullopt;
}

/// Whether a round asks this target.
bool neighbor_run::state::wants(std::uint32_t target) const {
  if (!config.only_silent || ledger.sent(target) == 0) return true;
  if (ledger.is_owned(target)) return false;
  const auto failed = ledger.not_sent(target);
  return ledger.sent(target) - failed < config.rounds && failed < most_failures;
}

bool neighbor_run::state::another_round() const {
  if (config.stop_after != 0 && totals.received >= config.stop_after) return false;
  if (!config.only_silent) return config.rounds == 0 || round < config.rounds;
  for (std::uint32_t target = 0; target < count; ++target)
    if (wants(target)) return true;
  return false;
}

void neighbor_run::state::begin_round(mono_time now) {
  ++round;
  to_ask = 0;
  to_end = 0;
  all_asked = false;
  sends = false;
  round_began = now;
  const auto times = config.backoff > 1 ? std::pow(config.backoff, static_cast<double>(round - 1)) : 1.0;
  // A minute is longer than anybody waits on a link.
  const auto longest = std::max<double>(static_cast<double>(config.timeout.count()), 60e9);
  const auto scaled = std::min(static_cast<double>(config.timeout.count()) * times, longest);
  round_timeout = duration{static_cast<duration::rep>(scaled)};
  ledger.patience(round_timeout);
}

/// From the beginning of a round to that of the next.
duration neighbor_run::state::pause() const {
  const auto wanted = config.only_silent ? duration::zero() : config.interval;
  return sends ? wanted : std::max(wanted, dead_link_pause);
}

/// Moves on to the next target of the round; false: there is none.
bool neighbor_run::state::skip_the_satisfied() {
  while (to_ask < count && (ledger.is_open(to_ask) || !wants(to_ask))) ++to_ask;
  all_asked = to_ask >= count;
  return !all_asked;
}

void neighbor_run::state::end_round(mono_time now) {
  while (to_end < to_ask && !ledger.is_open(to_end)) ++to_end;
  if (to_end < count || !all_asked) return;
  if (!another_round()) linger(now);
}

std::optional<effect> neighbor_run::state::next(mono_time now) {
  if (!started) {
    started = true;
    started_at = now;
    if (config.deadline) timers.set(timer::overall, now + *config.deadline);
    if (count == 0) finish(now);
  }
  if (now_in == phase::over) return std::nullopt;
  if (looks.next() != nullptr && tempo.ready(now)) return look_again(now);
  if (now_in == phase::lingering) return std::nullopt;
  end_round(now);
  if (now_in != phase::asking) return std::nullopt;
  const bool round_over = all_asked && to_end >= count;
  if (round == 0 || (round_over && now >= round_began + pause())) begin_round(now);
  while (!all_asked && skip_the_satisfied()) {
    if (ledger.not_before(to_ask) > now || !tempo.ready(now)) return std::nullopt;
    const auto wanted = ask(now, to_ask++);
    skip_the_satisfied();
    if (wanted) return wanted;
    if (now_in != phase::asking) return std::nullopt;
  }
  end_round(now);
  return std::nullopt;
}

std::optional<mac_address> neighbor_run::state::whom(std::uint32_t target, const ip_address& address) const {
  switch (config.how) {
    case neighbor_config::manner::broadcast:
      return std::nullopt;
    case neighbor_config::manner::fixed:
      return config.destination;
    case neighbor_config::manner::unicast:
      break;
  }
  if (const auto owner = ledger.first_owner(target)) return owner;
  if (const auto place = remembered(address)) return config.known[*place].second;
  return std::nullopt;
}

std::optional<effect> neighbor_run::state::ask(mono_time now, std::uint32_t target) {
  const auto address = targets.at(target);
  const auto link = link_of(target);
  const auto only = whom(target, address);
  looks.overtake(address, now);
  ledger.open(target, now, only && !is_group(*only) ? asked_by::unicast : asked_by::broadcast);
  tempo.take();
  ++totals.sent;
  ++totals.pending;
  const auto interface = exchange.link(link).interface;
  if (is_down(interface)) {
    fail(now, target, reason::interface_down, 0);
    return std::nullopt;
  }
  sends = true;
  transmit packet;
  packet.token = token_of(target, ledger.sent(target));
  packet.layer = transmit::layer_kind::link;
  packet.interface = interface;
  packet.want_stamp = config.want_stamps;
  packet.bytes = exchange.ask(link, address, only);
  return packet;
}

std::optional<effect> neighbor_run::state::look_again(mono_time now) {
  const auto& look = *looks.next();
  tempo.take(false);
  ++totals.looks;
  transmit packet;
  packet.layer = transmit::layer_kind::link;
  packet.interface = exchange.link(look.link).interface;
  packet.want_stamp = config.want_stamps;
  packet.bytes = exchange.ask(look.link, look.address, look.mac);
  packet.token = look_bit | looks.take(now);
  return packet;
}

void neighbor_run::state::lose(mono_time now, std::uint32_t target) {
  ledger.lose(target);
  --totals.pending;
  ++totals.lost;
  events.push_back(neighbor_timeout{target, ledger.sent(target), now, round_timeout});
  if (watch) report(watch->silent(target, now));
  if (ledger.is_owned(target)) return;
  // The host itself may remember where it was: a station that ignores broadcasts is found that way.
  const bool enough =
      config.only_silent ? !wants(target) : ledger.sent(target) >= 2 || round == config.rounds;
  const auto place = remembered(targets.at(target));
  if (!enough || !place || known_used[*place] || config.how != neighbor_config::manner::broadcast) return;
  known_used[*place] = true;
  looks.add_known(link_of(target), targets.at(target), config.known[*place].second);
}

void neighbor_run::state::expire(mono_time now) {
  looks.expire(now);
  for (; to_end < to_ask; ++to_end) {
    if (!ledger.is_open(to_end)) continue;
    // What takes exactly the timeout is in time.
    if (ledger.sent_at(to_end) + round_timeout + 1ns > now) return;
    lose(now, to_end);
  }
}

/// Looks are to be heard out, those that still wait for their turn too.
bool neighbor_run::state::awaits_looks() const {
  const auto is_rescue = [](const second_look& look) {
    return look.what == second_look::kind::known && !look.answered && !look.waited;
  };
  return config.await_looks || std::any_of(looks.all().begin(), looks.all().end(), is_rescue);
}

/// nullopt: until looks that wait for their turn have left.
std::optional<mono_time> neighbor_run::state::linger_until() const {
  auto until = lingering_since;
  // Whoever goes on answering does not hold the run for ever.
  if (last_answer != mono_time::min())
    until = std::min(last_answer, lingering_since + config.timeout) + config.linger;
  if (!awaits_looks()) return until;
  if (looks.next() != nullptr) return std::nullopt;
  if (const auto open = looks.open_until()) until = std::max(until, *open);
  return until;
}

void neighbor_run::state::linger(mono_time now) {
  now_in = phase::lingering;
  lingering_since = now;
  looks.expire(now);
  if (lingered(now)) finish(now);
}

void neighbor_run::state::finish(mono_time now) {
  if (now_in == phase::over) return;
  now_in = phase::over;
  ended_at = now;
  looks.expire(now);
  totals.targets = 0;
  for (std::uint32_t target = 0; target < count; ++target)
    if (ledger.sent(target) != 0) ++totals.targets;
  facts.looks = looks.all();
  seen.hand_over(facts);
}

void neighbor_run::state::update_timers() {
  for (const auto which : {timer::send, timer::expire, timer::linger, timer::settle}) timers.clear(which);
  if (now_in == phase::over) return timers.clear(timer::overall);
  if (watch) timers.set(timer::settle, watch->next());
  if (looks.next() != nullptr) timers.set(timer::send, tempo.next());
  if (now_in == phase::lingering) return timers.set(timer::linger, linger_until());
  if (to_end < to_ask) {
    auto oldest = to_end;
    while (oldest < to_ask && !ledger.is_open(oldest)) ++oldest;
    to_end = oldest;
    if (oldest < to_ask)
      timers.set(timer::expire, ledger.sent_at(oldest) + round_timeout + (count > 1 ? expiry_slack : 1ns));
  }
  if (looks.next() != nullptr) return;  // they go first, as soon as anything may
  if (!all_asked && to_ask < count) {
    timers.set(timer::send, std::max(tempo.next(), ledger.not_before(to_ask)));
  } else if (to_end >= count) {
    timers.set(timer::send, std::max(round_began + pause(), tempo.next()));
  }
}

neighbor_run::neighbor_run(const neighbor_config& config, const target_list& targets)
    : state_{std::make_unique<state>(config, targets)} {}
neighbor_run::~neighbor_run() = default;

void neighbor_run::feed(mono_time now, const stimulus& what) {
  auto& s = *state_;
  if (s.now_in == state::phase::over) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    if (packet->form == framing::ethernet_frame) s.hear(now, *packet);
  } else if (const auto* left = std::get_if<sent>(&what)) {
    return s.take_stamp(*left);  // no timer depends on it
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    s.take_failure(now, *failed);
  } else if (const auto* changed = std::get_if<link_changed>(&what)) {
    s.take_link(now, *changed);
  } else if (const auto* dropped = std::get_if<receiver_dropped>(&what)) {
    s.totals.receiver_dropped += dropped->count;
  } else if (std::holds_alternative<interrupt>(what)) {
    s.finish(now);
  } else if (std::holds_alternative<wakeup>(what)) {
    s.expire(now);
    if (s.timers.due(state::timer::overall, now)) s.finish(now);
  }
  if (s.watch)
    for (auto change = s.watch->settled(now); change; change = s.watch->settled(now)) s.report(change);
  if (s.now_in == state::phase::asking) s.end_round(now);
  if (s.now_in == state::phase::lingering && s.lingered(now)) s.finish(now);
  s.update_timers();
}

std::optional<effect> neighbor_run::next_effect(mono_time now) {
  auto wanted = state_->next(now);
  if (!wanted) state_->update_timers();
  return wanted;
}

std::optional<mono_time> neighbor_run::deadline() const {
  if (!state_->started) return mono_time::min();
  return state_->timers.earliest();
}

std::optional<neighbor_event> neighbor_run::next_event() {
  auto& s = *state_;
  if (auto first = s.events.pop()) return first;
  if (s.now_in != state::phase::over) return std::nullopt;
  while (s.told < s.count && s.ledger.sent(s.told) == 0) ++s.told;
  if (s.told >= s.count) return std::nullopt;
  return account(s.told++);
}

const neighbor_totals& neighbor_run::totals() const {
  return state_->totals;
}
neighbor_summary neighbor_run::account(std::uint32_t target) const {
  auto account = state_->ledger.account(target);
  account.at = state_->ended_at;
  account.elapsed = state_->ended_at - state_->started_at;
  return account;
}
const neighbor_facts& neighbor_run::facts() const {
  return state_->facts;
}

}  // namespace diag::probe
