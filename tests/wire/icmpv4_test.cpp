// ICMP for IPv4: RFC 792, RFC 1122, RFC 1191, RFC 1812.
#include "libdiag/wire/icmpv4.hpp"

#include "libdiag/wire/ipv4.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
/// The ICMP message inside a captured frame.
byte_view message_in(byte_view frame) {
  return ipv4_view::parse(test::without_ethernet(frame))->payload();
}
}  // namespace

TEST_CASE("icmpv4: reads every field of a known echo reply", "[wire][icmpv4]") {
  const auto frame = test::vector_named("icmpv4_echo_reply");
  const auto message = icmpv4_view::parse(message_in(frame));
  REQUIRE(message);
  CHECK(message->type() == icmpv4_type::echo_reply);
  CHECK(message->code() == 0);
  CHECK(message->checksum() == 0x2f7c);
  CHECK(message->rest() == 0x31370001);
  CHECK(message->identifier() == 0x3137);
  CHECK(message->sequence() == 1);
  CHECK(message->body().size() == 56);
  CHECK_FALSE(message->is_error());
  CHECK(message->verify() == checksum_validity::good);
}

TEST_CASE("icmpv4: refuses truncation at every length", "[wire][icmpv4]") {
  const auto frame = test::vector_named("icmpv4_echo_reply");
  for (std::size_t size = 0; size < icmpv4_view::header_size; ++size) {
    CAPTURE(size);
    const auto message = icmpv4_view::parse(cut(message_in(frame), size));
    REQUIRE_FALSE(message);
    CHECK(message.error() == wire_errc::truncated);
  }
  CHECK(icmpv4_view::parse(cut(message_in(frame), 8))->body().empty());
}

TEST_CASE("icmpv4: one wrong octet anywhere makes the checksum bad", "[wire][icmpv4]") {
  const auto frame = test::vector_named("icmpv4_echo_reply");
  for (std::size_t at = 0; at < 64; ++at) {
    auto octets = cut(message_in(frame), 64);
    octets[at] ^= std::byte{0x01};
    CAPTURE(at);
    CHECK(icmpv4_view::parse(octets)->verify() == checksum_validity::bad);
  }
}

TEST_CASE("icmpv4: a checksum of zero is as bad as any other wrong one", "[wire][icmpv4]") {
  auto octets = cut(message_in(test::vector_named("icmpv4_echo_reply")), 64);
  store_be16(octets, 2, 0);
  CHECK(icmpv4_view::parse(octets)->verify() == checksum_validity::bad);
}

TEST_CASE("icmpv4: reads the next-hop MTU of a captured error", "[wire][icmpv4][rfc1191]") {
  const auto frame = test::vector_named("icmpv4_fragmentation_needed");
  const auto message = icmpv4_view::parse(message_in(frame));
  REQUIRE(message);
  CHECK(message->type() == icmpv4_type::destination_unreachable);
  CHECK(message->code() == 4);
  CHECK(message->next_hop_mtu() == 1400);
  CHECK(message->is_error());
  CHECK(message->verify() == checksum_validity::good);
}

TEST_CASE("icmpv4: reads gateway and pointer", "[wire][icmpv4]") {
  const auto redirect = from_hex("0501 0000 c0000205");
  CHECK(to_string(icmpv4_view::parse(redirect)->gateway()) == "192.0.2.5");
  const auto problem = from_hex("0c00 0000 14000000");
  CHECK(icmpv4_view::parse(problem)->pointer() == 20);
}

TEST_CASE("icmpv4: reads the three times of a timestamp reply, as far as they are there", "[wire][icmpv4]") {
  const auto packet = test::vector_named("icmpv4_timestamp_reply");
  const auto octets = ipv4_view::parse(packet)->payload();
  const auto message = icmpv4_view::parse(octets);
  REQUIRE(message);
  CHECK(message->type() == icmpv4_type::timestamp_reply);
  CHECK(message->originate() == 1000U);
  CHECK(message->receive() == 2000U);
  CHECK(message->transmit() == 2001U);
  const auto shorter = cut(octets, 19);
  CHECK(icmpv4_view::parse(shorter)->receive() == 2000U);
  CHECK_FALSE(icmpv4_view::parse(shorter)->transmit());
  const auto shortest = cut(octets, 11);
  CHECK_FALSE(icmpv4_view::parse(shortest)->originate());
}

