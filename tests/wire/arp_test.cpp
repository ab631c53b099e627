// Address Resolution Protocol: RFC 826, RFC 5227.
#include "libdiag/wire/arp.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

TEST_CASE("arp: reads every field of a known reply", "[wire][arp]") {
  const auto frame = test::vector_named("arp_reply");
  const auto message = arp_view::parse(test::without_ethernet(frame));
  REQUIRE(message);
  CHECK(message->hardware_type() == 1);
  CHECK(message->protocol_type() == 0x0800);
  CHECK(message->hardware_length() == 6);
  CHECK(message->protocol_length() == 4);
  CHECK(message->operation() == arp_operation::reply);
  CHECK(message->is_ethernet_ipv4());
  CHECK(to_string(message->sender_mac().value()) == "02:00:00:00:00:01");
  CHECK(to_string(message->sender_ip().value()) == "192.0.2.254");
  CHECK(to_string(message->target_mac().value()) == "02:00:00:00:00:0a");
  CHECK(to_string(message->target_ip().value()) == "192.0.2.1");
  CHECK(message->message_size() == 28);
  CHECK_FALSE(message->is_probe());
  CHECK_FALSE(message->is_announcement());
}

TEST_CASE("arp: refuses truncation at every length", "[wire][arp]") {
  const auto frame = test::vector_named("arp_request");
  for (std::size_t size = 0; size < 28; ++size) {
    CAPTURE(size);
    const auto message = arp_view::parse(cut(test::without_ethernet(frame), size));
    REQUIRE_FALSE(message);
    CHECK(message.error() == wire_errc::truncated);
  }
}

TEST_CASE("arp: refuses address lengths that the message does not have", "[wire][arp]") {
  auto octets = cut(test::without_ethernet(test::vector_named("arp_request")), 28);
  octets[4] = std::byte{255};
  CHECK_FALSE(arp_view::parse(octets));
  octets[4] = std::byte{6};
  octets[5] = std::byte{16};
  CHECK_FALSE(arp_view::parse(octets));
}

TEST_CASE("arp: shows addresses of other sizes without taking them for MAC and IPv4", "[wire][arp]") {
  // Hardware type 6 (IEEE 802) with two octets of address, protocol addresses of one.
  const auto octets = from_hex("0006 0800 02 01 0002 aabb 01 ccdd 02");
  const auto message = arp_view::parse(octets);
  REQUIRE(message);
  CHECK_FALSE(message->is_ethernet_ipv4());
  CHECK(hex_text(message->sender_hardware()) == "aabb");
  CHECK(hex_text(message->sender_protocol()) == "01");
  CHECK(hex_text(message->target_hardware()) == "ccdd");
  CHECK(hex_text(message->target_protocol()) == "02");
  CHECK_FALSE(message->sender_mac());
  CHECK_FALSE(message->sender_ip());
  CHECK_FALSE(message->target_mac());
  CHECK_FALSE(message->target_ip());
}

TEST_CASE("arp: a request from 0.0.0.0 is a probe", "[wire][arp][rfc5227]") {
  const auto probe = from_hex("0001 0800 06 04 0001 02000000000a 00000000 000000000000 c0000201");
  CHECK(arp_view::parse(probe)->is_probe());
  CHECK_FALSE(arp_view::parse(probe)->is_announcement());
  auto reply = probe;
  reply[7] = std::byte{2};
  CHECK_FALSE(arp_view::parse(reply)->is_probe());
}

TEST_CASE("arp: sender and target alike make an announcement", "[wire][arp][rfc5227]") {
  const auto announcement = from_hex("0001 0800 06 04 0001 02000000000a c0000201 000000000000 c0000201");
  CHECK(arp_view::parse(announcement)->is_announcement());
  CHECK_FALSE(arp_view::parse(announcement)->is_probe());
  const auto nobody = from_hex("0001 0800 06 04 0001 02000000000a 00000000 000000000000 00000000");
  CHECK_FALSE(arp_view::parse(nobody)->is_announcement());
}

TEST_CASE("arp: shows an operation without a name", "[wire][arp]") {
  CHECK(describe(arp_operation::request) == "request");
  CHECK(describe(arp_operation::reply) == "reply");
  CHECK(describe(arp_operation::reverse_request) == "reverse request");
  CHECK(describe(arp_operation::reverse_reply) == "reverse reply");
  CHECK(describe(arp_operation::inverse_request) == "inverse request");
  CHECK(describe(arp_operation::inverse_reply) == "inverse reply");
  CHECK(describe(arp_operation{77}) == "operation 77");
}
