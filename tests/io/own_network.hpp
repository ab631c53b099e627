// A network namespace with two ends of a cable in it, for tests of what happens on a link. Needs privileges
// to make: without them a test says so and ends.
#pragma once

#include <exception>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string>
#include <thread>

#include "libdiag/io/link_watch.hpp"

#include "tests/catch.hpp"

namespace diag::test {

/// Runs ip(8) where the calling thread is.
inline bool ip(const std::string& arguments) {
  return ::system(("ip " + arguments + " >&2").c_str()) == 0;
}

/// Until the interface is there for packets: the kernel puts a carrier through a little after ip(8) has
/// ended, and silently loses what is sent before.
inline bool wait_running(std::uint32_t interface) {
  auto watch = io::open_link_watch({interface});
  if (!watch) return false;
  while (!watch->states().front().running) {
    pollfd readable{watch->fd(), POLLIN, 0};
    if (::poll(&readable, 1, 10'000) != 1) return false;
    watch->receive();
  }
  return true;
}

struct cable {
  std::uint32_t near = 0, far = 0;  ///< indices of "near" and "far"
};

/// Runs body(cable) in a thread that lives in a namespace of its own, which is gone with the thread and the
/// sockets it opened. The ends have no addresses, so that the kernel says nothing of its own accord.
template <class Body>
void in_own_network(Body body) {
  std::exception_ptr thrown;
  bool made = false;
  std::thread{[&] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    made = true;
    try {
      REQUIRE(ip("link add near type veth peer name far"));
      for (const char* name : {"near", "far"}) {
        const std::string device{name};
        REQUIRE(ip("link set " + device + " addrgenmode none"));
        REQUIRE(ip("link set " + device + " up"));
      }
      const cable made_cable{::if_nametoindex("near"), ::if_nametoindex("far")};
      REQUIRE(wait_running(made_cable.near));
      REQUIRE(wait_running(made_cable.far));
      body(made_cable);
    } catch (...) {
      thrown = std::current_exception();
    }
  }}.join();
  if (!made) WARN("no network namespace to be had");
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace diag::test
