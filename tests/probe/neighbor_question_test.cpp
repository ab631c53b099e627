// Whom a question goes to; neighbor_exchange_test and mac_search_test read the frames of whole runs.
#include "libdiag/probe/neighbor_question.hpp"

#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

TEST_CASE("neighbor_question: to one host alone, from the unspecified address to its group",
          "[probe][neighbor]") {
  auto link = one_link();
  const auto asked = *parse_ip("2001:db8::12:3456");
  const auto packet_to = [&] {
    neighbor_question question{link};
    const auto frame = question.ask(asked, station(9));
    const auto ethernet = *wire::ethernet_view::parse(frame);
    CHECK(ethernet.destination() == station(9));
    return wire::ipv6_view::parse(ethernet.payload())->destination();
  };
  CHECK(packet_to() == asked);
  link.v6 = *parse_ip("::");
  CHECK(packet_to() == parse_ip("ff02::1:ff12:3456"));
  link.v6 = {};
  CHECK(packet_to() == parse_ip("ff02::1:ff12:3456"));
}

TEST_CASE("neighbor_question: ARP goes to everyone, or to one", "[probe][neighbor]") {
  neighbor_question question{one_link()};
  const auto asked = *parse_ip("192.0.2.9");
  CHECK(wire::ethernet_view::parse(question.ask(asked, std::nullopt))->destination() == broadcast_mac);
  CHECK(wire::ethernet_view::parse(question.ask(asked, station(9)))->destination() == station(9));
}
