// The path by small packets, then one size at several hops: asked again where silent, beside a small packet
// that tells silence to this size from silence to everything.
#include "libdiag/probe/mtu_walk.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

namespace {

constexpr std::uint16_t usual_mtu = 1500;
// Routers that limit their answers give at least one in this time.
constexpr duration rest = 1s;
constexpr std::uint8_t most_rests = 2;

bool says_too_big(const path_answer& answer) {
  return answer.state == hop_state::unreachable &&
         (answer.why == reason::fragmentation_needed || answer.why == reason::packet_too_big);
}

}  // namespace

mtu_walk::mtu_walk(const mtu_config& config, std::uint32_t target, const ip_address& address, mono_time began)
    : config_{config},
      target_{target},
      v4_{address.is_v4()},
      began_{began},
      first_{std::max<int>(config.first_hop, 1)},
      last_{std::max<int>(config.last_hop, first_)} {
  config_.attempts = std::clamp<std::uint8_t>(config_.attempts, 1, 100);
  config_.window = std::max<std::uint8_t>(config_.window, 1);
  start_ = target < config.start.size() && config.start[target] != 0 ? config.start[target] : usual_mtu;
  small_ = std::min(small_size, start_);
  size_ = start_;
  hops_.resize(static_cast<std::size_t>(last_ - first_ + 1));
  for (auto h = first_; h <= last_; ++h) at(h).number_of = static_cast<std::uint8_t>(h);
  asked_to_ = furthest_ = first_ - 1;
}

duration mtu_walk::patience(int h) const {
  return h > highest_answered_ ? config_.timeout : patience_after(longest_rtt_, config_.timeout);
}

path_question mtu_walk::ask(int h, std::uint16_t size) {
  path_question question;
  question.target = target_;
  question.hop = static_cast<std::uint8_t>(h);
  question.number = at(h).asked++;
  question.size = size;
  question.dont_fragment = true;
  ++sent_;
  ++asked_;
  return question;
}

int mtu_walk::explore_limit() const {
  // Half of the window is kept closed until answers come from its middle: the target is nearer, mostly.
  const auto limit =
      std::min(last_, std::max(first_ - 1 + config_.window, furthest_ + (config_.window + 1) / 2));
  const auto end = reached_ != 0 ? reached_ : refused_;
  return end == 0 ? limit : std::min(limit, std::max(end, furthest_ + 1));
}

std::optional<path_question> mtu_walk::explore() {
  const auto small = [this](int h) {
    ++at(h).small_tries;
    at(h).small_in_flight = true;
    return ask(h, small_);
  };
  if (asked_to_ < explore_limit()) return small(++asked_to_);
  // Silent hops that others stand behind are asked again.
  const auto known = std::max({furthest_, reached_, refused_});
  for (auto h = first_; h < std::min(known, asked_to_ + 1); ++h)
    if (!at(h).answers() && !at(h).small_in_flight && at(h).small_tries < config_.attempts) return small(h);
  // What is asked beyond the target need not be waited for.
  for (auto h = first_; h <= (reached_ != 0 ? reached_ : asked_to_); ++h)
    if (at(h).small_in_flight) return std::nullopt;
  end_exploring();
  return std::nullopt;
}

void mtu_walk::hear_small(const path_question& asked, path_answer&& answer) {
  const int h = asked.hop;
  auto& one = at(h);
  if (!answer.late) one.small_in_flight = false;
  if (answer.state == hop_state::silent || answer.state == hop_state::error) return;
  if (answer.state == hop_state::time_exceeded)
    furthest_ = std::max(furthest_, h);
  else if (answer.state == hop_state::reached)
    reached_ = reached_ == 0 ? h : std::min(reached_, h);
  else
    refused_ = refused_ == 0 ? h : std::min(refused_, h);
  if (!says_too_big(answer)) note_pass(h, small_, answer);
  one.small = std::move(answer);
}

int mtu_walk::path_end() const {
  return reached_ != 0 ? reached_ : std::max({furthest_, refused_, first_ - 1});
}

void mtu_walk::end_exploring() {
  end_ = path_end();
  // A refusal of the small packet itself is not an answer to it.
  for (auto h = first_; h <= end_; ++h)
    if (says_too_big(at(h).small)) at(h).hopeless = true;
  sweep(start_);
}

void mtu_walk::note_pass(int h, std::uint16_t size, const path_answer& answer) {
  auto& one = at(h);
  if (size <= one.passed) return;
  one.passed = size;
  one.best = answer;
}

