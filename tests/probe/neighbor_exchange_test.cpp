// What a frame is to whoever asks: neighbour discovery above all, ARP is in neighbor_run_test.
#include "libdiag/probe/neighbor_exchange.hpp"

#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ipv6.hpp"
#include "libdiag/wire/neighbor.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;
using kind = heard_message::kind;

namespace {

const auto their_address = *parse_ip("2001:db8::9");
const auto all_nodes = *parse_ip("ff02::1");

heard_message hear_advertisement(const neighbor_exchange& exchange, craft::advertisement_fields said,
                                 const mac_address& to = our_mac) {
  craft::link_fields from;
  from.source = station(9);
  said.source = their_address;
  said.link_layer = station(9);
  if (!said.target) said.target = their_address;
  const auto frame = craft::advertisement_frame(from, to, said);
  return exchange.hear(arrival_of(frame, mono_time{5s}));
}

neighbor_exchange from(const char* v6) {
  auto link = one_link();
  link.v6 = *parse_ip(v6);
  return neighbor_exchange{{link}};
}

}  // namespace

TEST_CASE("neighbor_exchange: asks the solicited-node group, or one host alone", "[probe][neighbor]") {
  auto exchange = from("2001:db8::1");
  const auto group = exchange.ask(0, *parse_ip("2001:db8::12:3456"), std::nullopt);
  auto ethernet = *wire::ethernet_view::parse(group);
  CHECK(to_string(ethernet.destination()) == "33:33:ff:12:34:56");
  CHECK(wire::ipv6_view::parse(ethernet.payload())->destination() == parse_ip("ff02::1:ff12:3456"));
  const auto alone = exchange.ask(0, their_address, station(9));
  ethernet = *wire::ethernet_view::parse(alone);
  CHECK(ethernet.destination() == station(9));
  CHECK(wire::ipv6_view::parse(ethernet.payload())->destination() == their_address);
}

TEST_CASE("neighbor_exchange: one host alone is asked from :: through its group", "[probe][neighbor]") {
  // RFC 4861 §7.1.1: it discards a solicitation from :: to any other destination.
  auto exchange = from("::");
  const auto ethernet = *wire::ethernet_view::parse(exchange.ask(0, their_address, station(9)));
  CHECK(ethernet.destination() == station(9));
  CHECK(wire::ipv6_view::parse(ethernet.payload())->destination() ==
        craft::solicited_node_group(their_address));
}

TEST_CASE("neighbor_exchange: an advertisement to our address answers", "[probe][neighbor]") {
  const auto exchange = from("2001:db8::1");
  craft::advertisement_fields said;
  said.destination = *parse_ip("2001:db8::1");
  said.solicited = true;
  said.router = true;
  const auto heard = hear_advertisement(exchange, said);
  CHECK(heard.what == kind::answer);
  CHECK(heard.said.claimed == their_address);
  CHECK(heard.said.owner == station(9));
  CHECK(heard.said.router);
}

TEST_CASE("neighbor_exchange: an advertisement to all nodes answers only who asked from ::",
          "[probe][neighbor]") {
  craft::advertisement_fields said;
  said.destination = all_nodes;
  CHECK(hear_advertisement(from("2001:db8::1"), said, craft::multicast_mac(all_nodes)).what ==
        kind::sighting);
  CHECK(hear_advertisement(from("::"), said, craft::multicast_mac(all_nodes)).what == kind::answer);
}

TEST_CASE("neighbor_exchange: an advertisement to somebody else is refused", "[probe][neighbor]") {
  const auto exchange = from("2001:db8::1");
  craft::advertisement_fields said;
  said.destination = *parse_ip("2001:db8::2");
  said.solicited = true;
  auto heard = hear_advertisement(exchange, said);
  CHECK(heard.what == kind::rejected);
  CHECK(heard.why == reject_reason::wrong_target);
  said.destination = *parse_ip("2001:db8::1");
  heard = hear_advertisement(exchange, said, station(44));
  CHECK(heard.why == reject_reason::wrong_hardware);
}

TEST_CASE("neighbor_exchange: a link-local owner is one of this link", "[probe][neighbor]") {
  const auto exchange = from("fe80::1");
  craft::advertisement_fields said;
  said.destination = *parse_ip("fe80::1");
  said.target = *parse_ip("fe80::9");
  said.solicited = true;
  CHECK(hear_advertisement(exchange, said).said.claimed.scope() == 7);
}

TEST_CASE("neighbor_exchange: our own frames and those of other interfaces are nothing to us",
          "[probe][neighbor]") {
  const auto exchange = from("2001:db8::1");
  arp_message said;
  said.frame_from = our_mac;
  CHECK(exchange.hear(arrival_of(frame_of(said), mono_time{})).what == kind::nothing);
  said.frame_from.reset();
  CHECK(exchange.hear(arrival_of(frame_of(said), mono_time{}, 8)).what == kind::nothing);
  CHECK(exchange.hear(arrival_of(frame_of(said), mono_time{}, 7)).what == kind::answer);
}

TEST_CASE("neighbor_exchange: a reply to everyone is for us when it names our address", "[probe][neighbor]") {
  const auto exchange = from("2001:db8::1");
  arp_message said;
  said.frame_to = broadcast_mac;
  CHECK(exchange.hear(arrival_of(frame_of(said), mono_time{})).what == kind::answer);
  said.asks = *parse_ip("192.0.2.66");
  CHECK(exchange.hear(arrival_of(frame_of(said), mono_time{})).why == reject_reason::wrong_target);
}
