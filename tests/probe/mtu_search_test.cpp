// The path-MTU search where the error queue is all it hears: datagram sockets.
#include "libdiag/probe/mtu_search.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using probe::mtu_step;
using probe::path_notice;

}  // namespace

TEST_CASE("mtu search: believes a router whose word comes through the error queue", "[probe][mtu]") {
  probe::mtu_search_config config;
  config.target = *parse_ip("198.51.100.1");
  config.upper = 1500;
  config.identifiers = 1;
  probe::mtu_search machine{config};
  mono_time now{1s};
  const auto small = machine.next_effect(now);
  REQUIRE(small.has_value());
  path_notice notice;
  notice.origin = path_notice::origin_kind::icmpv4;
  notice.error = 90;  // EMSGSIZE
  notice.type = 3;
  notice.code = 4;
  notice.mtu = 60;
  notice.offender = *parse_ip("192.0.2.254");
  notice.destination = config.target;
  const auto& request = std::get<probe::transmit>(*small);
  notice.quoted = request.bytes;

  SECTION("as too big, with its name and the MTU it gives") {
    machine.feed(now + 1ms, notice);
    const auto event = machine.next_event();
    REQUIRE(event.has_value());
    const auto& step = std::get<mtu_step>(*event);
    CHECK(step.what == mtu_step::outcome::too_big);
    CHECK(step.from == notice.offender);
    CHECK(step.mtu == 60);
  }
  SECTION("as a refusal when it says something else") {
    notice.code = 13;
    machine.feed(now + 1ms, notice);
    const auto event = machine.next_event();
    REQUIRE(event.has_value());
    CHECK(std::get<mtu_step>(*event).what == mtu_step::outcome::refused);
  }
  SECTION("unless it is a redirect, which stops nothing") {
    notice.type = 5;
    notice.code = 1;
    machine.feed(now + 1ms, notice);
    CHECK_FALSE(machine.next_event().has_value());
  }
  SECTION("unless the quote is not our probe") {
    std::vector<std::byte> foreign(request.bytes.begin(), request.bytes.end());
    foreign.back() ^= std::byte{1};
    for (auto& octet : std::span{foreign}.subspan(8, 8)) octet ^= std::byte{0x5a};
    notice.quoted = foreign;
    machine.feed(now + 1ms, notice);
    CHECK_FALSE(machine.next_event().has_value());
  }
}
