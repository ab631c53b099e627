// libdiag/io/driver.hpp: the host contract kept with a small machine. No socket where none is needed;
// loopback where it may be used.
#include "libdiag/io/driver.hpp"

#include <array>
#include <cerrno>
#include <signal.h>
#include <unistd.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/unique_fd.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"

using namespace diag;

namespace {

/// Sends `probes` echo requests to one address at once and is done when each has ended, or at its last
/// deadline.
class small_machine final : public probe::machine {
 public:
  explicit small_machine(std::uint64_t probes, ip_address to = {}) : probes_{probes}, to_{to} {}

  void feed(mono_time at, const probe::stimulus& what) override {
    CHECK(at >= latest_);
    latest_ = at;
    if (const auto* one = std::get_if<probe::sent>(&what)) {
      if (one->when.source == probe::stamp_source::user) ++sent;
      if (one->when.source == probe::stamp_source::socket) ++stamped;
    }
    if (const auto* one = std::get_if<probe::send_failed>(&what)) {
      ++failed;
      error = one->error;
    }
    if (const auto* one = std::get_if<probe::arrival>(&what)) {
      ++arrived;
      arrived_before_stamped = arrived_before_stamped || arrived > stamped;
      last_form = one->form;
    }
    if (std::holds_alternative<probe::wakeup>(what)) ++woken;
    if (std::holds_alternative<probe::interrupt>(what)) {
      ++interrupted;
      if (ends_on_interrupt) over_ = true;
    }
    if (failed + arrived >= wanted) over_ = true;
    if (wait_until && latest_ >= *wait_until) over_ = true;
  }
  std::optional<probe::effect> next_effect(mono_time) override {
    if (over_ || handed_ == probes_) return std::nullopt;
    probe::transmit packet;
    packet.token = handed_++;
    packet.protocol = to_.is_v6() ? 58 : 1;
    packet.destination = to_;
    store_u8(request_, 0, to_.is_v6() ? 128 : 8);
    store_be16(request_, 4, identifier);
    store_be16(request_, 6, static_cast<std::uint16_t>(packet.token));
    const auto sum = 0xffffU - (to_.is_v6() ? 0U : 0x0800U + identifier + (packet.token & 0xffff));
    store_be16(request_, 2, static_cast<std::uint16_t>(sum));  // small numbers: no carry
    packet.bytes = request_;
    return packet;
  }
  [[nodiscard]] std::optional<mono_time> deadline() const override {
    if (over_) return std::nullopt;
    return wait_until ? *wait_until : mono_time::max();
  }

  std::uint64_t sent = 0, stamped = 0, failed = 0, arrived = 0, woken = 0, interrupted = 0;
  std::uint64_t wanted = ~std::uint64_t{0};
  bool arrived_before_stamped = false;
  bool ends_on_interrupt = true;
  int error = 0;
  std::uint16_t identifier = 0x0123;
  probe::framing last_form{};
  std::optional<mono_time> wait_until;

 private:
  std::uint64_t probes_;
  ip_address to_;
  std::uint64_t handed_ = 0;
  std::array<std::byte, 8> request_{};
  mono_time latest_{};
  bool over_ = false;
};

const auto loopback_v4 = ip_address::v4(0x7f000001);
const auto loopback_v6 = *parse_ip("::1");

}  // namespace

TEST_CASE("driver: ends at once when the machine has nothing to do", "[io][driver]") {
  io::driver host;
  small_machine machine{0};
  machine.wait_until = io::now();
  const auto outcome = host.run(machine, {});
  CHECK_FALSE(outcome.stopped);
  CHECK(outcome.signal == 0);
  CHECK_FALSE(outcome.trouble.has_value());
  CHECK(machine.woken == 1);
}

TEST_CASE("driver: a deadline near or farther off wakes the machine, never early", "[io][driver]") {
  const auto wait = GENERATE(30us, 2000us);
  io::driver host;
  small_machine machine{0};
  machine.wait_until = io::now() + wait;
  host.run(machine, {});
  CHECK(machine.woken == 1);
  CHECK(io::now() >= *machine.wait_until);
}

TEST_CASE("driver: a packet for which there is no socket is not sent, and said so", "[io][driver]") {
  io::driver host;
  small_machine machine{200, loopback_v4};
  machine.wanted = 200;
  const auto outcome = host.run(machine, {});
  CHECK(machine.failed == 200);
  CHECK(machine.error == EAFNOSUPPORT);
  CHECK_FALSE(outcome.stopped);
}

TEST_CASE("driver: shows progress after every round in which the machine was fed", "[io][driver]") {
  io::driver host;
  small_machine machine{65, loopback_v4};
  machine.wanted = 65;
  int rounds = 0;
  std::uint64_t shown = 0;
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) {
    ++rounds;
    shown = machine.failed;
  };
  host.run(machine, hooks);
  CHECK(shown == 65);
  CHECK(rounds >= 2);  // 64 effects a round at most
}

