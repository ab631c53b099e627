// libdiag/io/source_finder.hpp: the source the kernel's routes give, without sending anything.
#include "libdiag/io/source_finder.hpp"

#include <cerrno>

#include "libdiag/io/probe_socket.hpp"

#include "tests/catch.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

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
  finder->forget();
  CHECK(finder->find(to).source == to);
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
