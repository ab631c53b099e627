// The machine that walks paths: sends what its course asks, within a rate, all at once; gives every answer to
// the probe it belongs to; tells the course, once each, how probes ended.
//
// How long a silent probe is waited for is the course's to say, target by target, and may shrink while
// answers come: a router that has shown how fast it is tells how long its silent neighbor is worth waiting
// for. An answer that comes later than that still finds its probe while the run lasts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <unordered_map>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/path_course.hpp"
#include "libdiag/probe/path_exchange.hpp"

namespace diag::probe {

struct path_run_config {
  path_probe_config probes{};
  duration timeout = 3s;               ///< -W: no probe is waited for longer
  std::optional<duration> deadline{};  ///< -w: of the run
  double rate = 0;                     ///< packets a second; 0: follow the answers
  bool unlimited = false;              ///< no cap at all (--rate 0)
  bool want_stamps = true;             ///< kernel transmit stamps cost a system call per probe
};

class path_run final : public machine {
 public:
  using event = path_event;

  /// `targets` and `course` are borrowed for the machine's life.
  path_run(const path_run_config& config, std::span<const path_target> targets, path_course& course);

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// The course's events, and what was rejected.
  std::optional<path_event> next_event();

  struct totals {
    std::uint64_t sent = 0;  ///< that left this host
    std::uint64_t answered = 0;
    std::uint64_t silent = 0;
    std::uint64_t not_sent = 0;
    std::uint64_t pending = 0;  ///< in flight when the run, or their target, was done
    std::uint64_t late = 0;     ///< of the silent, answered later
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::uint64_t receiver_dropped = 0;
  };
  /// sent + not_sent = answered + silent + not_sent + pending
  [[nodiscard]] const totals& counts() const { return totals_; }
  [[nodiscard]] double rate() const { return pace_.rate(); }
  /// Which probe a captured packet of ours is; see path_exchange.
  [[nodiscard]] std::optional<probe_token> recognise(std::uint8_t protocol, const ip_address& destination,
                                                     byte_view transport) {
    return exchange_.recognise(protocol, destination, transport);
  }

 private:
  /// Probes with one hop limit, in the order in which they were sent, which is that of their expiry. What has
  /// ended goes when it comes to the front.
  struct flight {
    std::uint8_t hop = 0;
    std::size_t first = 0;  ///< of `tokens`; those before it have ended
    std::vector<probe_token> tokens{};
  };
  /// The probes of one target that are in flight, and when the first of them is given up.
  struct lane {
    std::vector<flight> flights{};  ///< by hop, as they began
    std::size_t flying = 0;
    mono_time armed = mono_time::max();
  };
  struct alarm {
    mono_time at;
    std::uint32_t target;
    friend bool operator>(const alarm& a, const alarm& b) { return a.at > b.at; }
  };

  void take(mono_time now, path_exchange::judgement&& what);
  void take_answer(mono_time now, path_record& probe, path_answer&& answer);
  void take_failure(mono_time now, const send_failed& failed);
  void tell(mono_time now, const path_question& asked, path_answer&& answer);
  void expire(mono_time now);
  void lose(mono_time now, path_record& probe);
  void take_off(const path_record& probe);
  void land(const path_record& probe);
  void forsake(std::uint32_t target);
  void arm(std::uint32_t target);
  [[nodiscard]] mono_time expiry(const path_record& probe) const;
  /// The probe of a lane that is given up first.
  [[nodiscard]] path_record& next_to_expire(lane& which);
  /// The first of a flight that has not ended; nullptr: all have.
  [[nodiscard]] path_record* first_of(flight& which);
  void drop_stale_alarms();
  void cut_short(mono_time now);
  void finish_if_done();
  void finish();

  path_run_config config_;
  path_exchange exchange_;
  path_course& course_;
  pace pace_;
  totals totals_{};
  event_queue<path_event> rejects_;
  std::unordered_map<std::uint32_t, lane> lanes_;
  std::priority_queue<alarm, std::vector<alarm>, std::greater<>> alarms_;
  std::optional<mono_time> ends_at_{};
  bool started_ = false;
  bool dry_ = false;  ///< the course had no question, and has been told nothing since
  bool finished_ = false;
};

static_assert(probe_machine<path_run>);

}  // namespace diag::probe
