// The second host of the machine contract (probe/machine.hpp): a virtual clock in place of the kernel's, a
// simulated internet in place of sockets. What a real host adds is there to be asked for: late reading, a
// full receive buffer, refused sends, a wall clock that steps.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/machine.hpp"

#include "tests/sim/error_queue.hpp"
#include "tests/sim/nodes.hpp"

namespace diag::sim {

struct run_options {
  mono_time until = mono_time{} + 24h * 365;  ///< a machine still at work then is given up
  std::optional<mono_time> interrupt_at{};
  latency read_delay = latency::fixed(0ns);  ///< from a packet's arrival to the process reading it
  duration send_cost = 0ns;                  ///< time that passes with every packet sent
  std::size_t receive_buffer = SIZE_MAX;     ///< packets that wait unread; what finds no room is dropped
  bool transmit_stamps = true;
  bool receive_stamps = true;
  bool dont_fragment = false;
  std::uint8_t hop_limit = 64;
  std::uint32_t interface_mtu = 65535;
  /// IPv6 as whole packets with the checksum to be verified, as a capture would hand them over.
  bool captured = false;
  /// Without raw sockets: UDP and ICMP through datagram sockets, ICMP errors as path_notices.
  bool unprivileged = false;
  datagram_sockets sockets{};
  /// errno of the send call, 0 for success.
  std::function<int(probe::probe_token, mono_time)> send_error{};
  /// How far the wall clock, which the kernel stamps with, has been stepped by then.
  std::function<duration(mono_time)> wall_step{};
  std::string* log = nullptr;  ///< one line per packet, stimulus and send, for comparing runs
};

struct run_result {
  bool finished = false;  ///< by the machine itself
  bool spinning = false;  ///< it kept asking to be woken without doing anything
  mono_time ended{};
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  ///< for want of receive buffer
};

class machine_host {
 public:
  machine_host(world& net, prober& here, const run_options& options)
      : net_{net}, here_{here}, options_{options} {}
  void drain_effects(probe::machine& what);
  /// Waits for the next thing to happen and feeds it; false when the run is over.
  bool feed_next(probe::machine& what);
  [[nodiscard]] mono_time now() const { return net_.now(); }
  [[nodiscard]] const run_result& result() const { return result_; }

 private:
  struct unread {
    mono_time at{};
    mono_time read_at{};
    packet octets;
  };
  void transmit(probe::machine& what, const probe::transmit& request);
  /// There is no kernel here to make connections: the machine is told so.
  void refuse(probe::machine& what, const probe::open_stream& request);
  /// The packet as it leaves; 0, or the errno value of the send call.
  [[nodiscard]] int prepare(const probe::transmit& request, packet& out);
  void collect();
  void feed_packet(probe::machine& what, const unread& waiting);
  void feed_datagram(probe::machine& what, const unread& waiting, const ip_header& header,
                     probe::arrival& in);
  void feed(probe::machine& what, const probe::stimulus& stimulus, const char* name);
  void note(const char* what, byte_view octets);
  [[nodiscard]] mono_time kernel_time(mono_time at) const;

  world& net_;
  prober& here_;
  const run_options& options_;
  std::deque<unread> unread_;
  std::uint64_t unreported_drops_ = 0;
  bool interrupted_ = false;
  std::uint32_t idle_turns_ = 0;
  run_result result_{};
};

/// Runs the machine to its end. `sink(now, event)` sees every event.
template <probe::probe_machine M, class Sink>
run_result run(M& what, world& net, prober& here, const run_options& options, Sink&& sink) {
  machine_host host{net, here, options};
  do {
    host.drain_effects(what);
    while (auto event = what.next_event()) sink(host.now(), *event);
  } while (host.feed_next(what));
  return host.result();
}

template <class Event>
struct observed {
  mono_time at{};
  Event event;
};

/// The same with every event kept.
template <probe::probe_machine M>
std::vector<observed<typename M::event>> run(M& what, world& net, prober& here,
                                             const run_options& options = {}) {
  std::vector<observed<typename M::event>> out;
  run(what, net, here, options, [&](mono_time now, const typename M::event& e) { out.push_back({now, e}); });
  return out;
}

}  // namespace diag::sim
