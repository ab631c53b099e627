// What the driver sleeps on: sockets, one timer, signals, the keyboard. The one place that knows Boost.Asio.
#pragma once

#include <memory>
#include <optional>

#include "libdiag/core/result.hpp"
#include "libdiag/core/time.hpp"

namespace diag::io {

class event_wait {
 public:
  /// Signals seen since the last take_signals().
  struct signal_report {
    int interrupts = 0;  ///< SIGINT, SIGTERM, SIGHUP together
    int last = 0;        ///< the last of them
    bool interim = false;
    bool resized = false;
  };

  /// Takes over SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGWINCH, except those ignored at exec: nohup and shell
  /// background jobs mean it.
  event_wait();
  ~event_wait();
  event_wait(const event_wait&) = delete;
  event_wait& operator=(const event_wait&) = delete;

  /// `fd` readable or with something in its error queue ends a sleep. Not owned; forget() before it is
  /// closed.
  void watch(int fd);
  void forget(int fd);
  /// Until something happens, or `deadline`. At once when a signal is already waiting to be taken.
  void sleep_until(std::optional<mono_time> deadline);
  /// Looks without sleeping.
  void poll();
  signal_report take_signals();
  /// Whether `fd` was seen readable since the last call.
  bool take_readable(int fd);
  /// Why the loop cannot be relied on any more.
  [[nodiscard]] const std::optional<failure>& trouble() const;

 private:
  class engine;
  std::unique_ptr<engine> engine_;
};

}  // namespace diag::io
