// Ping as a series: every target is asked again and again, and each probe ends in exactly one state.
//
// The rules:
//  - Probes of one target go out on an absolute schedule (start + k * interval), so delays do not add up. A
//  stall is not
//    made up for: slots that passed are dropped, never sent as a burst.
//  - A probe is answered by the first believable reply within its timeout, refused by the first ICMP error
//  that quotes
//    it, not sent when this host would not let it go, and lost when the timeout passes. What comes after that
//    is a duplicate or late, and never enters the statistics.
//  - A target is done when its count is reached and nothing of it is in flight. The run ends when all are, at
//  the
//    deadline, on interrupt, or when the condition waited for (--until) holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "libdiag/probe/echo_exchange.hpp"
#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/probe/targets.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

/// What ends a run early: `times` answers, or losses, in a row of every target.
struct ping_condition {
  enum class kind : std::uint8_t { none, up, down };
  kind what = kind::none;
  std::uint64_t times = 1;
};

enum class ping_rhythm : std::uint8_t {
  steady,    ///< one probe per interval
  adaptive,  ///< -A: the next one when the last is answered, at least one per interval
  flood,     ///< --flood: the same, at least one per flood_interval
};

struct ping_config {
  echo_config echo{};
  std::uint64_t count = 0;  ///< probes per target, 0: until interrupted
  duration interval = 1s;
  duration flood_interval = 10ms;  ///< what flooding falls back to when no answers come
  duration timeout = 1s;
  std::optional<duration> deadline{};  ///< of the whole run, from its first stimulus or effect
  double rate = 0;                     ///< packets a second over all targets, 0: no cap
  ping_rhythm rhythm = ping_rhythm::steady;
  duration adaptive_floor = 0ns;  ///< never closer together than this, however fast the answers
  ping_condition until{};
  bool report_sent = false;
  bool want_stamps = true;  ///< kernel transmit stamps
};

class ping final : public machine {
 public:
  using event = ping_event;

  /// `targets` is borrowed for the machine's life. At most 2^32 - 1 targets.
  ping(const ping_config& config, const target_list& targets);
  ~ping() override;

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// Summaries come last, one per target, when the run has ended.
  std::optional<ping_event> next_event();

  /// An account of one target as it stands (SIGQUIT, live view).
  [[nodiscard]] ping_summary account(std::uint32_t target, mono_time now) const;
  /// The condition of `until` came true.
  [[nodiscard]] bool condition_met() const { return condition_met_; }
  [[nodiscard]] std::uint64_t dropped_by_receiver() const { return dropped_by_receiver_; }
  [[nodiscard]] std::optional<probe_token> recognise(byte_view icmp_message,
                                                     const ip_address& destination) const {
    return exchange_.recognise(icmp_message, destination);
  }

 private:
  struct target_state;
  enum class timer { send, expire, overall, count };
  struct due {
    mono_time at;
    std::uint32_t target;
    std::uint32_t generation;
    friend bool operator>(const due& a, const due& b) {
      return a.at != b.at ? a.at > b.at : a.target > b.target;
    }
  };

  void start(mono_time now);
  void schedule(std::uint32_t target, mono_time at);
  void forget_replaced();
  [[nodiscard]] mono_time expiry(const send_record& probe) const;
  void expire(mono_time now);
  void take(mono_time now, echo_exchange::judgement&& what);
  void take_reply(mono_time now, echo_exchange::matched_reply& match);
  void take_error(mono_time now, echo_exchange::matched_error& match);
  void take_rejected(const ping_rejected& what);
  void take_send_failure(mono_time now, const send_failed& what);
  void settle(send_record& probe, probe_state state, mono_time now);
  void check_condition(target_state& state);
  void finish(mono_time now);
  void update_timers();

  ping_config config_;
  echo_exchange exchange_;
  pace pace_;
  std::vector<target_state> targets_;
  std::priority_queue<due, std::vector<due>, std::greater<>> schedule_;
  event_queue<ping_event> events_;
  timer_table<timer> timers_;
  mono_time started_at_{};
  bool started_ = false;
  bool finished_ = false;
  bool condition_met_ = false;
  std::uint64_t unfinished_ = 0;  ///< targets with probes to send or in flight
  std::uint64_t satisfied_ = 0;   ///< targets for which the condition holds
  std::uint64_t dropped_by_receiver_ = 0;
  std::uint32_t summaries_given_ = 0;
  mono_time finished_at_{};
};

static_assert(probe_machine<ping>);

}  // namespace diag::probe