TEST_CASE("icmpv4: only three types state the length of their quote", "[wire][icmpv4][rfc4884]") {
  for (unsigned type = 0; type < 256; ++type) {
    auto octets = from_hex("0000 0000 00200000");
    store_u8(octets, 0, static_cast<std::uint8_t>(type));
    CAPTURE(type);
    CHECK(icmpv4_view::parse(octets)->original_length() ==
          (type == 3 || type == 11 || type == 12 ? 128U : 0U));
  }
}

TEST_CASE("icmpv4: says every unreachable code in the RFC's words", "[wire][icmpv4]") {
  constexpr const char* words[] = {"net unreachable",
                                   "host unreachable",
                                   "protocol unreachable",
                                   "port unreachable",
                                   "fragmentation needed and DF set",
                                   "source route failed",
                                   "destination network unknown",
                                   "destination host unknown",
                                   "source host isolated",
                                   "communication with destination network administratively prohibited",
                                   "communication with destination host administratively prohibited",
                                   "network unreachable for type of service",
                                   "host unreachable for type of service",
                                   "communication administratively prohibited",
                                   "host precedence violation",
                                   "precedence cutoff in effect"};
  for (std::uint8_t code = 0; code < 16; ++code)
    CHECK(describe(icmpv4_type::destination_unreachable, code) == words[code]);
}

TEST_CASE("icmpv4: says the codes of the other errors", "[wire][icmpv4]") {
  CHECK(describe(icmpv4_type::time_exceeded, 0) == "time to live exceeded in transit");
  CHECK(describe(icmpv4_type::time_exceeded, 1) == "fragment reassembly time exceeded");
  CHECK(describe(icmpv4_type::redirect, 0) == "redirect datagrams for the network");
  CHECK(describe(icmpv4_type::redirect, 1) == "redirect datagrams for the host");
  CHECK(describe(icmpv4_type::redirect, 2) == "redirect datagrams for the type of service and network");
  CHECK(describe(icmpv4_type::redirect, 3) == "redirect datagrams for the type of service and host");
  CHECK(describe(icmpv4_type::parameter_problem, 0) == "pointer indicates the error");
  CHECK(describe(icmpv4_type::parameter_problem, 1) == "missing a required option");
  CHECK(describe(icmpv4_type::parameter_problem, 2) == "bad length");
  CHECK(describe(icmpv4_type::source_quench, 0) == "source quench");
  CHECK(describe(icmpv4_type::echo_reply, 0) == "echo reply");
  CHECK(describe(icmpv4_type::extended_echo_reply, 2) == "no such interface");
}

TEST_CASE("icmpv4: shows types and codes without a name", "[wire][icmpv4]") {
  CHECK(describe(icmpv4_type{77}) == "type 77");
  CHECK(describe(icmpv4_type{77}, 3) == "type 77 code 3");
  CHECK(describe(icmpv4_type{77}, 0) == "type 77 code 0");
  CHECK(describe(icmpv4_type::destination_unreachable, 16) == "destination unreachable code 16");
  CHECK(describe(icmpv4_type::echo_request, 5) == "echo request code 5");
  CHECK(describe_full(icmpv4_type::destination_unreachable, 1) ==
        "destination unreachable: host unreachable");
  CHECK(describe_full(icmpv4_type::destination_unreachable, 16) == "destination unreachable code 16");
  CHECK(describe_full(icmpv4_type::echo_reply, 0) == "echo reply");
}

TEST_CASE("icmpv4: every type has some description, five of them are errors", "[wire][icmpv4]") {
  int errors = 0;
  for (unsigned type = 0; type < 256; ++type) {
    const auto value = icmpv4_type{static_cast<std::uint8_t>(type)};
    CHECK_FALSE(describe(value).empty());
    errors += is_error(value) ? 1 : 0;
  }
  CHECK(errors == 5);
  CHECK(is_error(icmpv4_type::source_quench));
  CHECK_FALSE(is_error(icmpv4_type::timestamp_reply));
}
