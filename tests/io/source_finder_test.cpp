// libdiag/io/source_finder.hpp: the source the kernel's routes give, without sending anything.
#include "libdiag/io/source_finder.hpp"

#include <cerrno>
#include <cstring>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "libdiag/io/probe_socket.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

namespace {

/// Makes this the one address of the loopback interface, which is up then.
bool give_loopback(std::uint32_t address) {
  const io::unique_fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq wanted{};
  std::strcpy(wanted.ifr_name, "lo");
  wanted.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &wanted) != 0) return false;
  const auto own = io::to_socket_address(ip_address::v4(address));
  wanted.ifr_addr = own.any;
  return ::ioctl(socket.get(), SIOCSIFADDR, &wanted) == 0;
}

}  // namespace

TEST_CASE("source_finder: loopback is asked from loopback, again and again", "[io][source_finder]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  io::probe_socket_config config;
  config.family = to.family();
  auto finder = io::open_source_finder(config);
  REQUIRE(finder.has_value());
  const auto first = finder->find(to);
  if (first.error != 0) {
    WARN("no loopback of this family: errno " << first.error);
    return;
  }
  CHECK(first.source == to);
  finder->refresh(mono_time{1h});
  CHECK(finder->find(to).source == to);
}

TEST_CASE("source_finder: an address that this host no longer has is forgotten after a second",
          "[io][source_finder]") {
  // In a network namespace of its own, where it is ours to change: what went wrong, from 1 on.
  const auto outcome = test::in_child([] {
    constexpr auto to = 0xc000024d;  // 192.0.2.77, of the network that the address brings with it
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !give_loopback(0xc0000201)) return 77;
    io::probe_socket_config config;
    auto finder = io::open_source_finder(config);
    if (!finder) return 1;
    finder->refresh(mono_time{10s});
    if (!(finder->find(ip_address::v4(to)).source == ip_address::v4(0xc0000201))) return 2;
    if (!give_loopback(0xc0000202)) return 3;
    finder->refresh(mono_time{10900ms});
    if (!(finder->find(ip_address::v4(to)).source == ip_address::v4(0xc0000201))) return 4;
    finder->refresh(mono_time{11s});
    return finder->find(ip_address::v4(to)).source == ip_address::v4(0xc0000202) ? 0 : 5;
  });
  if (outcome == 77) {
    WARN("no network namespace to be had");
    return;
  }
  CHECK(outcome == 0);
}

TEST_CASE("source_finder: one answer serves a network, not its neighbour", "[io][source_finder]") {
  io::probe_socket_config config;
  auto finder = io::open_source_finder(config);
  REQUIRE(finder.has_value());
  // More destinations than are asked one by one, all local: each must find 127.0.0.1.
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < 5000; ++i)
    if (!(finder->find(ip_address::v4(0x7f000001 + i * 37)).source == test::loopback_v4)) ++wrong;
  CHECK(wrong == 0);
}

TEST_CASE("source_finder: the refusal of one address does not speak for its network", "[io][source_finder]") {
  io::probe_socket_config config;
  auto finder = io::open_source_finder(config);
  REQUIRE(finder.has_value());
  for (std::uint32_t i = 0; i < 2000; ++i) (void)finder->find(ip_address::v4(0x7f000001 + i));
  // From here on one answer serves a /24. A broadcast address is refused, its neighbours are not.
  REQUIRE(finder->find(ip_address::v4(0x7fffffff)).error == EACCES);
  CHECK(finder->find(ip_address::v4(0x7ffffffe)).error == 0);
  CHECK(finder->find(ip_address::v4(0x7fffff00)).error == 0);
}

TEST_CASE("source_finder: says why there is no source", "[io][source_finder]") {
  io::probe_socket_config config;
  auto finder = io::open_source_finder(config);
  REQUIRE(finder.has_value());
  // Class E is nobody's, whatever the routes of this host are.
  const auto found = finder->find(ip_address::v4(0xffffffff));
  CHECK(found.error != 0);
  CHECK_FALSE(found.source);
  CHECK(finder->find(test::loopback_v4).error == 0);
}

TEST_CASE("source_finder: an interface stays chosen from one destination to the next",
          "[io][source_finder]") {
  io::probe_socket_config config;
  config.interface = "lo";
  auto finder = io::open_source_finder(config);
  REQUIRE(finder.has_value());
  for (std::uint32_t i = 1; i < 4; ++i) CHECK(finder->find(ip_address::v4(0x7f000000 + i)).error == 0);
  config.interface = "no-such-link";
  auto lost = io::open_source_finder(config);
  REQUIRE(lost.has_value());
  CHECK(lost->find(test::loopback_v4).error == ENODEV);
}
