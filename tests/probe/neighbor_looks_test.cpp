// Second looks: who is asked again, once, and what silence means.
#include "libdiag/probe/neighbor_looks.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

namespace {

const auto impossible = *parse_ip("240.0.0.9");
const auto target = *parse_ip("192.0.2.9");

looks_config for_a_sweep() {
  looks_config config;
  config.ask_owners = false;
  config.every_owner = false;
  config.impossible = {impossible};
  return config;
}
neighbor_message claim_of(const ip_address& address, std::uint8_t who) {
  neighbor_message said;
  said.claimed = address;
  said.owner = station(who);
  return said;
}

}  // namespace

TEST_CASE("neighbor_looks: in a sweep the second address of an owner asks for the impossible, once",
          "[probe][neighbor]") {
  neighbor_looks looks{for_a_sweep()};
  looks.add_owner(0, target, station(9), true);
  looks.add_owner(0, target.plus(1), station(10), true);
  CHECK(looks.next() == nullptr);
  for (std::uint64_t i = 2; i < 100; ++i) looks.add_owner(0, target.plus(i), station(9), true);
  REQUIRE(looks.next() != nullptr);
  CHECK(looks.next()->mac == station(9));
  CHECK(looks.next()->address == impossible);
  looks.take(mono_time{1s});
  CHECK(looks.next() == nullptr);
}

TEST_CASE("neighbor_looks: an answer closes its look, from its owner alone", "[probe][neighbor]") {
  neighbor_looks looks{for_a_sweep()};
  for (std::uint64_t i = 0; i < 2; ++i) looks.add_owner(0, target.plus(i), station(9), true);
  const auto number = looks.take(mono_time{1s});
  looks.stamp(number, {mono_time{1s} + 10us, stamp_source::socket});
  const moment came{mono_time{1s} + 60us, stamp_source::socket};
  CHECK_FALSE(looks.hear(came, came.at, claim_of(impossible, 10)).has_value());
  CHECK_FALSE(looks.hear(came, came.at, claim_of(target, 9)).has_value());
  const auto heard = looks.hear(came, came.at, claim_of(impossible, 9));
  REQUIRE(heard.has_value());
  CHECK(heard->rtt == 50us);
  CHECK(looks.all()[0].answered);
  CHECK_FALSE(looks.hear(came, came.at, claim_of(impossible, 9)).has_value());
  CHECK_FALSE(looks.open_until().has_value());
}

TEST_CASE("neighbor_looks: silence means something after the timeout, and a probe in between ends it",
          "[probe][neighbor]") {
  looks_config config;
  neighbor_looks looks{config};
  looks.add_owner(0, target, station(9), true);
  looks.take(mono_time{1s});
  CHECK(looks.open_until() == mono_time{2s});
  SECTION("waited for") {
    looks.expire(mono_time{2s});
    CHECK(looks.all()[0].waited);
  }
  SECTION("overtaken after a convincing while") {
    looks.overtake(target, mono_time{1s} + 300ms);
    CHECK(looks.all()[0].waited);
  }
  SECTION("overtaken at once") {
    looks.overtake(target, mono_time{1s} + 20ms);
    CHECK_FALSE(looks.all()[0].waited);
    CHECK_FALSE(looks.all()[0].left);
  }
  CHECK_FALSE(looks.open_until().has_value());
}

TEST_CASE("neighbor_looks: nobody is asked where nobody wants to know", "[probe][neighbor]") {
  looks_config config;
  config.wanted = false;
  neighbor_looks looks{config};
  looks.add_owner(0, target, station(9), true);
  looks.add_known(0, target, station(9));
  CHECK(looks.next() == nullptr);
}
