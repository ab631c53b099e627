// Linux cooked capture v2.
#include "libdiag/wire/sll2.hpp"

#include "libdiag/wire/ethernet.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;

TEST_CASE("sll2: reads every field of a known outgoing packet", "[wire][sll2]") {
  const auto octets = test::vector_named("sll2_echo_request");
  const auto frame = sll2_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->protocol() == ether_type::ipv4);
  CHECK(frame->interface() == 2);
  CHECK(frame->arphrd() == 1);
  CHECK(frame->packet_type() == sll2_packet_type::outgoing);
  CHECK(frame->outgoing());
  CHECK(frame->address_length() == 6);
  REQUIRE(frame->source());
  CHECK(to_string(*frame->source()) == "02:00:00:00:00:0a");
  CHECK(frame->payload().size() == 84);
}

TEST_CASE("sll2: tells an incoming packet from an outgoing one", "[wire][sll2]") {
  const auto octets = test::vector_named("sll2_echo_reply");
  const auto frame = sll2_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->packet_type() == sll2_packet_type::to_us);
  CHECK_FALSE(frame->outgoing());
}

TEST_CASE("sll2: refuses truncation at every length", "[wire][sll2]") {
  const auto octets = test::vector_named("sll2_echo_request");
  for (std::size_t size = 0; size < sll2_view::header_size; ++size) {
    CAPTURE(size);
    const auto frame = sll2_view::parse(test::cut(octets, size));
    REQUIRE_FALSE(frame);
    CHECK(frame.error() == wire_errc::truncated);
  }
}

TEST_CASE("sll2: an address longer than its field is cut to it", "[wire][sll2]") {
  auto octets = test::cut(test::vector_named("sll2_echo_request"), 20);
  octets[11] = std::byte{255};
  const auto frame = sll2_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->address_length() == 255);
  CHECK(frame->address().size() == 8);
  CHECK_FALSE(frame->source());
  CHECK(frame->payload().empty());
}

TEST_CASE("sll2: names the packet types", "[wire][sll2]") {
  CHECK(describe(sll2_packet_type::outgoing) == "outgoing");
  CHECK(describe(sll2_packet_type::to_us) == "to us");
  CHECK(describe(sll2_packet_type::broadcast) == "broadcast");
  CHECK(describe(sll2_packet_type::multicast) == "multicast");
  CHECK(describe(sll2_packet_type::to_other) == "to another host");
  CHECK(describe(sll2_packet_type{9}) == "unknown");
}
