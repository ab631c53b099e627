// A network played to a path_course: a function from question to answer and delay, under a virtual clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::course_player {

struct reply {
  probe::path_answer answer{};
  duration delay = 1ms;
};
/// nullopt: the probe or its answer is lost.
using network = std::function<std::optional<reply>(const probe::path_question&, mono_time)>;

inline const ip_address target = ip_address::v4(0xC6336401);  // 198.51.100.1
/// 192.0.2.h, or another router at the same hop.
inline ip_address router(unsigned hop, unsigned which = 0) {
  return ip_address::v4(0xC0000200U + hop + which * 32);
}

inline probe::path_answer answer_of(probe::hop_state state, const ip_address& from,
                                    probe::reason why = probe::reason::none) {
  probe::path_answer answer;
  answer.state = state;
  answer.from = from;
  answer.why = why;
  return answer;
}
inline reply exceeded(unsigned hop, unsigned which = 0) {
  return {answer_of(probe::hop_state::time_exceeded, router(hop, which), probe::reason::hop_limit_exceeded),
          duration{1ms} * static_cast<int>(hop)};
}
inline reply reached(unsigned hops) {
  return {answer_of(probe::hop_state::reached, target, probe::reason::port_unreachable),
          duration{1ms} * static_cast<int>(hops)};
}
/// A line of routers, the target at `hops`.
inline std::optional<reply> line(const probe::path_question& asked, unsigned hops) {
  return asked.hop < hops ? exceeded(asked.hop) : reached(hops);
}

struct play_result {
  std::vector<probe::path_event> events;
  std::vector<probe::path_question> asked;
  duration took{};
  std::uint64_t heard = 0, late = 0;

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    return found;
  }
  template <class Event>
  [[nodiscard]] Event only() const {
    const auto found = all<Event>();
    if (found.size() != 1) throw std::logic_error{"not exactly one such event"};
    return found.front();
  }
};

struct play_options {
  duration timeout = 3s;
  std::size_t most_questions = 200'000;
  /// Asked before each step; true: cut the run short.
  std::function<bool(mono_time)> interrupt{};
};

/// What path_run does, without packets: asks all there is, tells every probe's end once, and late answers
/// once more. Throws where the course breaks its contract.
class player {
 public:
  player(probe::path_course& course, network world, play_options options = {})
      : course_{course}, world_{std::move(world)}, options_{std::move(options)} {}

  play_result run() {
    for (;;) {
      if (options_.interrupt && options_.interrupt(now_)) {
        course_.cut_short(now_);
        drain();
        if (!course_.done() || course_.next(now_)) throw std::logic_error{"goes on after cut_short"};
        break;
      }
      ask_all();
      drain();
      const auto waiting =
          std::any_of(flying_.begin(), flying_.end(), [](const flight& f) { return !f.over; });
      if (course_.done() && (!waiting || course_.knows_enough())) break;
      step();
    }
    result_.took = now_ - start;
    return std::move(result_);
  }

 private:
  static constexpr mono_time start{100s};
  struct flight {
    probe::path_question asked{};
    mono_time sent{};
    std::optional<mono_time> arrives{};
    probe::path_answer answer{};
    bool over = false;  ///< told as silent
  };

  void ask_all() {
    while (auto asked = course_.next(now_)) {
      if (asked->hop == 0) throw std::logic_error{"hop limit 0"};
      result_.asked.push_back(*asked);
      if (result_.asked.size() > options_.most_questions) throw std::logic_error{"asks for ever"};
      flight one{*asked, now_, {}, {}, false};
      if (auto back = world_(*asked, now_)) {
        one.arrives = now_ + back->delay;
        one.answer = std::move(back->answer);
      }
      flying_.push_back(std::move(one));
    }
  }

  [[nodiscard]] mono_time expiry(const flight& one) const {
    return one.sent + std::min(course_.patience_for(one.asked), options_.timeout) + 1ns;
  }

  void step() {
    std::optional<mono_time> next = course_.next_at();
    const auto also = [&next](mono_time at) { next = next ? std::min(*next, at) : at; };
    for (const auto& one : flying_) {
      if (!one.over) also(expiry(one));
      if (one.arrives) also(*one.arrives);
    }
    if (!next) throw std::logic_error{"waits for nothing"};
    if (*next <= now_ && ++stuck_ > 10'000) throw std::logic_error{"time stands still"};
    if (*next > now_) stuck_ = 0;
    now_ = std::max(now_, *next);
    for (std::size_t i = 0; i < flying_.size();) {
      auto& one = flying_[i];
      const auto asked = one.asked;
      if (one.arrives && *one.arrives <= now_) {
        auto answer = std::move(one.answer);
        answer.at = *one.arrives;
        answer.late = one.over;
        if (answer.state != probe::hop_state::error) answer.rtt = *one.arrives - one.sent;
        flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
        ++(answer.late ? result_.late : result_.heard);
        course_.hear(now_, asked, std::move(answer));
      } else if (!one.over && expiry(one) <= now_) {
        one.over = true;
        const auto forgotten = !one.arrives;
        if (forgotten) flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
        probe::path_answer silence;
        silence.at = now_;
        ++result_.heard;
        course_.hear(now_, asked, std::move(silence));
        i += forgotten ? 0 : 1;
      } else {
        ++i;
      }
    }
    drain();
  }

  void drain() {
    while (auto event = course_.next_event()) result_.events.push_back(std::move(*event));
  }

  probe::path_course& course_;
  network world_;
  play_options options_;
  mono_time now_ = start;
  std::vector<flight> flying_;
  std::uint32_t stuck_ = 0;
  play_result result_;
};

inline play_result play(probe::path_course& course, network world, play_options options = {}) {
  return player{course, std::move(world), std::move(options)}.run();
}

/// Anything at all: lost, late, contradictory, from anywhere, an error of our own.
inline network chaos(std::uint64_t seed) {
  return [random = seeded_random{seed}](const probe::path_question& asked, mono_time) mutable {
    std::optional<reply> back;
    if (random.below(4) == 0) return back;
    const auto from = random.below(3) == 0 ? target
                                           : router(static_cast<unsigned>(1 + random.below(31)),
                                                    static_cast<unsigned>(random.below(2)));
    const auto state = static_cast<probe::hop_state>(random.below(5));
    auto answer = answer_of(state, state == probe::hop_state::silent ? ip_address{} : from);
    if (state == probe::hop_state::unreachable) {
      answer.why =
          random.below(2) == 0 ? probe::reason::fragmentation_needed : probe::reason::host_unreachable;
      const std::uint32_t sizes[] = {0, 1, 67, 68, asked.size - 1U, asked.size, 70'000, 1400};
      answer.mtu = sizes[random.below(8)];
    }
    if (state == probe::hop_state::error) answer.error = random.below(2) == 0 ? 90 : 1;
    const auto slow = random.below(10) == 0;
    back =
        reply{std::move(answer), duration{1us} * static_cast<int>(random.below(slow ? 6'000'000 : 20'000))};
    return back;
  };
}

}  // namespace diag::course_player
