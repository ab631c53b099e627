// The inside of neighbor_run: what its two halves share. neighbor_run.cpp asks and waits,
// neighbor_hearing.cpp takes in what comes.
#pragma once

#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/neighbor_exchange.hpp"
#include "libdiag/probe/neighbor_ledger.hpp"
#include "libdiag/probe/neighbor_looks.hpp"
#include "libdiag/probe/neighbor_run.hpp"
#include "libdiag/probe/neighbor_seen.hpp"
#include "libdiag/probe/neighbor_watch.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

struct neighbor_run::state {
  enum class timer { send, expire, linger, settle, overall, count };
  enum class phase { asking, lingering, over };

  /// In tokens: a second look, not a probe.
  static constexpr probe_token look_bit = std::uint64_t{1} << 63U;
  static probe_token token_of(std::uint32_t target, std::uint64_t number) {
    return (number & 0x7fff'ffffU) << 32U | target;
  }

  state(const neighbor_config& wanted, const target_list& list);

  neighbor_config config;
  const target_list& targets;
  std::uint32_t count;
  neighbor_exchange exchange;
  neighbor_ledger ledger;
  neighbor_looks looks;
  neighbor_seen seen{};
  std::optional<neighbor_watch> watch{};
  double rate;
  pace tempo;
  timer_table<timer> timers{};
  event_queue<neighbor_event> events{};
  neighbor_totals totals{};
  neighbor_facts facts{};
  std::vector<bool> known_used{};
  std::vector<std::uint32_t> down{};  ///< interfaces that carry nothing

  phase now_in = phase::asking;
  std::uint64_t round = 0;   ///< from 1
  std::uint32_t to_ask = 0;  ///< whom to ask next in this round
  std::uint32_t to_end = 0;  ///< every probe of the round below is closed
  bool all_asked = true;     ///< of the round
  bool sends = true;         ///< a frame of the round was made: not all its links are down
  mono_time round_began{}, started_at{}, lingering_since{}, ended_at{};
  mono_time last_answer = mono_time::min(), slowed_at = mono_time::min();
  duration round_timeout{};
  mono_time rejects_since = mono_time::min();
  std::uint32_t rejects_told = 0;  ///< since then
  bool started = false;
  std::uint32_t told = 0;  ///< targets whose summary was given

  [[nodiscard]] std::uint8_t link_of(std::uint32_t target) const {
    return config.link_of.empty() ? std::uint8_t{0} : config.link_of[target];
  }
  [[nodiscard]] bool is_down(std::uint32_t interface) const {
    return std::find(down.begin(), down.end(), interface) != down.end();
  }
  [[nodiscard]] std::optional<std::size_t> remembered(const ip_address& address) const;
  [[nodiscard]] std::optional<std::uint32_t> target_of(const ip_address& address,
                                                       std::uint32_t interface) const;
  [[nodiscard]] bool wants(std::uint32_t target) const;
  [[nodiscard]] bool another_round() const;
  [[nodiscard]] duration pause() const;

  std::optional<effect> next(mono_time now);
  std::optional<effect> ask(mono_time now, std::uint32_t target);
  std::optional<effect> look_again(mono_time now);
  [[nodiscard]] std::optional<mac_address> whom(std::uint32_t target, const ip_address& address) const;
  void begin_round(mono_time now);
  void end_round(mono_time now);
  bool skip_the_satisfied();

  void hear(mono_time now, const arrival& packet);
  void take_answer(mono_time now, const arrival& packet, heard_message& heard);
  void take_sighting(mono_time now, const heard_message& heard, std::uint32_t interface);
  void take_rejected(mono_time now, heard_message& heard, std::uint32_t interface);
  void take_stamp(const sent& what);
  void take_failure(mono_time now, const send_failed& what);
  void take_link(mono_time now, const link_changed& what);
  void fail(mono_time now, std::uint32_t target, reason why, int error);
  void slow_down(mono_time now);
  void expire(mono_time now);
  void lose(mono_time now, std::uint32_t target);
  void linger(mono_time now);
  [[nodiscard]] bool awaits_looks() const;
  [[nodiscard]] std::optional<mono_time> linger_until() const;
  [[nodiscard]] bool lingered(mono_time now) const {
    const auto until = linger_until();
    return until && *until <= now;
  }
  void finish(mono_time now);
  void update_timers();
  void report(const std::optional<neighbor_change>& change) {
    if (change) events.push_back(*change);
  }
};

}  // namespace diag::probe