TEST_CASE("driver: the first interrupt is fed, the second ends the run", "[io][driver]") {
  const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
  CHECK(test::in_child([number] {
          io::driver host;
          small_machine machine{0};
          machine.ends_on_interrupt = false;
          io::driver_hooks hooks;
          hooks.on_progress = [&](mono_time) {
            if (machine.interrupted == 1) ::raise(number);
          };
          ::raise(number);
          const auto outcome = host.run(machine, hooks);
          if (!outcome.stopped || outcome.signal != number) return 1;
          return machine.interrupted == 2 ? 0 : 2;
        }) == 0);
}

TEST_CASE("driver: a machine that concludes on the first interrupt is not stopped", "[io][driver]") {
  CHECK(test::in_child([] {
          io::driver host;
          small_machine machine{0};
          ::raise(SIGINT);
          const auto outcome = host.run(machine, {});
          return !outcome.stopped && outcome.signal == SIGINT && machine.interrupted == 1 ? 0 : 1;
        }) == 0);
}

TEST_CASE("driver: a signal ignored at exec stays ignored", "[io][driver]") {
  CHECK(test::in_child([] {
          ::signal(SIGHUP, SIG_IGN);
          io::driver host;
          small_machine machine{0};
          machine.wait_until = io::now();
          ::raise(SIGHUP);
          const auto outcome = host.run(machine, {});
          return outcome.signal == 0 && machine.interrupted == 0 ? 0 : 1;
        }) == 0);
}

TEST_CASE("driver: SIGQUIT and SIGWINCH call their hooks and the run goes on", "[io][driver]") {
  CHECK(test::in_child([] {
          io::driver host;
          small_machine machine{0};
          int interim = 0;
          int resized = 0;
          io::driver_hooks hooks;
          hooks.on_interim = [&] {
            ++interim;
            host.interrupt();
          };
          hooks.on_resize = [&] { ++resized; };
          ::raise(SIGWINCH);
          ::raise(SIGQUIT);
          const auto outcome = host.run(machine, hooks);
          return interim == 1 && resized == 1 && outcome.signal == 0 && machine.interrupted == 1 ? 0 : 1;
        }) == 0);
}

TEST_CASE("driver: a key and the tick reach their hooks", "[io][driver]") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const io::unique_fd reading{ends[0]};
  const io::unique_fd writing{ends[1]};
  REQUIRE(::write(writing.get(), "q", 1) == 1);
  io::driver host;
  small_machine machine{0};
  machine.wait_until = io::now() + 3ms;
  char key = 0;
  int ticks = 0;
  io::driver_hooks hooks;
  hooks.inputs = {{-1, {}}, {reading.get(), [&] { (void)!::read(reading.get(), &key, 1); }}};
  hooks.tick = 1ms;
  hooks.on_tick = [&](mono_time) { ++ticks; };
  host.run(machine, hooks);
  CHECK(key == 'q');
  CHECK(ticks >= 1);
  CHECK(ticks <= 3);
}

TEST_CASE("driver: stop() from a hook ends the run", "[io][driver]") {
  io::driver host;
  small_machine machine{1, loopback_v4};
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) { host.stop(); };
  const auto outcome = host.run(machine, hooks);
  CHECK(outcome.stopped);
}

TEST_CASE("driver: pings loopback with kernel stamps where sockets are permitted", "[io][driver]") {
  const auto kind = GENERATE(io::socket_kind::raw, io::socket_kind::datagram);
  const auto to = GENERATE(loopback_v4, loopback_v6);
  io::probe_socket_config config;
  config.family = to.family();
  config.kind = kind;
  config.identifier_base = 0x0123;
  config.identifier_count = 1;
  auto socket = io::open_probe_socket(config);
  if (!socket) {
    WARN("not permitted here: " << describe(socket.error()));
    return;
  }
  io::driver host;
  small_machine machine{100, to};
  machine.identifier = socket->identifier();
  host.attach(std::move(*socket));
  machine.wanted = 100;
  machine.wait_until = io::now() + 2s;
  const auto outcome = host.run(machine, {});
  if (machine.failed == 100) {
    WARN("no loopback of this family: errno " << machine.error);
    return;
  }
  CHECK(machine.sent == 100);
  CHECK(machine.stamped == 100);
  CHECK(machine.arrived == 100);
  CHECK_FALSE(machine.arrived_before_stamped);
  CHECK(machine.woken == 0);
  CHECK(outcome.receiver_drops == 0);
  CHECK(machine.last_form == (to.is_v6()                     ? probe::framing::icmpv6_message
                              : kind == io::socket_kind::raw ? probe::framing::ipv4_packet
                                                             : probe::framing::icmpv4_message));
}
