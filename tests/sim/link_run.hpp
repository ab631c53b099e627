// The host of a machine on a simulated link: what io::driver does with a packet socket, under a virtual
// clock.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "libdiag/probe/machine.hpp"

#include "tests/sim/link_segment.hpp"
#include "tests/sim/run.hpp"

namespace diag::sim {

/// [from, to): how the interface is not as it should be.
struct link_outage {
  enum class kind : std::uint8_t {
    down,        ///< sends fail with ENETDOWN
    no_carrier,  ///< what is sent vanishes
    gone,        ///< sends fail with ENXIO; it does not come back
  };
  mono_time from{}, to{};
  kind what = kind::down;
};

struct link_options {
  std::uint32_t interface = 2;
  mono_time until = mono_time{} + 24h * 365;
  std::optional<mono_time> interrupt_at{};
  latency read_delay = latency::fixed(0ns);  ///< from a frame's arrival to the process reading it
  bool transmit_stamps = true;
  bool receive_stamps = true;
  std::vector<link_outage> outages{};
  /// errno of the send call, 0 for success.
  std::function<int(probe::probe_token, mono_time)> send_error{};
  std::function<void(byte_view)> heard{};  ///< sees every frame that is fed
};

struct link_result {
  bool finished = false;  ///< by the machine itself
  bool spinning = false;
  mono_time ended{};
  std::uint64_t sent = 0;          ///< send calls that succeeded
  std::uint64_t failed = 0;        ///< that did not
  std::uint64_t received = 0;      ///< frames fed
  std::uint64_t misaddressed = 0;  ///< transmits of another layer, or for another interface
};

class link_host {
 public:
  link_host(link_segment& segment, const link_options& options);
  void drain_effects(probe::machine& what);
  /// Waits for the next thing to happen and feeds it; false when the run is over.
  bool feed_next(probe::machine& what);
  [[nodiscard]] mono_time now() const { return segment_.net.now(); }
  [[nodiscard]] const link_result& result() const { return result_; }

 private:
  struct unread {
    mono_time at{};
    mono_time read_at{};
    packet octets;
  };
  void transmit(probe::machine& what, const probe::transmit& request);
  void collect();
  void feed_frame(probe::machine& what, const unread& waiting);
  [[nodiscard]] const link_outage* outage_at(mono_time when) const;

  link_segment& segment_;
  const link_options& options_;
  std::deque<std::pair<mono_time, probe::link_changed>> news_;
  std::deque<unread> unread_;
  bool interrupted_ = false;
  std::uint32_t idle_turns_ = 0;
  link_result result_{};
};

/// Runs the machine to its end. `sink(now, event)` sees every event.
template <probe::probe_machine M, class Sink>
link_result run_on_link(M& what, link_segment& segment, const link_options& options, Sink&& sink) {
  link_host host{segment, options};
  do {
    host.drain_effects(what);
    while (auto event = what.next_event()) sink(host.now(), *event);
  } while (host.feed_next(what));
  return host.result();
}

}  // namespace diag::sim
