// One target's path MTU, hop by hop: which size is asked where, and what silence means (mtu_course).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

struct mtu_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t window = 16;
  std::uint8_t attempts = 3;           ///< of a size at a hop before it counts as too large for it
  std::vector<std::uint16_t> start{};  ///< by target: MTU of the interface the probes leave by
  duration timeout = 3s;
};

class mtu_walk {
 public:
  /// What every link takes, and every header of ours fits into: the packets that show the path.
  static constexpr std::uint16_t small_size = 100;

  mtu_walk(const mtu_config& config, std::uint32_t target, const ip_address& address, mono_time began);

  std::optional<path_question> next(mono_time now);
  [[nodiscard]] std::optional<mono_time> next_at() const;
  void hear(mono_time now, const path_question& asked, path_answer&& answer);
  [[nodiscard]] bool done() const { return phase_ == phase::done; }
  /// How long a probe at this hop is waited for.
  [[nodiscard]] duration patience(int h) const;
  void conclude(mono_time now, bool cut_short, event_queue<path_event>& events) const;

 private:
  enum class phase : std::uint8_t { explore, sweep, search, done };
  /// Who or what limits: unset and not local: nobody says so.
  struct limiter {
    ip_address from{};
    bool local = false;
    [[nodiscard]] bool told() const { return local || from; }
  };
  struct hop {
    std::uint8_t number_of = 1;
    std::uint16_t asked = 0;  ///< questions of any size
    std::uint8_t small_tries = 0;
    bool small_in_flight = false;
    path_answer small{};       ///< silent: it does not answer
    std::uint16_t passed = 0;  ///< largest that got here
    path_answer best{};        ///< to that
    bool hopeless = false;     ///< answers too seldom to be measured by
    std::uint8_t told = 0;     ///< limits it was believed of what stands before it
    bool settled = false;
    std::uint16_t mtu = 0;
    bool lowered = false;
    limiter by{};
    [[nodiscard]] bool answers() const { return small.state != hop_state::silent; }
  };
  enum class outcome : std::uint8_t { open, passed, told, silent, mute };
  /// One size at one hop.
  struct trial {
    std::uint8_t hop = 1;
    std::uint16_t size = 0;
    bool want_large = true, want_small = false;
    std::optional<std::uint16_t> large{}, small{};  ///< numbers of the questions in flight
    std::uint8_t tries = 0, rests = 0;
    bool small_answered = false;
    std::optional<mono_time> rest_until{};
    outcome what = outcome::open;
    limiter by{};
    std::uint32_t mtu = 0;
  };
  /// The gap at one hop: `low` passes, `high` does not.
  struct gap {
    std::uint8_t hop = 1;
    std::uint8_t after = 0;  ///< last hop that takes the sweep's size
    std::uint16_t low = 0, high = 0;
    limiter by{};            ///< of `high`
    std::uint16_t hint = 0;  ///< told of `high`: what should pass
    bool narrowed = false;   ///< some size passed
    bool confirming = false;
    std::uint8_t refuted = 0;
    std::vector<std::pair<std::uint16_t, limiter>> failed;
  };

  [[nodiscard]] hop& at(int h) { return hops_[static_cast<std::size_t>(h - first_)]; }
  [[nodiscard]] const hop& at(int h) const { return hops_[static_cast<std::size_t>(h - first_)]; }
  [[nodiscard]] path_question ask(int h, std::uint16_t size);

  // The path, by small packets.
  [[nodiscard]] std::optional<path_question> explore();
  [[nodiscard]] int explore_limit() const;
  [[nodiscard]] int path_end() const;
  void hear_small(const path_question& asked, path_answer&& answer);
  void end_exploring();

  // The sizes.
  [[nodiscard]] std::optional<path_question> next_trial(mono_time now);
  void hear_trial(mono_time now, trial& which, const path_question& asked, const path_answer& answer);
  void judge_large(trial& which, const path_answer& answer);
  void advance(mono_time now, trial& which);
  void note_pass(int h, std::uint16_t size, const path_answer& answer);
  void next_stage();
  void sweep(std::uint16_t size);
  void end_sweep();
  void begin_search(const trial& failed, std::uint8_t after);
  void try_size(std::uint16_t size);
  void end_try();
  void next_guess();
  void confirm_or_end();
  void refute();
  [[nodiscard]] std::uint16_t believable(const trial& which, int nearest) const;
  void settle_up_to(int h);
  [[nodiscard]] std::uint8_t hop_of(const ip_address& address, int before) const;
  [[nodiscard]] path_stop stopped_by() const;

  mtu_config config_;
  std::uint32_t target_;
  bool v4_;
  mono_time began_;
  int first_, last_;
  std::uint16_t small_, size_;  ///< of the small packets, and of the present sweep
  phase phase_ = phase::explore;
  std::vector<hop> hops_;
  int asked_to_ = 0, furthest_ = 0, reached_ = 0, refused_ = 0;
  int end_ = 0;  ///< last hop of the path
  std::vector<trial> trials_;
  gap gap_{};
  limiter limit_{};             ///< of the present sweep's size
  bool limit_pending_ = false;  ///< no hop behind it is settled yet
  std::uint16_t start_ = 0;
  std::uint64_t sent_ = 0, errors_ = 0, asked_ = 0;
  std::uint8_t black_hole_after_ = 0;
  std::uint16_t smallest_lost_ = 0;
  std::optional<duration> longest_rtt_{};
  int highest_answered_ = 0;
};

}  // namespace diag::probe
