// ICMPv6: RFC 4443, RFC 4884, RFC 8883.
#include "libdiag/wire/icmpv6.hpp"

#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
byte_view message_in(byte_view frame) {
  return ipv6_view::parse(test::without_ethernet(frame))->payload();
}
const auto replier = *parse_ip("2001:db8:2::1");
const auto asker = *parse_ip("2001:db8:1::1");
}  // namespace

TEST_CASE("icmpv6: reads every field of a known echo reply", "[wire][icmpv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  const auto message = icmpv6_view::parse(message_in(frame));
  REQUIRE(message);
  CHECK(message->type() == icmpv6_type::echo_reply);
  CHECK(message->code() == 0);
  CHECK(message->checksum() == 0x5777);
  CHECK(message->rest() == 0x31380001);
  CHECK(message->identifier() == 0x3138);
  CHECK(message->sequence() == 1);
  CHECK(message->body().size() == 56);
  CHECK_FALSE(message->is_error());
}

TEST_CASE("icmpv6: refuses truncation at every length", "[wire][icmpv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  for (std::size_t size = 0; size < icmpv6_view::header_size; ++size) {
    CAPTURE(size);
    const auto message = icmpv6_view::parse(cut(message_in(frame), size));
    REQUIRE_FALSE(message);
    CHECK(message.error() == wire_errc::truncated);
  }
}

TEST_CASE("icmpv6: the checksum covers the addresses", "[wire][icmpv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  const auto message = icmpv6_view::parse(message_in(frame));
  CHECK(message->verify(replier, asker) == checksum_validity::good);
  CHECK(message->verify(*parse_ip("2001:db8:2::2"), asker) == checksum_validity::bad);
  CHECK(message->verify(ip_address::v4(1), ip_address::v4(2)) == checksum_validity::bad);
  CHECK(message->verify({}, asker) == checksum_validity::unverifiable);
}

TEST_CASE("icmpv6: one wrong octet anywhere makes the checksum bad", "[wire][icmpv6]") {
  const auto frame = test::vector_named("icmpv6_echo_reply");
  for (std::size_t at = 0; at < 64; ++at) {
    auto octets = cut(message_in(frame), 64);
    octets[at] ^= std::byte{0x80};
    CAPTURE(at);
    CHECK(icmpv6_view::parse(octets)->verify(replier, asker) == checksum_validity::bad);
  }
}

TEST_CASE("icmpv6: reads the MTU of a captured packet too big", "[wire][icmpv6]") {
  const auto frame = test::vector_named("icmpv6_packet_too_big");
  const auto message = icmpv6_view::parse(message_in(frame));
  CHECK(message->type() == icmpv6_type::packet_too_big);
  CHECK(message->mtu() == 1400);
  CHECK(message->is_error());
  CHECK(message->original_length() == 0);
}

TEST_CASE("icmpv6: reads the pointer of a parameter problem", "[wire][icmpv6]") {
  const auto octets = from_hex("0401 0000 00000006");
  CHECK(icmpv6_view::parse(octets)->pointer() == 6);
}

TEST_CASE("icmpv6: two types state the length of their quote, in eight octets", "[wire][icmpv6][rfc4884]") {
  for (unsigned type = 0; type < 256; ++type) {
    auto octets = from_hex("0000 0000 10000000");
    store_u8(octets, 0, static_cast<std::uint8_t>(type));
    CAPTURE(type);
    CHECK(icmpv6_view::parse(octets)->original_length() == (type == 1 || type == 3 ? 128U : 0U));
  }
}

TEST_CASE("icmpv6: types below 128 are errors", "[wire][icmpv6]") {
  for (unsigned type = 0; type < 256; ++type)
    CHECK(is_error(icmpv6_type{static_cast<std::uint8_t>(type)}) == (type < 128));
}

TEST_CASE("icmpv6: says every unreachable code in the RFC's words", "[wire][icmpv6]") {
  constexpr const char* words[] = {"no route to destination",
                                   "communication with destination administratively prohibited",
                                   "beyond scope of source address",
                                   "address unreachable",
                                   "port unreachable",
                                   "source address failed ingress/egress policy",
                                   "reject route to destination",
                                   "error in source routing header",
                                   "headers too long"};
  for (std::uint8_t code = 0; code < 9; ++code)
    CHECK(describe(icmpv6_type::destination_unreachable, code) == words[code]);
}

TEST_CASE("icmpv6: says the codes of the other errors", "[wire][icmpv6]") {
  CHECK(describe(icmpv6_type::packet_too_big, 0) == "packet too big");
  CHECK(describe(icmpv6_type::time_exceeded, 0) == "hop limit exceeded in transit");
  CHECK(describe(icmpv6_type::time_exceeded, 1) == "fragment reassembly time exceeded");
  CHECK(describe(icmpv6_type::parameter_problem, 0) == "erroneous header field encountered");
  CHECK(describe(icmpv6_type::parameter_problem, 1) == "unrecognized next header type encountered");
  CHECK(describe(icmpv6_type::parameter_problem, 2) == "unrecognized IPv6 option encountered");
  CHECK(describe(icmpv6_type::parameter_problem, 3) == "first fragment has incomplete IPv6 header chain");
  CHECK(describe(icmpv6_type::parameter_problem, 8) == "too many extension headers");
  CHECK(describe(icmpv6_type::parameter_problem, 10) == "option too big");
  CHECK(describe_full(icmpv6_type::destination_unreachable, 3) ==
        "destination unreachable: address unreachable");
  CHECK(describe_full(icmpv6_type::packet_too_big, 0) == "packet too big");
}

TEST_CASE("icmpv6: shows types and codes without a name", "[wire][icmpv6]") {
  CHECK(describe(icmpv6_type{77}) == "type 77");
  CHECK(describe(icmpv6_type{200}, 3) == "type 200 code 3");
  CHECK(describe(icmpv6_type{200}, 0) == "type 200 code 0");
  CHECK(describe(icmpv6_type::destination_unreachable, 16) == "destination unreachable code 16");
  CHECK(describe(icmpv6_type::packet_too_big, 1) == "packet too big code 1");
  for (unsigned type = 0; type < 256; ++type)
    CHECK_FALSE(describe(icmpv6_type{static_cast<std::uint8_t>(type)}).empty());
}
