// Ping as a sweep: every target is asked once, the silent ones again, and forgotten as soon as its fate is
// known.
//
// Memory does not grow with the number of targets: a probe costs one send_record while it is in flight and
// for a short time after (that is how a late answer is still recognised), a waiting retry costs 24 octets.
// The rate follows the answers (pace::following) unless one is given.
//
// A target is alive when any probe of it was answered, even after its timeout, as long as one of them is
// under way or waiting; then the timeout stands in the account (received 0, late 1) and the verdict is alive
// all the same. An answer that comes when the last timeout has passed is a `late` event after the summary, no
// more.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "libdiag/probe/echo_exchange.hpp"
#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/probe/targets.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

struct sweep_config {
  echo_config echo{};
  std::uint32_t retries = 1;  ///< further probes to a silent target
  duration timeout = 1s;
  std::optional<duration> deadline{};  ///< of the whole run
  double rate = 0;                     ///< packets a second; 0: follow the answers
  bool unlimited = false;              ///< no cap at all (--rate 0)
  bool want_stamps = false;            ///< kernel transmit stamps cost a system call per probe
};

/// Totals over all targets. sent = received + lost + errors + not_sent + pending.
struct sweep_totals {
  std::uint64_t targets = 0;  ///< whose fate is known
  std::uint64_t alive = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t errors = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t pending = 0;
  std::uint64_t receiver_dropped = 0;
  reject_counts rejected{};
};

class sweep final : public machine {
 public:
  using event = ping_event;

  /// `targets` is borrowed for the machine's life. At most 2^32 - 1 targets.
  sweep(const sweep_config& config, const target_list& targets);

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// A ping_summary follows the last event of each target; duplicates and late answers may come after it. A
  /// target under way at the deadline or an interrupt has none: its fate is not known.
  std::optional<ping_event> next_event();

  [[nodiscard]] const sweep_totals& totals() const { return totals_; }
  [[nodiscard]] std::uint64_t asked() const { return next_target_; }
  [[nodiscard]] double rate() const { return pace_.rate(); }
  [[nodiscard]] std::uint32_t slots() const { return exchange_.table().slots(); }
  [[nodiscard]] std::optional<probe_token> recognise(byte_view icmp_message,
                                                     const ip_address& destination) const {
    return exchange_.recognise(icmp_message, destination);
  }

 private:
  enum class timer { send, expire, overall, count };
  struct retry {
    probe_token previous = 0;
    std::uint32_t target = 0;
    std::uint32_t number = 0;  ///< of the probe to make, from 2
    std::uint8_t unsent = 0;   ///< of the probes made, those that never left
  };

  void take(mono_time now, echo_exchange::judgement&& what);
  void take_reply(mono_time now, echo_exchange::matched_reply& match);
  void take_error(mono_time now, echo_exchange::matched_error& match);
  void take_late(const send_record& probe);
  void expire(mono_time now);
  void lose(mono_time now, send_record& probe);
  void close(send_record& probe, probe_state state);
  void try_again(const send_record& probe);
  [[nodiscard]] mono_time expiry(const send_record& probe) const;
  /// Every probe of the target but this one, and late answers to this one too.
  [[nodiscard]] static ping_summary account_before(mono_time now, const send_record& probe);
  void conclude_waiting(mono_time now, const retry& what);
  /// The last word on a target.
  void conclude(const ping_summary& account);
  [[nodiscard]] std::optional<effect> send(mono_time now, const retry& what);
  [[nodiscard]] bool idle() const;
  void cut_short(mono_time now);
  void finish();
  void update_timers();

  sweep_config config_;
  echo_exchange exchange_;
  pace pace_;
  std::deque<retry> retries_;
  event_queue<ping_event> events_;
  timer_table<timer> timers_;
  sweep_totals totals_;
  std::uint64_t next_target_ = 0;
  bool started_ = false;
  bool finished_ = false;
};

static_assert(probe_machine<sweep>);

}  // namespace diag::probe
