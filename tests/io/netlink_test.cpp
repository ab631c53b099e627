// libdiag/io/netlink.hpp: what every Linux host has, loopback.
#include "libdiag/io/netlink.hpp"

#include <algorithm>
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/io/own_network.hpp"

using namespace diag;

TEST_CASE("netlink: lists the loopback interface", "[io][netlink]") {
  const auto links = io::links();
  REQUIRE(links.has_value());
  const auto found = std::ranges::find(*links, true, &io::link::loopback);
  REQUIRE(found != links->end());
  CHECK(found->name == "lo");
  CHECK(found->mtu >= 1280);
  CHECK(found->index != 0);

  const auto named = io::link_named("lo");
  REQUIRE(named.has_value());
  REQUIRE(named->has_value());
  CHECK((*named)->index == found->index);
}

TEST_CASE("netlink: an interface that does not exist is a value, not a failure", "[io][netlink]") {
  for (const char* name : {"no-such-if", "", "a-name-longer-than-any"}) {
    const auto found = io::link_named(name);
    REQUIRE(found.has_value());
    CHECK_FALSE(found->has_value());
  }
}

TEST_CASE("netlink: the route to loopback is local", "[io][netlink]") {
  const auto links = io::links();
  REQUIRE(links.has_value());
  if (!std::ranges::any_of(*links, [](const io::link& one) { return one.loopback && one.up; })) return;
  const auto found = io::route_to(ip_address::v4(0x7f000001));
  REQUIRE(found.has_value());
  CHECK(found->type == io::route_type::local);
  CHECK(found->interface_name == "lo");
  CHECK(found->source == ip_address::v4(0x7f000001));
  CHECK_FALSE(found->gateway);
  CHECK(found->usable());

  const auto addresses = io::addresses();
  REQUIRE(addresses.has_value());
  CHECK(std::ranges::find(*addresses, ip_address::v4(0x7f000001), &io::interface_address::address) !=
        addresses->end());
}

TEST_CASE("netlink: a route over an interface that does not exist fails by name", "[io][netlink]") {
  const auto found = io::route_to(ip_address::v4(0xC0000201), {.interface = "no-such-if"});
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().subject == "no-such-if");
  CHECK(found.error().code.value() == ENODEV);
}

TEST_CASE("netlink: a neighbour the kernel does not know is a value", "[io][netlink]") {
  const auto lo = io::link_named("lo");
  REQUIRE(lo.has_value());
  REQUIRE(lo->has_value());
  const auto found = io::neighbor_of(ip_address::v4(0xC0000201), (*lo)->index);
  REQUIRE(found.has_value());
  CHECK_FALSE(found->has_value());
}

TEST_CASE("netlink: an interface is found by its index", "[io][netlink]") {
  const auto named = io::link_named("lo");
  REQUIRE(named.has_value());
  REQUIRE(named->has_value());
  const auto found = io::link_at((*named)->index);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->name == "lo");
  CHECK((*found)->hardware == 772);  // ARPHRD_LOOPBACK
  for (const std::uint32_t none : {0U, 2'000'000'000U}) {
    const auto missing = io::link_at(none);
    REQUIRE(missing.has_value());
    CHECK_FALSE(missing->has_value());
  }
}

TEST_CASE("netlink: lists what the kernel knows of its neighbours", "[io][netlink]") {
  test::in_own_network([](const test::cable& cable) {
    REQUIRE(test::ip("neigh add 192.0.2.7 lladdr 02:00:5e:10:00:07 dev near nud permanent"));
    REQUIRE(test::ip("neigh add 192.0.2.8 dev far nud permanent lladdr 02:00:5e:10:00:08"));
    REQUIRE(test::ip("-6 neigh add fe80::7 lladdr 02:00:5e:10:00:09 dev near nud stale"));
    const auto near = io::neighbors(cable.near);
    REQUIRE(near.has_value());
    const auto at = [&](const char* address) {
      auto wanted = *parse_ip(address);
      if (wanted.is_link_local()) wanted.scope(cable.near);
      return std::ranges::find(*near, wanted, &io::neighbor::address);
    };
    REQUIRE(at("192.0.2.7") != near->end());
    CHECK(at("192.0.2.7")->interface == cable.near);
    CHECK(at("192.0.2.7")->state == io::neighbor_state::permanent);
    REQUIRE(at("192.0.2.7")->mac.has_value());
    CHECK(to_string(*at("192.0.2.7")->mac) == "02:00:5e:10:00:07");
    CHECK(at("fe80::7") != near->end());
    CHECK(at("192.0.2.8") == near->end());
    const auto all = io::neighbors(0);
    REQUIRE(all.has_value());
    CHECK(std::ranges::find(*all, cable.far, &io::neighbor::interface) != all->end());
    // Ethernet ends of a cable.
    const auto link = io::link_at(cable.near);
    REQUIRE(link.has_value());
    REQUIRE(link->has_value());
    CHECK((*link)->hardware == 1);
  });
}
