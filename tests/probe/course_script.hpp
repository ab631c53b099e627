// A course played against a function that knows the network: question in, answer and its delay out. No
// packets, no machine: the clock jumps from one happening to the next.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "libdiag/probe/path_course.hpp"

namespace diag::probe::test {

struct scripted {
  path_answer answer{};
  duration delay = 1ms;
};
/// nullopt: silence.
using network = std::function<std::optional<scripted>(const path_question&)>;

struct played {
  std::vector<path_event> events;
  std::vector<path_question> asked;  ///< in the order of asking
  mono_time ended{};
  bool endless = false;

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> out;
    for (const auto& one : events)
      if (const auto* which = std::get_if<Event>(&one)) out.push_back(*which);
    return out;
  }
  [[nodiscard]] const hop_row* row(std::uint8_t hop, std::uint32_t target = 0) const {
    for (const auto& one : events)
      if (const auto* which = std::get_if<hop_row>(&one);
          which && which->hop == hop && which->target == target)
        return which;
    return nullptr;
  }
};

/// Plays to the end. A probe whose answer takes longer than its target's patience is heard of as silent, and
/// again when the answer comes, late.
inline played play(path_course& course, const network& net, std::size_t most_questions = 100'000) {
  struct happening {
    path_question asked;
    std::optional<path_answer> answer;  ///< none: it is given up here
    std::uint64_t id;
  };
  struct flying {
    path_question asked;
    mono_time sent;
  };
  played out;
  mono_time now{1s};
  std::multimap<mono_time, happening> answers;
  std::map<std::uint64_t, flying> in_flight;
  std::uint64_t ids = 0;
  const auto drain = [&] {
    while (auto event = course.next_event()) out.events.push_back(std::move(*event));
  };
  for (std::size_t turns = 0; turns < most_questions * 8; ++turns) {
    while (auto asked = course.next(now)) {
      out.asked.push_back(*asked);
      if (out.asked.size() > most_questions) return out.endless = true, out;
      const auto id = ++ids;
      in_flight.emplace(id, flying{*asked, now});
      if (auto reply = net(*asked)) {
        reply->answer.at = now + reply->delay;
        if (reply->answer.state != hop_state::error && !reply->answer.rtt) reply->answer.rtt = reply->delay;
        answers.emplace(now + reply->delay, happening{*asked, std::move(reply->answer), id});
      }
    }
    drain();
    if (course.done() && (in_flight.empty() || course.knows_enough())) return out.ended = now, out;
    // The next thing to happen: an answer, a patience that ends, the course's own time.
    std::optional<mono_time> next = course.next_at();
    const auto also = [&next](mono_time at) { next = next ? std::min(*next, at) : at; };
    if (!answers.empty()) also(answers.begin()->first);
    std::optional<std::uint64_t> expiring;
    mono_time expiry = mono_time::max();
    for (const auto& [id, one] : in_flight)
      if (const auto at = one.sent + course.patience_for(one.asked) + 1ns; at < expiry)
        expiring = id, expiry = at;
    if (expiring) also(expiry);
    if (!next) return out.endless = true, out;
    now = std::max(now, *next);
    if (!answers.empty() && answers.begin()->first <= now) {
      auto one = std::move(answers.begin()->second);
      answers.erase(answers.begin());
      one.answer->late = in_flight.erase(one.id) == 0;
      course.hear(now, one.asked, std::move(*one.answer));
    } else if (expiring && expiry <= now) {
      const auto asked = in_flight.at(*expiring).asked;
      in_flight.erase(*expiring);
      path_answer silence;
      silence.at = now;
      course.hear(now, asked, std::move(silence));
    }
    drain();
  }
  return out.endless = true, out;
}

inline path_answer from_router(const ip_address& who) {
  path_answer out;
  out.state = hop_state::time_exceeded;
  out.why = reason::hop_limit_exceeded;
  out.from = who;
  out.icmp_type = 11;
  out.quoted_hop_limit = 1;
  return out;
}

/// `quoted`: what is left of the hop limit, where the answer quotes the probe.
inline path_answer from_target(const ip_address& who, std::optional<std::uint8_t> quoted = {}) {
  path_answer out;
  out.state = hop_state::reached;
  out.from = who;
  out.quoted_hop_limit = quoted;
  out.why = quoted ? reason::port_unreachable : reason::none;
  return out;
}

}  // namespace diag::probe::test
