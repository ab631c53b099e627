// The delay wire: joins two TAP devices in two namespaces, for kernels without netem. One thread, one epoll
// set.
//
// A frame is read from one TAP, given a fate (fate.hpp), and waits in its direction's line (line.hpp) until
// an absolute timerfd says its time has come. What it cannot know: how long the frame lay in the TAP before
// it was read, some tens of microseconds when the machine is busy; that comes on top of the delay asked for.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <linux/if_ether.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <system_error>

#include "tests/lab/wire/line.hpp"
#include "tests/lab/wire/tap.hpp"

namespace delay_wire {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

nanoseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

class forwarder {
 public:
  explicit forwarder(const settings& asked);
  void run();
  void report() const;

 private:
  enum source : std::uint64_t { tap_a, tap_b, timer, signals };
  void watch(int fd, source what) const;
  void read_frames(unsigned from);
  void deliver_due();
  void set_alarm() const;
  bool handle_signal();

  std::array<descriptor, 2> taps_;
  std::array<line, 2> lines_;
  descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  descriptor timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
  descriptor signals_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(ETH_HLEN + 65'536);
};

forwarder::forwarder(const settings& asked)
    : taps_{open_tap(asked.ends[0]), open_tap(asked.ends[1])},
      lines_{line{asked.directions[0], asked.seed, 0, asked.spare_neighbours},
             line{asked.directions[1], asked.seed, 1, asked.spare_neighbours}} {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&wanted, number);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  signals_ = descriptor{::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!epoll_.open() || !timer_.open() || !signals_.open()) fail("open epoll, timer or signals");
  watch(taps_[0].value(), tap_a);
  watch(taps_[1].value(), tap_b);
  watch(timer_.value(), timer);
  watch(signals_.value(), signals);
}

void forwarder::watch(int fd, source what) const {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = what}};
  if (::epoll_ctl(epoll_.value(), EPOLL_CTL_ADD, fd, &event) != 0) fail("watch a descriptor");
}

void forwarder::read_frames(unsigned from) {
  constexpr int batch = 64;  // then look at the timer again, so that a flood cannot make other frames late
  for (int count = 0; count < batch; ++count) {
    const auto got = ::read(taps_[from].value(), buffer_.data(), buffer_.size());
    if (got < 0 && errno == EBADFD) fail("read (was the interface deleted?)");
    if (got <= 0) return;
    lines_[from].accept(monotonic_now(), std::span{buffer_}.first(static_cast<std::size_t>(got)));
  }
}

void forwarder::deliver_due() {
  for (unsigned from = 0; from < 2; ++from) {
    while (auto frame = lines_[from].take_due(monotonic_now())) {
      const auto put = ::write(taps_[1 - from].value(), frame->data(), frame->size());
      lines_[from].recycle(std::move(*frame), put >= 0);
    }
  }
}

void forwarder::set_alarm() const {
  itimerspec alarm{};  // all zero disarms
  for (const auto& each : lines_) {
    const auto due = each.next_due();
    if (!due) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*due);
    const timespec at{.tv_sec = seconds.count(), .tv_nsec = (*due - seconds).count()};
    const auto& set = alarm.it_value;
    const bool unset = set.tv_sec == 0 && set.tv_nsec == 0;
    if (unset || std::pair{at.tv_sec, at.tv_nsec} < std::pair{set.tv_sec, set.tv_nsec}) alarm.it_value = at;
  }
  ::timerfd_settime(timer_.value(), TFD_TIMER_ABSTIME, &alarm, nullptr);
}

/// False when it is time to end.
bool forwarder::handle_signal() {
  signalfd_siginfo info{};
  const bool one = ::read(signals_.value(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
  if (one && info.ssi_signo != SIGUSR1) return false;
  if (one) report();
  return true;
}

void forwarder::run() {
  std::array<epoll_event, 4> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll_.value(), events.data(), static_cast<int>(events.size()), -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int index = 0; index < ready; ++index) {
      const auto what = events[static_cast<std::size_t>(index)].data.u64;
      std::uint64_t expirations{};
      if (what == signals && !handle_signal()) return;
      // An alarm that was set anew since is nothing to read.
      if (what == timer && ::read(timer_.value(), &expirations, sizeof expirations) < 0 && errno != EAGAIN)
        fail("read");
      if (what == tap_a || what == tap_b) read_frames(what == tap_a ? 0 : 1);
    }
    deliver_due();
    set_alarm();
  }
}

void forwarder::report() const {
  std::printf("%s\n%s\n", lines_[0].report("a-to-b").c_str(), lines_[1].report("b-to-a").c_str());
  std::fflush(stdout);
}

void print_decisions(const settings& asked) {
  for (unsigned direction = 0; direction < 2; ++direction) {
    for (std::uint64_t number = 0; number < *asked.dry_run; ++number) {
      const auto what = decide(asked.directions[direction], asked.seed, direction, number);
      std::printf("%s %llu delay_ns=%lld%s%s%s%s\n", direction == 0 ? "a-to-b" : "b-to-a",
                  static_cast<unsigned long long>(number), static_cast<long long>(what.delay.count()),
                  what.lost ? " lost" : "", what.doubled ? " doubled" : "",
                  what.held_back ? " held_back" : "", what.damaged ? " damaged" : "");
    }
  }
}

int serve(const settings& asked) {
  // Best effort: a wire that waits behind a busy loop is late by a scheduler tick.
  const sched_param urgent{.sched_priority = 1};
  static_cast<void>(::sched_setscheduler(0, SCHED_FIFO, &urgent));
  forwarder wire{asked};
  if (asked.ready_fd) {
    const descriptor ready{*asked.ready_fd};
    if (::write(ready.value(), "\n", 1) != 1) fail("write to --ready-fd");
  }
  wire.run();
  wire.report();
  return EXIT_SUCCESS;
}

}  // namespace

}  // namespace delay_wire

int main(int argc, char** argv) {
  const auto asked = delay_wire::parse_arguments(std::span{argv, static_cast<std::size_t>(argc)}.subspan(1));
  if (const auto* blame = std::get_if<std::string>(&asked)) {
    std::fprintf(stderr, "delay_wire: %s\n%s", blame->c_str(), delay_wire::usage);
    return 2;
  }
  const auto& wanted = std::get<delay_wire::settings>(asked);
  try {
    if (!wanted.dry_run) return delay_wire::serve(wanted);
    delay_wire::print_decisions(wanted);
    return EXIT_SUCCESS;
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "delay_wire: %s\n", error.what());
    return 3;
  }
}
