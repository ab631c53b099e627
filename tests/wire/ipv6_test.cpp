// IPv6 header and extension headers: RFC 8200, RFC 4302, RFC 2675.
#include "libdiag/wire/ipv6.hpp"

#include "libdiag/wire/ip_protocol.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

TEST_CASE("ipv6: reads every field of a known header", "[wire][ipv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  const auto packet = ipv6_view::parse(test::without_ethernet(frame));
  REQUIRE(packet);
  CHECK(packet->version() == 6);
  CHECK(packet->traffic_class() == 0);
  CHECK(packet->flow_label() == 0x067c8);
  CHECK(packet->payload_length() == 64);
  CHECK(packet->next_header() == ip_protocol::icmpv6);
  CHECK(packet->hop_limit() == 63);
  CHECK(to_string(packet->source()) == "2001:db8:2::1");
  CHECK(to_string(packet->destination()) == "2001:db8:1::1");
  CHECK(packet->header().size() == 40);
  CHECK(packet->payload().size() == 64);
  CHECK_FALSE(packet->truncated());
  CHECK(packet->trailing().empty());
}

TEST_CASE("ipv6: splits the traffic class from version and flow label", "[wire][ipv6]") {
  auto octets = cut(test::without_ethernet(test::vector_named("icmpv6_echo_reply")), 40);
  store_be32(octets, 0, 0x6b9f'ffff);
  const auto packet = ipv6_view::parse(octets);
  CHECK(packet->traffic_class() == 0xb9);
  CHECK(packet->dscp() == 46);
  CHECK(packet->ecn() == 1);
  CHECK(packet->flow_label() == 0xfffff);
}

TEST_CASE("ipv6: refuses truncation at every length of the header", "[wire][ipv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  for (std::size_t size = 0; size < 40; ++size) {
    CAPTURE(size);
    const auto packet = ipv6_view::parse(cut(test::without_ethernet(frame), size));
    REQUIRE_FALSE(packet);
    CHECK(packet.error() == wire_errc::truncated);
  }
  const auto header = cut(test::without_ethernet(frame), 40);
  CHECK(ipv6_view::parse(header)->truncated());
}

TEST_CASE("ipv6: refuses other versions", "[wire][ipv6]") {
  auto octets = cut(test::without_ethernet(test::vector_named("icmpv6_echo_reply")), 40);
  octets[0] = std::byte{0x45};
  CHECK(ipv6_view::parse(octets).error() == wire_errc::bad_version);
}

TEST_CASE("ipv6: keeps what follows the payload length apart", "[wire][ipv6]") {
  auto frame = test::vector_named("icmpv6_echo_reply");
  frame.push_back(std::byte{0xee});
  const auto packet = ipv6_view::parse(test::without_ethernet(frame));
  CHECK(packet->payload().size() == 64);
  CHECK(hex_text(packet->trailing()) == "ee");
}

TEST_CASE("ipv6: walks every kind of extension header to the datagram", "[wire][ipv6]") {
  const auto frame = test::vector_named("ipv6_extension_chain");
  const auto upper = upper_layer(*ipv6_view::parse(test::without_ethernet(frame)));
  CHECK(upper.protocol == ip_protocol::udp);
  CHECK(upper.payload.size() == 18);
  CHECK(upper.header_count == 5);
  CHECK(upper.headers_size == 8 + 8 + 24 + 24 + 16);
  CHECK_FALSE(upper.malformed);
  CHECK_FALSE(upper.routed);
  REQUIRE(upper.fragment);
  CHECK(upper.fragment->offset == 0);
  CHECK_FALSE(upper.fragment->more);
  CHECK(upper.fragment->identification == 0xabcdef01);
}

TEST_CASE("ipv6: passes the router alert of a captured listener report", "[wire][ipv6]") {
  const auto frame = test::vector_named("mld_report");
  const auto upper = upper_layer(*ipv6_view::parse(test::without_ethernet(frame)));
  CHECK(upper.protocol == ip_protocol::icmpv6);
  CHECK(upper.header_count == 1);
  CHECK(upper.headers_size == 8);
}

