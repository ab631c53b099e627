// IPv4 options: RFC 791 §3.1.
#include "libdiag/wire/ipv4_options.hpp"

#include "libdiag/wire/ipv4.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;

TEST_CASE("ipv4 options: walks no-operations, options and stops at the end", "[wire][ipv4]") {
  const auto octets = from_hex("01 94040000 19 03 7f 00 94040000");
  ipv4_options walk{octets};
  CHECK(walk.next()->type == ipv4_option_type::no_operation);
  const auto alert = walk.next();
  REQUIRE(alert);
  CHECK(alert->type == ipv4_option_type::router_alert);
  CHECK(hex_text(alert->data) == "0000");
  const auto unknown = walk.next();
  REQUIRE(unknown);
  CHECK(describe(unknown->type) == "option 25");
  CHECK(hex_text(unknown->data) == "7f");
  CHECK_FALSE(walk.next());
  CHECK_FALSE(walk.next());
  CHECK_FALSE(walk.malformed());
}

TEST_CASE("ipv4 options: a length below two or past the end stops the walk", "[wire][ipv4]") {
  for (const auto* text : {"07 00 04", "07 01 04", "07 04 04", "07 ff 04", "07"}) {
    CAPTURE(text);
    const auto octets = from_hex(text);
    ipv4_options walk{octets};
    CHECK_FALSE(walk.next());
    CHECK(walk.malformed());
    CHECK_FALSE(walk.next());
  }
}

TEST_CASE("ipv4 options: what comes before a malformed one is kept", "[wire][ipv4]") {
  const auto octets = from_hex("94040000 07 00");
  ipv4_options walk{octets};
  CHECK(walk.next());
  CHECK_FALSE(walk.malformed());
  CHECK_FALSE(walk.next());
  CHECK(walk.malformed());
}

TEST_CASE("ipv4 options: reads the recorded route of a captured reply", "[wire][ipv4]") {
  const auto frame = test::vector_named("icmpv4_record_route");
  const auto packet = ipv4_view::parse(test::without_ethernet(frame));
  ipv4_options walk{packet->options()};
  const auto option = walk.next();
  REQUIRE(option);
  const auto route = parse_route(*option);
  REQUIRE(route);
  CHECK_FALSE(route->malformed);
  CHECK(route->slot_count == 9);
  REQUIRE(route->recorded().size() == 5);
  CHECK(to_string(route->recorded()[0]) == "192.0.2.1");
  CHECK(to_string(route->recorded()[4]) == "192.0.2.254");
}

TEST_CASE("ipv4 options: a route pointer out of place is malformed", "[wire][ipv4]") {
  const auto read = [](const char* text) {
    const auto octets = from_hex(text);
    ipv4_options walk{octets};
    return parse_route(walk.next().value()).value();
  };
  CHECK(read("07 07 00 c0000201").malformed);
  CHECK(read("07 07 06 c0000201").malformed);
  CHECK(read("07 07 ff c0000201").malformed);
  CHECK(read("07 07 ff c0000201").used == 1);
  CHECK(read("07 08 04 c0000201 ff").malformed);
  CHECK(read("07 02").malformed);
  CHECK(read("07 03 04").used == 0);
  CHECK_FALSE(read("07 03 04").malformed);
  const auto full = read("83 07 08 c0000201");
  CHECK(full.used == 1);
  CHECK_FALSE(full.malformed);
}

TEST_CASE("ipv4 options: only routes are read as routes", "[wire][ipv4]") {
  const auto octets = from_hex("4404 0500");
  ipv4_options walk{octets};
  CHECK_FALSE(parse_route(walk.next().value()));
}

TEST_CASE("ipv4 options: names what has a name", "[wire][ipv4]") {
  CHECK(describe(ipv4_option_type::end) == "end of options");
  CHECK(describe(ipv4_option_type::no_operation) == "no operation");
  CHECK(describe(ipv4_option_type::record_route) == "record route");
  CHECK(describe(ipv4_option_type::timestamp) == "timestamp");
  CHECK(describe(ipv4_option_type::security) == "security");
  CHECK(describe(ipv4_option_type::loose_source_route) == "loose source route");
  CHECK(describe(ipv4_option_type::stream_id) == "stream identifier");
  CHECK(describe(ipv4_option_type::strict_source_route) == "strict source route");
  CHECK(describe(ipv4_option_type::router_alert) == "router alert");
}
