// Neighbour discovery messages: RFC 4861 §4.3 to §4.6.
#include "libdiag/wire/neighbor.hpp"

#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
icmpv6_view message_in(byte_view frame) {
  return *icmpv6_view::parse(ipv6_view::parse(test::without_ethernet(frame))->payload());
}
}  // namespace

TEST_CASE("neighbor: reads every field of a captured advertisement", "[wire][neighbor]") {
  const auto frame = test::vector_named("neighbor_advertisement");
  const auto neighbor = neighbor_view::parse(message_in(frame));
  REQUIRE(neighbor);
  CHECK_FALSE(neighbor->solicitation());
  CHECK(to_string(neighbor->target()) == "2001:db8:1::fe");
  CHECK(neighbor->router());
  CHECK(neighbor->solicited());
  CHECK(neighbor->override_flag());
  CHECK(to_string(neighbor->link_layer_address().value()) == "02:00:00:00:00:01");
}

TEST_CASE("neighbor: reads every field of a captured solicitation", "[wire][neighbor]") {
  const auto frame = test::vector_named("neighbor_solicitation");
  const auto neighbor = neighbor_view::parse(message_in(frame));
  REQUIRE(neighbor);
  CHECK(neighbor->solicitation());
  CHECK(to_string(neighbor->target()) == "2001:db8:1::fe");
  CHECK(to_string(neighbor->link_layer_address().value()) == "02:00:00:00:00:0a");
}

TEST_CASE("neighbor: a solicitation has no flags, whatever its octets", "[wire][neighbor]") {
  const auto octets = from_hex("8700 0000 e0000000 20010db8000000000000000000000001");
  const auto neighbor = neighbor_view::parse(*icmpv6_view::parse(octets));
  REQUIRE(neighbor);
  CHECK_FALSE(neighbor->router());
  CHECK_FALSE(neighbor->solicited());
  CHECK_FALSE(neighbor->override_flag());
}

TEST_CASE("neighbor: refuses truncation at every length", "[wire][neighbor]") {
  const auto frame = test::vector_named("neighbor_advertisement");
  const auto message = message_in(frame);
  for (std::size_t size = 8; size < 24; ++size) {
    const auto octets = cut(message.bytes(), size);
    const auto neighbor = neighbor_view::parse(*icmpv6_view::parse(octets));
    CAPTURE(size);
    REQUIRE_FALSE(neighbor);
    CHECK(neighbor.error() == wire_errc::truncated);
  }
}

TEST_CASE("neighbor: refuses other messages", "[wire][neighbor]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  CHECK(neighbor_view::parse(message_in(frame)).error() == wire_errc::bad_version);
}

TEST_CASE("neighbor: an option of length zero or past the end stops the walk", "[wire][neighbor]") {
  for (const auto* text : {"0200 02000000 0001", "0202 02000000 0001", "02"}) {
    CAPTURE(text);
    const auto octets = from_hex(text);
    nd_options walk{octets};
    CHECK_FALSE(walk.next());
    CHECK(walk.malformed());
    CHECK_FALSE(walk.next());
  }
}

TEST_CASE("neighbor: shows options it does not know and looks behind them", "[wire][neighbor]") {
  const auto octets = from_hex(
      "8800 0000 40000000 20010db8000000000000000000000001"
      "6301 aabbccddeeff 0102 020000000001 0000000000000000 0201 020000000007");
  const auto neighbor = neighbor_view::parse(*icmpv6_view::parse(octets));
  REQUIRE(neighbor);
  auto walk = neighbor->options();
  const auto first = walk.next();
  REQUIRE(first);
  CHECK(first->type == nd_option_type{99});
  CHECK(hex_text(first->data) == "aabbccddeeff");
  CHECK(to_string(neighbor->link_layer_address().value()) == "02:00:00:00:00:07");
  CHECK_FALSE(neighbor->router());
  CHECK(neighbor->solicited());
}

TEST_CASE("neighbor: an address option of another size is not a MAC", "[wire][neighbor]") {
  const auto octets = from_hex(
      "8800 0000 40000000 20010db8000000000000000000000001"
      "0202 020000000001 0000000000000000");
  CHECK_FALSE(neighbor_view::parse(*icmpv6_view::parse(octets))->link_layer_address());
}
