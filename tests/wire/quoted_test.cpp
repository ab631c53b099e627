// The packet quoted in an ICMP error: RFC 792, RFC 1812 §4.3.2.3, RFC 4443 §2.4.
#include "libdiag/wire/quoted.hpp"

#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {

test::octets quote_v4(const std::string& name) {
  const auto frame = test::vector_named(name);
  const auto packet = ipv4_view::parse(test::without_ethernet(frame));
  const auto parts = split_error_body(*icmpv4_view::parse(packet->payload()));
  return cut(parts.original, parts.original.size());
}

test::octets quote_v6(const std::string& name) {
  const auto frame = test::vector_named(name);
  const auto packet = ipv6_view::parse(test::without_ethernet(frame));
  const auto parts = split_error_body(*icmpv6_view::parse(packet->payload()));
  return cut(parts.original, parts.original.size());
}

}  // namespace

TEST_CASE("quote: reads every field of a captured port unreachable", "[wire][quoted]") {
  const auto octets = quote_v4("icmpv4_port_unreachable");
  const auto quote = parse_quote(octets, ip_family::v4);
  REQUIRE(quote);
  CHECK(quote->family == ip_family::v4);
  CHECK(to_string(quote->source) == "192.0.2.1");
  CHECK(to_string(quote->destination) == "198.51.100.1");
  CHECK(quote->protocol == ip_protocol::udp);
  CHECK(quote->ttl == 63);
  CHECK(quote->tos == 0);
  CHECK(quote->identification == 0xb77b);
  CHECK(quote->dont_fragment);
  CHECK(quote->total_length == 38);
  CHECK(quote->fragment_offset == 0);
  CHECK_FALSE(quote->malformed);
  CHECK(quote->header.size() == 20);
  CHECK(quote->transport.size() == 18);
  const auto ports = quoted_ports(*quote);
  REQUIRE(ports);
  CHECK(ports->source == 40000);
  CHECK(ports->destination == 33434);
  const auto udp = quoted_udp(*quote);
  REQUIRE(udp);
  CHECK(udp->length == 18);
  CHECK(udp->checksum == 0xec59);
  CHECK_FALSE(quoted_echo(*quote));
  CHECK_FALSE(quoted_tcp_sequence(*quote));
}

TEST_CASE("quote: finds the echo request behind a quoted record route", "[wire][quoted]") {
  const auto octets = quote_v4("icmpv4_time_exceeded_options");
  const auto quote = parse_quote(octets, ip_family::v4);
  REQUIRE(quote);
  CHECK(quote->header.size() == 60);
  const auto echo = quoted_echo(*quote);
  REQUIRE(echo);
  CHECK(echo->type == 8);
  CHECK(echo->code == 0);
  CHECK(echo->identifier == 0x313e);
  CHECK(echo->sequence == 1);
  CHECK(echo->payload.size() == 56);
}

TEST_CASE("quote: eight octets of transport suffice, fewer give what they hold", "[wire][quoted]") {
  const auto whole = quote_v4("icmpv4_time_exceeded");
  for (std::size_t size = 20; size <= 28; ++size) {
    const auto octets = cut(whole, size);
    const auto quote = parse_quote(octets, ip_family::v4);
    CAPTURE(size);
    REQUIRE(quote);
    CHECK(quote->transport.size() == size - 20);
    CHECK(quoted_echo(*quote).has_value() == (size == 28));
  }
}

TEST_CASE("quote: refuses truncation at every length of the header", "[wire][quoted]") {
  const auto whole = quote_v4("icmpv4_time_exceeded_options");
  for (std::size_t size = 0; size < 60; ++size) {
    CAPTURE(size);
    const auto quote = parse_quote(cut(whole, size), ip_family::v4);
    REQUIRE_FALSE(quote);
    CHECK(quote.error() == wire_errc::truncated);
  }
}

TEST_CASE("quote: refuses an IHL below five or past the octets", "[wire][quoted]") {
  auto octets = cut(quote_v4("icmpv4_time_exceeded"), 28);
  octets[0] = std::byte{0x42};
  CHECK(parse_quote(octets, ip_family::v4).error() == wire_errc::bad_length);
  octets[0] = std::byte{0x4f};
  CHECK(parse_quote(octets, ip_family::v4).error() == wire_errc::truncated);
  octets[0] = std::byte{0x47};
  CHECK(parse_quote(octets, ip_family::v4)->transport.empty());
}

TEST_CASE("quote: refuses another family than the outer packet's", "[wire][quoted]") {
  const auto v4 = quote_v4("icmpv4_time_exceeded");
  const auto v6 = quote_v6("icmpv6_time_exceeded");
  CHECK(parse_quote(v4, ip_family::v6).error() == wire_errc::bad_version);
  CHECK(parse_quote(v6, ip_family::v4).error() == wire_errc::bad_version);
  CHECK(parse_quote(v4, ip_family::none).error() == wire_errc::bad_version);
}

TEST_CASE("quote: the stated length takes the zero padding off", "[wire][quoted][rfc4884]") {
  const auto octets = quote_v4("icmp_extension_stated");
  REQUIRE(octets.size() == 128);
  const auto quote = parse_quote(octets, ip_family::v4);
  CHECK(quote->transport.size() == 18);
}