std::optional<path_question> mtu_walk::next(mono_time now) {
  while (phase_ != phase::done) {
    if (phase_ == phase::explore) {
      if (auto question = explore()) return question;
      if (phase_ == phase::explore) return std::nullopt;
    }
    // A path that keeps changing its mind is not measured for ever.
    const auto most = 2000 + 100 * static_cast<std::uint64_t>(end_ - first_ + 1);
    if (asked_ >= most) phase_ = phase::done;
    if (phase_ == phase::done) break;
    if (auto question = next_trial(now)) return question;
    const auto open = [](const trial& one) { return one.what == outcome::open; };
    if (std::any_of(trials_.begin(), trials_.end(), open)) return std::nullopt;
    next_stage();
  }
  return std::nullopt;
}

std::optional<mono_time> mtu_walk::next_at() const {
  std::optional<mono_time> first;
  if (phase_ == phase::done) return first;
  for (const auto& one : trials_)
    if (one.what == outcome::open && one.rest_until && one.want_large)
      first = std::min(first.value_or(*one.rest_until), *one.rest_until);
  return first;
}

std::optional<path_question> mtu_walk::next_trial(mono_time now) {
  for (auto& one : trials_) {
    if (one.what != outcome::open || (one.rest_until && now < *one.rest_until)) continue;
    // The large one first: where answers are rationed, it gets the one there is.
    if (std::exchange(one.want_large, false)) {
      one.rest_until.reset();
      const auto question = ask(one.hop, one.size);
      one.large = question.number;
      return question;
    }
    if (std::exchange(one.want_small, false)) {
      const auto question = ask(one.hop, small_);
      one.small = question.number;
      return question;
    }
  }
  return std::nullopt;
}

void mtu_walk::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  const int h = asked.hop;
  if (h < first_ || h > last_ || phase_ == phase::done) return;
  if (answer.from) highest_answered_ = std::max(highest_answered_, h);
  if (answer.rtt) longest_rtt_ = std::max(longest_rtt_.value_or(*answer.rtt), *answer.rtt);
  if (answer.state == hop_state::error) {
    --sent_;
    ++errors_;
  }
  if (phase_ == phase::explore) return hear_small(asked, std::move(answer));
  // It got there, however late, and whoever asked.
  const auto got_there = answer.state == hop_state::time_exceeded || answer.state == hop_state::reached ||
                         (answer.state == hop_state::unreachable && !says_too_big(answer) &&
                          at(h).small.state == hop_state::unreachable);
  if (got_there) note_pass(h, asked.size, answer);
  const auto found = std::find_if(trials_.begin(), trials_.end(), [&](const trial& one) {
    return one.hop == h && (one.large == asked.number || one.small == asked.number);
  });
  if (found != trials_.end() && !answer.late) hear_trial(now, *found, asked, answer);
  // What got further came by here.
  for (auto& one : trials_)
    if (one.what == outcome::open &&
        std::any_of(hops_.begin() + (one.hop - first_), hops_.begin() + (end_ - first_ + 1),
                    [&](const hop& later) { return later.passed >= one.size; }))
      one.what = outcome::passed;
}

void mtu_walk::hear_trial(mono_time now, trial& which, const path_question& asked,
                          const path_answer& answer) {
  if (which.small == asked.number) {
    which.small.reset();
    if (answer.state != hop_state::silent && answer.state != hop_state::error) which.small_answered = true;
  } else {
    which.large.reset();
    judge_large(which, answer);
  }
  if (which.what == outcome::open) advance(now, which);
}

void mtu_walk::judge_large(trial& which, const path_answer& answer) {
  ++which.tries;
  const auto too_long_here = answer.state == hop_state::error && answer.error == EMSGSIZE;
  if (too_long_here || says_too_big(answer)) {
    which.what = outcome::told;
    which.by = {too_long_here ? ip_address{} : answer.from, too_long_here};
    which.mtu = answer.mtu;
  }
}

/// Silent once more: another try, a rest, or the end of patience.
void mtu_walk::advance(mono_time now, trial& which) {
  if (which.large || which.small || which.want_large || which.want_small) return;
  const auto told_before = [&](const trial& one) { return one.what == outcome::told && one.hop < which.hop; };
  if (std::any_of(trials_.begin(), trials_.end(), told_before)) {
    which.what = outcome::silent;  // it cannot get further than to whom it was too big
  } else if (which.tries < config_.attempts) {
    which.want_large = which.want_small = true;
  } else if (which.small_answered) {
    which.what = outcome::silent;
  } else if (which.rests < most_rests) {
    ++which.rests;
    which.rest_until = now + rest;
    which.want_large = which.want_small = true;
  } else {
    which.what = outcome::mute;
  }
}

}  // namespace diag::probe
