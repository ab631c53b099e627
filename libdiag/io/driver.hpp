// The real-world host of a probe machine: sockets, signals, timer and keyboard around one event loop.
//
// Busy: batches of 64 out, everything pending in, and the loop is asked for signals only now and then.
// Idle: asleep until the machine's deadline, a packet, a signal or a key. See probe/machine.hpp for the
// contract.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "libdiag/io/capture.hpp"
#include "libdiag/io/link_socket.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/stream_set.hpp"
#include "libdiag/io/tap_interest.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

/// A descriptor of the tool's own that may end a sleep: the keyboard, a name_finder.
struct watched_input {
  int fd = -1;                          ///< not owned; below 0: never
  std::function<void()> on_readable{};  ///< read something, or it is called again
};

/// What a tool may hang into the loop; every member may be empty.
struct driver_hooks {
  /// After every round of feeding and draining: drain the machine's next_event() here.
  std::function<void(mono_time)> on_progress{};
  std::function<void()> on_interim{};  ///< SIGQUIT
  std::function<void()> on_resize{};   ///< SIGWINCH
  std::vector<watched_input> inputs{};
  duration tick = duration::zero();  ///< period of on_tick; zero: none
  std::function<void(mono_time)> on_tick{};
  /// Every captured frame, before the machine sees it: --packets, --pcap.
  std::function<void(const frame&)> on_frame{};
  /// Whose probe a captured packet is.
  packet_recogniser recognise{};
};

struct run_outcome {
  int signal = 0;                    ///< which one interrupted the run; 0: none
  bool stopped = false;              ///< the machine was not finished: second signal, or stop()
  std::uint64_t clock_steps = 0;     ///< steps of the wall clock seen
  std::uint64_t receiver_drops = 0;  ///< packets our own receiver lost
  std::optional<failure> trouble{};  ///< the loop itself failed (epoll, timer): the run is void from there
};

class driver {
 public:
  /// Takes SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGWINCH over, except those that were ignored at exec.
  driver();
  ~driver();
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;

  /// At most one socket per family and protocol; a later one replaces it.
  void attach(probe_socket socket);
  /// From here on packets are received through the capture; the sockets are muted and only send.
  /// Without `listens` the capture is for on_frame alone, and the sockets go on: a capture sees fragments,
  /// which only a socket puts together again.
  void attach(capture tap, bool listens = true);
  /// For open_stream and its kin. Fails when there is no descriptor left to wait with.
  result<void> attach(const stream_config& config);
  /// For transmit::layer_kind::link, and for frames. One; a later one replaces it. It goes on beside a
  /// capture that listens.
  void attach(link_socket socket);
  /// Hands it back, for close_in_child().
  std::optional<link_socket> detach_link();
  /// From the next run on the machine is fed link_changed for these interfaces (indices): how each one is,
  /// before it is asked for anything, then what changes. A later list replaces the earlier one.
  result<void> watch_links(std::vector<std::uint32_t> interfaces);
  [[nodiscard]] const probe_socket* socket(ip_family family,
                                           probe_protocol protocol = probe_protocol::icmp) const;

  /// Until the machine is finished. The machine is first asked for effects, then fed.
  run_outcome run(probe::machine& what, const driver_hooks& hooks);
  /// From a hook: end the run after this round.
  void stop();
  /// From a hook: feed the machine an interrupt, as SIGINT would.
  void interrupt();
  /// For records.
  [[nodiscard]] wall_time wall_of(mono_time at) const;

 private:
  class loop;
  std::unique_ptr<loop> loop_;
};

}  // namespace diag::io
