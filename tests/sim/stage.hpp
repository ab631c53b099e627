// Two ways to put a ping machine on trial: by hand, packet by packet, and on a simulated street. Both keep
// the ledger.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/ping.hpp"

#include "tests/sim/conservation.hpp"
#include "tests/sim/injector.hpp"
#include "tests/sim/run.hpp"

namespace diag::sim {

inline mono_time after(duration since_start) {
  return mono_time{} + since_start;
}

inline probe::echo_config test_echo(std::uint64_t seed = 7) {
  seeded_random random{seed};
  probe::echo_config echo;
  echo.identifier_base = 0x4d00;
  echo.run_nonce = static_cast<std::uint32_t>(random());
  echo.key = make_hash_key(random);
  return echo;
}

inline probe::target_list target(const char* address) {
  probe::target_list list;
  list.add(*parse_ip(address));
  return list;
}

/// A machine fed by hand; the clock moves when told to.
class by_hand {
 public:
  explicit by_hand(const char* address = "198.51.100.1", probe::ping_config config = quiet());

  /// One probe, an answer awaited for a second.
  static probe::ping_config quiet();
  /// The packet the machine wants to send now, as it would look on the wire. Throws when it wants none.
  packet request();
  /// Feeds a whole packet `wait` later, stamped by the kernel as it arrives.
  void feed(const packet& octets, duration wait = 1ms,
            probe::checksum_trust trust = probe::checksum_trust::verify, std::size_t wire_size = 0);
  void feed(const probe::stimulus& what, duration wait = 0ns);
  /// Lets the machine run dry: wakes it until it has finished.
  void finish();

  /// Events of one kind so far.
  template <class Event>
  [[nodiscard]] std::vector<Event> seen() const {
    std::vector<Event> out;
    for (const auto& event : events_)
      if (const auto* one = std::get_if<Event>(&event)) out.push_back(*one);
    return out;
  }
  [[nodiscard]] std::size_t seen_count() const { return events_.size(); }
  [[nodiscard]] std::span<const probe::ping_event> seen_since(std::size_t count) const {
    return std::span{events_}.subspan(count);
  }
  [[nodiscard]] std::uint64_t rejected(probe::reject_reason why) const { return book.rejected(why); }

  ledger book;
  mono_time now = after(1s);
  probe::ping& machine() { return *machine_; }

 private:
  void drain();
  probe::target_list targets_;
  std::optional<probe::ping> machine_;
  std::vector<probe::ping_event> events_;
};

/// A machine on a street (nodes.hpp) to the end of its run.
class stage {
 public:
  explicit stage(std::uint64_t seed = 1, const street_config& config = {});
  void run();
  template <class Event>
  [[nodiscard]] std::vector<observed<Event>> seen() const {
    std::vector<observed<Event>> out;
    for (const auto& one : events)
      if (const auto* kind = std::get_if<Event>(&one.event)) out.push_back({one.at, *kind});
    return out;
  }

  world net;
  street way;
  injector strangers;
  probe::target_list targets = target("198.51.100.1");
  probe::ping_config config = by_hand::quiet();
  run_options options;
  ledger book;
  std::vector<observed<probe::ping_event>> events;
  std::vector<mono_time> departures;  ///< of every packet sent, unless `strangers` forge
  run_result result;
  std::optional<probe::ping> machine;  ///< set by run()
  [[nodiscard]] const probe::rtt_statistics& rtt() const { return *machine->account(0, net.now()).rtt; }
  [[nodiscard]] const probe::loss_runs& loss() const { return *machine->account(0, net.now()).loss; }
};

}  // namespace diag::sim
