// TCP probes through crafted segments: one port or a million, each asked once, the silent ones again.
//
// An attempt is remembered as one record while it is in flight and for a short time after. Its sequence
// number is the number of the attempt, enciphered with the run's key (tcp_token): so an answer leads to its
// record without a search, and nobody who has not seen the segment can make one that is believed.
//
// A pair (target, port, flow) is decided by the first believed answer to any of its attempts, even one whose
// own timeout has passed, as long as the pair is still being asked. What comes later is an anomaly (late,
// duplicate, conflict) and changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/tcp_accounts.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_exchange.hpp"
#include "libdiag/probe/tcp_plan.hpp"
#include "libdiag/probe/tcp_run.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

struct tcp_sweep_config {
  segment_config segment{};
  tcp_pacing pacing{};
  bool want_stamps = true;  ///< kernel transmit stamps cost a system call per probe
};

class tcp_sweep final : public machine {
 public:
  using event = tcp_event;

  /// `plan` is borrowed for the machine's life.
  tcp_sweep(const tcp_sweep_config& config, const tcp_plan& plan);

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  std::optional<tcp_event> next_event() { return accounts_.next_event(); }

  [[nodiscard]] const tcp_summary& totals() const { return accounts_.totals(); }
  [[nodiscard]] const tcp_course& course() const { return course_; }
  [[nodiscard]] double rate() const { return pace_.rate(); }
  /// Where --resume should begin: every place before it is decided.
  [[nodiscard]] std::uint64_t undecided_from() const;
  [[nodiscard]] std::uint64_t dropped_by_receiver() const { return receiver_dropped_; }
  [[nodiscard]] std::uint32_t slots() const { return exchange_.table().slots(); }

 private:
  enum class timer { send, expire, overall, linger, count };
  struct retry {
    probe_token previous = 0;
    tcp_course::step step{};
    std::uint8_t number = 0;  ///< of the attempt to make, from 2
    std::uint8_t unsent = 0;  ///< of the attempts made, those that never left
  };

  void take(mono_time now, segment_exchange::judgement&& what);
  void take_answer(mono_time now, segment_exchange::answer&& found);
  void take_failure(mono_time now, const send_failed& failed);
  void remark(const segment_exchange::answer& found, reject_reason why);
  void expire(mono_time now);
  void lose(mono_time now, segment_record& attempt);
  void try_again(const segment_record& attempt);
  /// Gives the pair of `attempt` its result.
  void decide(segment_record& attempt, tcp_result&& result);
  void decide_silence(mono_time now, segment_record& attempt);
  template <class Visit>
  void for_each_attempt(segment_record& attempt, Visit visit);
  [[nodiscard]] std::optional<effect> send(mono_time now, const retry& what);
  void drop_decided_retries();
  [[nodiscard]] bool is_decided(const retry& waiting) const;
  [[nodiscard]] mono_time expiry(const segment_record& attempt) const;
  [[nodiscard]] bool all_asked() const { return course_.all_taken() && retries_.empty(); }
  void cut_short(mono_time now);
  void finish(mono_time now);
  void update_timers(mono_time now);

  tcp_sweep_config config_;
  segment_exchange exchange_;
  tcp_course course_;
  tcp_accounts accounts_;
  pace pace_;
  std::deque<retry> retries_;
  timer_table<timer> timers_;
  std::uint64_t receiver_dropped_ = 0;
  bool started_ = false;
  bool finished_ = false;
};

static_assert(probe_machine<tcp_sweep>);

}  // namespace diag::probe
