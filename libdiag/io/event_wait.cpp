// Asio's io_context as a thing to sleep on. Handlers only raise flags; whoever sleeps looks at them.
#define BOOST_ASIO_NO_DEPRECATED
#include "libdiag/io/event_wait.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <signal.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace diag::io {
namespace asio = boost::asio;
namespace {

using asio_error = boost::system::error_code;

bool ignored_at_exec(int number) {
  struct sigaction current {};
  return ::sigaction(number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

/// steady_clock is CLOCK_MONOTONIC, as mono_time is.
std::chrono::steady_clock::time_point to_steady(mono_time at) {
  return std::chrono::steady_clock::time_point{at.time_since_epoch()};
}

}  // namespace

class event_wait::engine {
 public:
  engine() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) {
      if (ignored_at_exec(number)) continue;
      asio_error error;
      signals_.add(number, error);
      note(error, "watch signals");
    }
    wait_for_signal();
  }
  ~engine() {
    for (auto& one : watches_) one.descriptor.release();
  }
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void watch(int fd) {
    auto& added = watches_.emplace_back(context_, fd);
    asio_error error;
    added.descriptor.assign(fd, error);
    // A file or /dev/null as standard input cannot be waited for: it simply never wakes us.
    if (error) watches_.pop_back();
  }

  void forget(int fd) {
    const auto found =
        std::find_if(watches_.begin(), watches_.end(), [fd](const watched& one) { return one.fd == fd; });
    if (found == watches_.end()) return;
    // A wait that has already ended still refers to the watch: let its handler run first.
    asio_error ignored;
    found->descriptor.cancel(ignored);
    poll_once();
    found->descriptor.release();
    watches_.erase(found);
  }

  void sleep_until(std::optional<mono_time> deadline) {
    awake_ = report_.interrupts != 0 || report_.interim || report_.resized;
    arm();
    if (deadline) set_timer(*deadline);
    context_.restart();
    while (!awake_)
      if (context_.run_one() == 0) break;
    context_.poll();
  }

  void poll() {
    arm();
    poll_once();
  }

  signal_report take_signals() { return std::exchange(report_, {}); }

  bool take_readable(int fd) {
    for (auto& one : watches_)
      if (one.fd == fd) return std::exchange(one.ready, false);
    return false;
  }

  [[nodiscard]] const std::optional<failure>& trouble() const { return trouble_; }

 private:
  struct watched {
    watched(asio::io_context& context, int watched_fd) : descriptor{context}, fd{watched_fd} {}
    asio::posix::stream_descriptor descriptor;
    int fd;
    bool armed = false;
    bool ready = false;
  };

  void poll_once() {
    context_.restart();
    context_.poll();
  }

  void note(const asio_error& error, const char* operation) {
    if (error && !trouble_) trouble_ = system_failure(error.value(), operation);
  }

  void arm() {
    for (auto& one : watches_) {
      if (one.armed) continue;
      one.armed = true;
      one.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                [this, &one](const asio_error& error) {
                                  if (error == asio::error::operation_aborted) return;
                                  note(error, "wait for packets");
                                  one.armed = false;
                                  one.ready = true;
                                  awake_ = true;
                                });
    }
  }

  void set_timer(mono_time deadline) {
    if (timer_set_for_ == deadline) return;
    timer_set_for_ = deadline;
    timer_.expires_at(to_steady(deadline));
    timer_.async_wait([this](const asio_error& error) {
      if (error) return;  // moved to another time
      timer_set_for_.reset();
      awake_ = true;
    });
  }

  void wait_for_signal() {
    signals_.async_wait([this](const asio_error& error, int number) {
      if (error) return;
      if (number == SIGQUIT) {
        report_.interim = true;
      } else if (number == SIGWINCH) {
        report_.resized = true;
      } else {
        ++report_.interrupts;
        report_.last = number;
      }
      awake_ = true;
      wait_for_signal();
    });
  }

  asio::io_context context_{1};
  asio::signal_set signals_{context_};
  asio::steady_timer timer_{context_};
  std::list<watched> watches_;
  std::optional<mono_time> timer_set_for_;
  signal_report report_;
  std::optional<failure> trouble_;
  bool awake_ = false;
};

event_wait::event_wait() : engine_{std::make_unique<engine>()} {}
event_wait::~event_wait() = default;
void event_wait::watch(int fd) {
  engine_->watch(fd);
}
void event_wait::forget(int fd) {
  engine_->forget(fd);
}
void event_wait::sleep_until(std::optional<mono_time> deadline) {
  engine_->sleep_until(deadline);
}
void event_wait::poll() {
  engine_->poll();
}
event_wait::signal_report event_wait::take_signals() {
  return engine_->take_signals();
}
bool event_wait::take_readable(int fd) {
  return engine_->take_readable(fd);
}
const std::optional<failure>& event_wait::trouble() const {
  return engine_->trouble();
}

}  // namespace diag::io