TEST_CASE("ipv6: stops behind the fragment header of a later fragment", "[wire][ipv6]") {
  const auto frame = test::vector_named("ipv6_last_fragment");
  const auto upper = upper_layer(*ipv6_view::parse(test::without_ethernet(frame)));
  CHECK(upper.protocol == ip_protocol::icmpv6);
  REQUIRE(upper.fragment);
  CHECK(upper.fragment->offset == 2704);
  CHECK_FALSE(upper.fragment->more);
  CHECK(upper.fragment->identification == 0xefb2ef7c);
  CHECK(upper.payload.size() == 304);

  // The octets of a later fragment are data even when its next header names another extension.
  const auto octets = from_hex("3c00 0008 00000001 ffffffffffffffff");
  const auto later = upper_layer(ip_protocol::fragment, octets);
  CHECK(later.protocol == ip_protocol::destination_options);
  CHECK_FALSE(later.malformed);
  CHECK(later.payload.size() == 8);
}

TEST_CASE("ipv6: says when a chain ends without an upper layer", "[wire][ipv6]") {
  const auto octets = from_hex("3b00 0104 00000000 aabb");
  const auto upper = upper_layer(ip_protocol::destination_options, octets);
  CHECK(upper.protocol == ip_protocol::no_next_header);
  CHECK(upper.payload.size() == 2);
  CHECK_FALSE(upper.malformed);
}

TEST_CASE("ipv6: a truncated chain is malformed at every length", "[wire][ipv6]") {
  const auto frame = test::vector_named("ipv6_extension_chain");
  const auto payload = test::without_ethernet(frame).subspan(40);
  for (std::size_t size = 0; size < 80; ++size) {
    CAPTURE(size);
    const auto octets = cut(payload, size);
    const auto upper = upper_layer(ip_protocol::hop_by_hop, octets);
    CHECK(upper.malformed);
    CHECK(upper.truncated);
    CHECK(upper.headers_size + upper.payload.size() == size);
  }
  CHECK_FALSE(upper_layer(ip_protocol::hop_by_hop, cut(payload, 80)).malformed);
}

TEST_CASE("ipv6: refuses a chain of a hundred headers", "[wire][ipv6]") {
  test::octets chain;
  for (int i = 0; i < 100; ++i)
    for (const auto octet : from_hex("3c00 0104 00000000")) chain.push_back(octet);
  const auto upper = upper_layer(ip_protocol::destination_options, chain);
  CHECK(upper.malformed);
  CHECK_FALSE(upper.truncated);
  CHECK(upper.header_count == max_extension_headers);

  const auto longest = cut(chain, max_extension_headers * 8 - 8);
  CHECK(upper_layer(ip_protocol::destination_options, longest).truncated);
}

TEST_CASE("ipv6: a routing header with segments left is said", "[wire][ipv6]") {
  const auto octets = from_hex("1102 0001 00000000 20010db8000000000000000000000005");
  const auto upper = upper_layer(ip_protocol::routing, octets);
  CHECK(upper.routed);
  CHECK(upper.protocol == ip_protocol::udp);
}

TEST_CASE("ipv6: counts an authentication header in 32-bit words", "[wire][ipv6][rfc4302]") {
  const auto octets = from_hex("3a01 0000 00000001 00000002 aabb");
  const auto upper = upper_layer(ip_protocol::authentication, octets);
  CHECK(upper.headers_size == 12);
  CHECK(upper.payload.size() == 2);
}

TEST_CASE("ipv6: does not look behind ESP", "[wire][ipv6]") {
  const auto octets = from_hex("0000000100000002");
  const auto upper = upper_layer(ip_protocol::esp, octets);
  CHECK(upper.protocol == ip_protocol::esp);
  CHECK(upper.header_count == 0);
}

TEST_CASE("ipv6: reads the length of a jumbogram", "[wire][ipv6][rfc2675]") {
  auto octets = from_hex(
      "60000000 0000 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
      "1100 c204 00010000 aabbccdd");
  const auto packet = ipv6_view::parse(octets);
  REQUIRE(packet);
  CHECK(packet->payload().size() == 12);
  const auto upper = upper_layer(*packet);
  CHECK(upper.jumbo_length == 0x10000U);
  CHECK(upper.protocol == ip_protocol::udp);
  octets[6] = std::byte{ip_protocol::udp};
  CHECK(ipv6_view::parse(octets)->payload().empty());
}

TEST_CASE("ipv6: an option that lies about its length hides no later header", "[wire][ipv6]") {
  const auto octets = from_hex("1100 c2ff 00010000 aabbccdd");
  const auto upper = upper_layer(ip_protocol::hop_by_hop, octets);
  CHECK_FALSE(upper.jumbo_length);
  CHECK(upper.protocol == ip_protocol::udp);
}
