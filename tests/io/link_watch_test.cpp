// libdiag/io/link_watch.hpp: a cable whose ends go down, up and away.
#include "libdiag/io/link_watch.hpp"

#include <poll.h>
#include <vector>

#include "tests/catch.hpp"
#include "tests/io/own_network.hpp"

using namespace diag;

namespace {

/// What happened until `done` holds of the last; each wait is bounded.
template <class Done>
std::vector<probe::link_changed> changes_until(io::link_watch& watch, Done done) {
  std::vector<probe::link_changed> seen;
  for (;;) {
    for (const auto& one : watch.receive()) seen.push_back(one);
    if (!seen.empty() && done(seen.back())) return seen;
    pollfd readable{watch.fd(), POLLIN, 0};
    if (::poll(&readable, 1, 10'000) != 1) return seen;
  }
}

}  // namespace

TEST_CASE("link_watch: says how the interfaces are, and that one is not there", "[io][link_watch]") {
  test::in_own_network([](const test::cable& cable) {
    auto watch = io::open_link_watch({cable.far, 4711});
    REQUIRE(watch.has_value());
    const auto states = watch->states();
    REQUIRE(states.size() == 2);
    CHECK(states[0].interface == cable.far);
    CHECK(states[0].up);
    CHECK_FALSE(states[0].gone);
    CHECK(states[1].gone);
    CHECK_FALSE(states[1].up);
  });
}

TEST_CASE("link_watch: tells down, up and gone, each once, and of nobody else", "[io][link_watch]") {
  test::in_own_network([](const test::cable& cable) {
    auto watch = io::open_link_watch({cable.near});
    REQUIRE(watch.has_value());
    REQUIRE(test::ip("link set near down"));
    const auto down = changes_until(*watch, [](const auto& one) { return !one.up; });
    REQUIRE_FALSE(down.empty());
    CHECK_FALSE(down.back().up);
    CHECK_FALSE(watch->states()[0].up);
    REQUIRE(test::ip("link set far mtu 1400"));
    REQUIRE(test::ip("link set near mtu 1400"));  // a message, and no change
    CHECK(watch->receive().empty());
    REQUIRE(test::ip("link set near up"));
    const auto up = changes_until(*watch, [](const auto& one) { return one.running; });
    REQUIRE_FALSE(up.empty());
    CHECK(up.back().running);
    REQUIRE(test::ip("link delete near"));
    const auto gone = changes_until(*watch, [](const auto& one) { return one.gone; });
    REQUIRE_FALSE(gone.empty());
    CHECK(gone.back().gone);
    CHECK_FALSE(gone.back().running);
    CHECK(watch->receive().empty());
  });
}

TEST_CASE("link_watch: a port that leaves its bridge is not gone", "[io][link_watch]") {
  test::in_own_network([](const test::cable& cable) {
    REQUIRE(test::ip("link add bridge type bridge"));
    REQUIRE(test::ip("link set near master bridge"));
    auto watch = io::open_link_watch({cable.near});
    REQUIRE(watch.has_value());
    REQUIRE(test::ip("link set near nomaster"));
    for (const auto& one : watch->receive()) CHECK_FALSE(one.gone);
    CHECK_FALSE(watch->states()[0].gone);
  });
}

TEST_CASE("link_watch: what was lost in a flood of messages is asked for", "[io][link_watch]") {
  test::in_own_network([](const test::cable& cable) {
    auto watch = io::open_link_watch({cable.near});
    REQUIRE(watch.has_value());
    int smallest = 1;
    REQUIRE(::setsockopt(watch->fd(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest) == 0);
    for (int i = 0; i < 8; ++i) REQUIRE(test::ip("link set far mtu 14" + std::to_string(10 + i)));
    REQUIRE(test::ip("link set near down"));
    const auto seen = changes_until(*watch, [](const auto& one) { return !one.up; });
    REQUIRE_FALSE(seen.empty());
    CHECK_FALSE(seen.back().up);
  });
}