TEST_CASE("quote: a stated length too small to be true takes nothing off", "[wire][quoted]") {
  auto octets = cut(quote_v4("icmpv4_port_unreachable"), 38);
  for (const int length : {0, 18, 20, 27}) {
    store_be16(octets, 2, static_cast<std::uint16_t>(length));
    const auto quote = parse_quote(octets, ip_family::v4);
    REQUIRE(quote);
    CHECK(quote->total_length == static_cast<std::uint32_t>(length));
    CHECK(quote->transport.size() == 18);
  }
}

TEST_CASE("quote: a later fragment has no ports", "[wire][quoted]") {
  auto octets = quote_v4("icmpv4_port_unreachable");
  store_be16(octets, 6, 0x0002);
  const auto quote = parse_quote(octets, ip_family::v4);
  REQUIRE(quote);
  CHECK(quote->fragment_offset == 16);
  CHECK_FALSE(quoted_ports(*quote));
  CHECK_FALSE(quoted_udp(*quote));
  octets[9] = std::byte{ip_protocol::tcp};
  CHECK_FALSE(quoted_tcp_sequence(*parse_quote(octets, ip_family::v4)));
}

TEST_CASE("quote: four octets give the ports, eight the TCP sequence", "[wire][quoted]") {
  const auto whole = from_hex("4500 0028 0001 0000 0106 0000 c0000201 c6336401 9c40 0050 01020304");
  const auto quote = parse_quote(whole, ip_family::v4);
  CHECK(quoted_ports(*quote)->destination == 80);
  CHECK(quoted_tcp_sequence(*quote) == 0x01020304U);
  CHECK_FALSE(quoted_udp(*quote));
  const auto shorter = cut(whole, 27);
  CHECK(quoted_ports(*parse_quote(shorter, ip_family::v4)));
  CHECK_FALSE(quoted_tcp_sequence(*parse_quote(shorter, ip_family::v4)));
  const auto shortest = cut(whole, 23);
  CHECK_FALSE(quoted_ports(*parse_quote(shortest, ip_family::v4)));
}

TEST_CASE("quote: an ICMP error inside is no echo", "[wire][quoted]") {
  auto octets = cut(quote_v4("icmpv4_time_exceeded"), 28);
  octets[20] = std::byte{3};
  CHECK_FALSE(quoted_echo(*parse_quote(octets, ip_family::v4)));
  octets[20] = std::byte{13};
  CHECK(quoted_echo(*parse_quote(octets, ip_family::v4)));
}

TEST_CASE("quote: reads a captured ICMPv6 time exceeded", "[wire][quoted]") {
  const auto octets = quote_v6("icmpv6_time_exceeded");
  const auto quote = parse_quote(octets, ip_family::v6);
  REQUIRE(quote);
  CHECK(quote->family == ip_family::v6);
  CHECK(to_string(quote->source) == "2001:db8:1::1");
  CHECK(to_string(quote->destination) == "2001:db8:2::1");
  CHECK(quote->protocol == ip_protocol::icmpv6);
  CHECK(quote->ttl == 1);
  CHECK(quote->total_length == 104);
  CHECK(quote->header.size() == 40);
  const auto echo = quoted_echo(*quote);
  REQUIRE(echo);
  CHECK(echo->type == 128);
  CHECK(echo->identifier == 0x313a);
  CHECK(echo->sequence == 1);
  CHECK(echo->payload.size() == 56);
}

TEST_CASE("quote: walks the extension headers of a quoted IPv6 packet", "[wire][quoted]") {
  const auto octets = quote_v6("icmpv6_extension_stated");
  const auto quote = parse_quote(octets, ip_family::v6);
  REQUIRE(quote);
  CHECK(quote->protocol == ip_protocol::udp);
  CHECK(quote->header.size() == 48);
  CHECK(quote->transport.size() == 18);
  CHECK(quoted_ports(*quote)->destination == 33434);
}

TEST_CASE("quote: an IPv6 quote cut inside an extension header keeps the addresses", "[wire][quoted]") {
  const auto whole = quote_v6("icmpv6_extension_stated");
  for (std::size_t size = 40; size < 48; ++size) {
    const auto octets = cut(whole, size);
    const auto quote = parse_quote(octets, ip_family::v6);
    CAPTURE(size);
    REQUIRE(quote);
    CHECK(quote->malformed);
    CHECK(to_string(quote->destination) == "2001:db8:2::1");
    CHECK(quote->transport.empty());
    CHECK_FALSE(quoted_ports(*quote));
  }
  for (std::size_t size = 0; size < 40; ++size)
    CHECK(parse_quote(cut(whole, size), ip_family::v6).error() == wire_errc::truncated);
}

TEST_CASE("quote: protocol 58 in IPv4 and protocol 1 in IPv6 are no echo", "[wire][quoted]") {
  auto v4 = cut(quote_v4("icmpv4_time_exceeded"), 28);
  v4[9] = std::byte{ip_protocol::icmpv6};
  v4[20] = std::byte{128};
  CHECK_FALSE(quoted_echo(*parse_quote(v4, ip_family::v4)));
  auto v6 = quote_v6("icmpv6_time_exceeded");
  v6[6] = std::byte{ip_protocol::icmp};
  v6[40] = std::byte{8};
  CHECK_FALSE(quoted_echo(*parse_quote(v6, ip_family::v6)));
}
