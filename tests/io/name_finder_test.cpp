// libdiag/io/name_finder.hpp: names come beside the run, and a name server that hangs holds nobody up.
#include "libdiag/io/name_finder.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/privilege.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"

using namespace diag;

namespace {

ip_address host(std::uint32_t number) {
  return ip_address::v4(0xC0000200 + number);
}

bool readable(int fd, int milliseconds) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) == 1;
}

/// Until everything asked for is known; false: it took more than two seconds.
bool settle(io::name_finder& names) {
  const auto give_up = io::now() + 2s;
  while (names.pending()) {
    if (io::now() > give_up) return false;
    readable(names.fd(), 100);
    names.drain();
  }
  return true;
}

/// Lookups wait here until somebody opens it.
struct gate {
  void wait() {
    std::unique_lock lock{guard};
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [this] { return open; });
  }
  void wait_for(int lookups) {
    std::unique_lock lock{guard};
    changed.wait(lock, [&] { return waiting >= lookups; });
  }
  void pass() {
    const std::lock_guard lock{guard};
    open = true;
    changed.notify_all();
  }
  std::mutex guard;
  std::condition_variable changed;
  bool open = false;
  int waiting = 0;
};

}  // namespace

TEST_CASE("name_finder: finds names, and that there are none", "[io][name_finder]") {
  io::name_finder names{4, [](const ip_address& address) -> std::optional<std::string> {
                          if (address == host(2)) return std::nullopt;
                          return "host-" + to_string(address);
                        }};
  REQUIRE(names.fd() >= 0);
  CHECK_FALSE(names.pending());
  CHECK_FALSE(names.find(host(1)).has_value());
  for (std::uint32_t i = 1; i <= 40; ++i) names.ask(host(i));
  REQUIRE(settle(names));
  CHECK(names.find(host(1)) == std::optional{std::optional<std::string>{"host-192.0.2.1"}});
  CHECK(names.find(host(40)) == std::optional{std::optional<std::string>{"host-192.0.2.40"}});
  REQUIRE(names.find(host(2)).has_value());
  CHECK_FALSE(names.find(host(2))->has_value());
  CHECK_FALSE(names.find(host(41)).has_value());
}

TEST_CASE("name_finder: looks an address up once", "[io][name_finder]") {
  const auto asked = std::make_shared<std::atomic<int>>(0);
  io::name_finder names{2, [asked](const ip_address&) {
                          ++*asked;
                          return std::optional<std::string>{"x"};
                        }};
  for (int i = 0; i < 5; ++i) names.ask(host(1));
  REQUIRE(settle(names));
  names.ask(host(1));
  names.ask(*parse_ip("2001:db8::1"));
  REQUIRE(settle(names));
  CHECK(*asked == 2);
}

TEST_CASE("name_finder: its descriptor is readable while there is news", "[io][name_finder]") {
  const auto held = std::make_shared<gate>();
  io::name_finder names{2, [held](const ip_address&) {
                          held->wait();
                          return std::optional<std::string>{"x"};
                        }};
  names.ask(host(1));
  CHECK(names.pending());
  CHECK_FALSE(readable(names.fd(), 0));
  CHECK_FALSE(names.find(host(1)).has_value());
  held->pass();
  REQUIRE(readable(names.fd(), 2000));
  CHECK(names.find(host(1)).has_value());
  CHECK_FALSE(names.pending());
  names.drain();
  CHECK_FALSE(readable(names.fd(), 0));
}

TEST_CASE("name_finder: a lookup that hangs delays neither the others nor the end", "[io][name_finder]") {
  const auto held = std::make_shared<gate>();
  const auto began = io::now();
  {
    io::name_finder names{2, [held](const ip_address& address) -> std::optional<std::string> {
                            if (address == host(1)) held->wait();
                            return "x";
                          }};
    names.ask(host(1));
    held->wait_for(1);
    for (std::uint32_t i = 2; i < 20; ++i) names.ask(host(i));
    while (!names.find(host(19)) && io::now() - began < 2s) {
      readable(names.fd(), 100);
      names.drain();
    }
    CHECK(names.find(host(19)).has_value());
    CHECK(names.pending());
    CHECK_FALSE(names.find(host(1)).has_value());
  }
  CHECK(io::now() - began < 2s);
  held->pass();  // what it finds now is nobody's
}

TEST_CASE("name_finder: works after the drop, and the process ends while a lookup hangs",
          "[io][name_finder]") {
  const auto began = io::now();
  std::cout.flush();  // or the child says it again
  const int status = test::in_child([] {
    if (!io::drop_privileges()) return 1;
    io::name_finder names{2, [](const ip_address& address) -> std::optional<std::string> {
                            if (address == host(1)) ::sleep(10);
                            return "x";
                          }};
    names.ask(host(1));
    names.ask(host(2));
    while (!names.find(host(2))) {
      readable(names.fd(), 100);
      names.drain();
    }
    // The way a tool ends, static destructors and all.
    std::exit(names.find(host(1)) ? 2 : 7);
    return 3;
  });
  CHECK(status == 7);
  CHECK(io::now() - began < 5s);
}

TEST_CASE("name_finder: asks the system's name service after the drop", "[io][name_finder]") {
  CHECK(test::in_child([] {
          if (!io::drop_privileges()) return 1;
          io::name_finder names;
          names.ask(ip_address::v4(0x7f000001));
          if (!settle(names)) return 2;
          const auto found = names.find(ip_address::v4(0x7f000001));
          return found && (!*found || !(*found)->empty()) ? 0 : 3;
        }) == 0);
}

TEST_CASE("name_finder: has no names where the system has no threads", "[io][name_finder]") {
  CHECK(test::in_child([] {
          constexpr uid_t nobody = 65534;  // the limit does not bind root
          const rlimit none{0, 0};
          if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 1;
          if (::getuid() == 0 && ::setuid(nobody) != 0) return 2;
          io::name_finder names{2, [](const ip_address&) { return std::optional<std::string>{"x"}; }};
          names.ask(host(1));
          if (names.pending() || !readable(names.fd(), 0)) return 3;
          const auto found = names.find(host(1));
          return found && !*found ? 0 : 4;
        }) == 0);
}

TEST_CASE("name_finder: its threads leave signals to the caller's", "[io][name_finder]") {
  io::name_finder names{1, [](const ip_address&) -> std::optional<std::string> {
                          sigset_t blocked;
                          ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
                          return ::sigismember(&blocked, SIGINT) == 1 ? "blocked" : "open";
                        }};
  names.ask(host(1));
  REQUIRE(settle(names));
  CHECK(names.find(host(1)) == std::optional{std::optional<std::string>{"blocked"}});
  sigset_t own;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
  CHECK(::sigismember(&own, SIGINT) == 0);
}
