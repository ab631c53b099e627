// IPv4 header: RFC 791 §3.1.
#include "libdiag/wire/ipv4.hpp"

#include "libdiag/wire/ip_protocol.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
// TOS 0xb9, total length 24, id 0x1234, DF and MF, offset 16 octets, TTL 7, protocol 17, four octets behind.
const auto packet_octets = from_hex("45b9 0018 1234 6002 0711 54af c0000201 c6336402 01020304");
}  // namespace

TEST_CASE("ipv4: reads every field of a known header", "[wire][ipv4]") {
  const auto packet = ipv4_view::parse(packet_octets);
  REQUIRE(packet);
  CHECK(packet->version() == 4);
  CHECK(packet->ihl() == 5);
  CHECK(packet->header_size() == 20);
  CHECK(packet->tos() == 0xb9);
  CHECK(packet->dscp() == 46);
  CHECK(packet->ecn() == 1);
  CHECK(packet->total_length() == 24);
  CHECK(packet->identification() == 0x1234);
  CHECK_FALSE(packet->reserved_flag());
  CHECK(packet->dont_fragment());
  CHECK(packet->more_fragments());
  CHECK(packet->fragment_offset() == 16);
  CHECK(packet->is_fragment());
  CHECK(packet->ttl() == 7);
  CHECK(packet->protocol() == ip_protocol::udp);
  CHECK(packet->header_checksum() == 0x54af);
  CHECK(packet->checksum() == checksum_validity::good);
  CHECK(to_string(packet->source()) == "192.0.2.1");
  CHECK(to_string(packet->destination()) == "198.51.100.2");
  CHECK(packet->options().empty());
  CHECK(hex_text(packet->payload()) == "01020304");
  CHECK_FALSE(packet->truncated());
  CHECK(packet->trailing().empty());
}

TEST_CASE("ipv4: refuses truncation at every length of the header", "[wire][ipv4]") {
  const auto frame = test::vector_named("icmpv4_record_route");
  const auto octets = test::without_ethernet(frame);
  for (std::size_t size = 0; size < 60; ++size) {
    CAPTURE(size);
    const auto packet = ipv4_view::parse(cut(octets, size));
    REQUIRE_FALSE(packet);
    CHECK(packet.error() == wire_errc::truncated);
  }
  CHECK(ipv4_view::parse(cut(octets, 60)));
}

TEST_CASE("ipv4: reads a packet cut behind its header as truncated", "[wire][ipv4]") {
  for (std::size_t size = 20; size < 24; ++size) {
    const auto octets = cut(packet_octets, size);
    const auto packet = ipv4_view::parse(octets);
    REQUIRE(packet);
    CHECK(packet->truncated());
    CHECK(packet->payload().size() == size - 20);
  }
}

TEST_CASE("ipv4: refuses other versions", "[wire][ipv4]") {
  auto octets = packet_octets;
  octets[0] = std::byte{0x65};
  CHECK(ipv4_view::parse(octets).error() == wire_errc::bad_version);
}

TEST_CASE("ipv4: refuses an IHL below five", "[wire][ipv4]") {
  auto octets = packet_octets;
  for (const unsigned ihl : {0U, 1U, 4U}) {
    octets[0] = std::byte(0x40 | ihl);
    CHECK(ipv4_view::parse(octets).error() == wire_errc::bad_length);
  }
}

TEST_CASE("ipv4: refuses an IHL past the octets", "[wire][ipv4]") {
  auto octets = packet_octets;
  octets[0] = std::byte{0x47};
  CHECK(ipv4_view::parse(octets).error() == wire_errc::truncated);
}

TEST_CASE("ipv4: refuses a total length below the header's", "[wire][ipv4]") {
  auto octets = packet_octets;
  store_be16(octets, 2, 19);
  CHECK(ipv4_view::parse(octets).error() == wire_errc::bad_length);
  store_be16(octets, 2, 20);
  CHECK(ipv4_view::parse(octets)->payload().empty());
}

TEST_CASE("ipv4: keeps link-layer padding out of the payload", "[wire][ipv4]") {
  auto octets = packet_octets;
  octets.resize(46, std::byte{0xee});
  const auto packet = ipv4_view::parse(octets);
  REQUIRE(packet);
  CHECK(packet->payload().size() == 4);
  CHECK(packet->trailing().size() == 22);
}

TEST_CASE("ipv4: shows the reserved flag", "[wire][ipv4]") {
  auto octets = packet_octets;
  octets[6] = std::byte{0x80};
  const auto packet = ipv4_view::parse(octets);
  CHECK(packet->reserved_flag());
  CHECK_FALSE(packet->dont_fragment());
  CHECK_FALSE(packet->more_fragments());
}

TEST_CASE("ipv4: the header checksum covers the options", "[wire][ipv4]") {
  auto frame = test::vector_named("icmpv4_record_route");
  CHECK(ipv4_view::parse(test::without_ethernet(frame))->checksum() == checksum_validity::good);
  frame[14 + 50] = std::byte{1};
  CHECK(ipv4_view::parse(test::without_ethernet(frame))->checksum() == checksum_validity::bad);
}

TEST_CASE("ipv4: reads a captured last fragment", "[wire][ipv4]") {
  const auto frame = test::vector_named("ipv4_last_fragment");
  const auto packet = ipv4_view::parse(test::without_ethernet(frame));
  REQUIRE(packet);
  CHECK(packet->fragment_offset() == 2752);
  CHECK_FALSE(packet->more_fragments());
  CHECK(packet->is_fragment());
  CHECK(packet->payload().size() == 256);
}

TEST_CASE("ip_protocol: shows a number without a name", "[wire][ipv4]") {
  CHECK(describe_ip_protocol(1) == "ICMP");
  CHECK(describe_ip_protocol(6) == "TCP");
  CHECK(describe_ip_protocol(17) == "UDP");
  CHECK(describe_ip_protocol(58) == "ICMPv6");
  CHECK(describe_ip_protocol(200) == "protocol 200");
  for (unsigned number = 0; number < 256; ++number)
    CHECK_FALSE(describe_ip_protocol(static_cast<std::uint8_t>(number)).empty());
}
