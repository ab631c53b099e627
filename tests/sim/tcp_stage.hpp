// Two ways to put a TCP machine on trial: by hand, segment by segment, and on a simulated street. Both keep
// the ledger.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/tcp_sweep.hpp"

#include "tests/sim/injector.hpp"
#include "tests/sim/run.hpp"
#include "tests/sim/stage.hpp"
#include "tests/sim/tcp_conservation.hpp"
#include "tests/sim/tcp_nodes.hpp"

namespace diag::sim {

/// The far end in both families; `family` is what a GENERATE gives.
inline const char* far_address(ip_family family) {
  return family == ip_family::v4 ? "198.51.100.1" : "2001:db8:1::1";
}

/// One SYN, an answer awaited for a second, source ports from 40000 on.
probe::tcp_sweep_config quiet_tcp(std::uint64_t seed = 7);

/// A plan of these ports at `count` addresses, sealed.
probe::tcp_plan tcp_questions(const char* first, std::initializer_list<std::uint16_t> ports = {443},
                              std::uint64_t count = 1);

/// A machine fed by hand; the clock moves when told to.
class tcp_by_hand {
 public:
  explicit tcp_by_hand(probe::tcp_plan plan, const probe::tcp_sweep_config& config = quiet_tcp());
  explicit tcp_by_hand(const char* address, const probe::tcp_sweep_config& config = quiet_tcp())
      : tcp_by_hand{tcp_questions(address), config} {}

  /// What the machine wants to send now, as it would look on the wire; nullopt: nothing.
  std::optional<packet> next_request();
  /// The same where there must be one: throws when it wants none.
  packet request();
  /// Feeds a whole packet `wait` later, stamped by the kernel as it arrives.
  void feed(const packet& octets, duration wait = 1ms,
            probe::checksum_trust trust = probe::checksum_trust::verify, std::size_t wire_size = 0);
  void feed(const probe::stimulus& what, duration wait = 0ns);
  /// Wakes it until `end`, at the times it asks for; what it wants to send is sent.
  void pass_time(mono_time end);
  /// Lets the machine run dry.
  void finish() { pass_time(mono_time::max()); }

  template <class Event>
  [[nodiscard]] std::vector<Event> seen() const {
    std::vector<Event> out;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Event>(&event)) out.push_back(*one);
    return out;
  }
  [[nodiscard]] std::vector<probe::tcp_result> results() const { return seen<probe::tcp_result>(); }
  /// The only result; throws when there is another number of them.
  [[nodiscard]] probe::tcp_result result() const;
  [[nodiscard]] std::vector<probe::reject_reason> anomalies() const;
  [[nodiscard]] std::string breach(bool cut_short = false) const;

  probe::tcp_plan plan;
  tcp_ledger book;
  mono_time now = after(1s);
  std::vector<probe::tcp_event> events;
  std::vector<packet> requests;
  probe::tcp_sweep& machine() { return *machine_; }

 private:
  void drain();
  std::optional<probe::tcp_sweep> machine_;
  std::uint64_t left_ = 0;
};

/// A machine on a street (tcp_nodes.hpp) to the end of its run.
class tcp_stage {
 public:
  explicit tcp_stage(probe::tcp_plan questions, const tcp_street_config& street = {}, std::uint64_t seed = 1);
  void run();
  [[nodiscard]] std::string breach(bool cut_short = false) const;

  template <class Event>
  [[nodiscard]] std::vector<observed<Event>> seen() const {
    std::vector<observed<Event>> out;
    for (const auto& one : events)
      if (const auto* kind = std::get_if<Event>(&one.event)) out.push_back({one.at, *kind});
    return out;
  }
  /// The result of a port of the first target that has one; throws when there is none.
  [[nodiscard]] probe::tcp_result result(std::uint16_t port = 443) const;

  world net;
  tcp_street way;
  injector strangers;
  probe::tcp_plan plan;
  probe::tcp_sweep_config config = quiet_tcp();
  run_options options;
  std::vector<observed<probe::tcp_event>> events;
  std::vector<mono_time> departures;  ///< of every packet sent, unless `strangers` forge
  run_result result_of_run;
  std::optional<tcp_ledger> book;           ///< set by run()
  std::optional<probe::tcp_sweep> machine;  ///< set by run()
};

}  // namespace diag::sim
