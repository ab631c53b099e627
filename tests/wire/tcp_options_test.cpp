// TCP options: RFC 9293 §3.2, RFC 7323, RFC 2018, RFC 7413.
#include "libdiag/wire/tcp_options.hpp"

#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/tcp.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;

namespace {
tcp_option_summary summary_of(const char* text) {
  return summarize_tcp_options(from_hex(text));
}
}  // namespace

TEST_CASE("tcp options: reads every option of a known segment", "[wire][tcp]") {
  const auto frame = test::vector_named("tcp_all_options");
  const auto packet = ipv4_view::parse(test::without_ethernet(frame));
  const auto summary = summarize_tcp_options(tcp_view::parse(packet->payload())->options());
  CHECK(summary.maximum_segment_size == std::uint16_t{1460});
  CHECK(summary.window_scale == std::uint8_t{8});
  CHECK(summary.sack_permitted);
  REQUIRE(summary.timestamps);
  CHECK(summary.timestamps->value == 0x11223344);
  CHECK(summary.timestamps->echo_reply == 0x55667788);
  REQUIRE(summary.fast_open_cookie);
  CHECK(hex_text(*summary.fast_open_cookie) == "aabbccdd");
  REQUIRE(summary.sack().size() == 1);
  CHECK(summary.sack()[0].left == 1);
  CHECK(summary.sack()[0].right == 2);
  CHECK(summary.unknown_count == 1);
  CHECK_FALSE(summary.malformed);
}

TEST_CASE("tcp options: reads those of a captured SYN-ACK", "[wire][tcp]") {
  const auto frame = test::vector_named("tcp_syn_ack");
  const auto packet = ipv4_view::parse(test::without_ethernet(frame));
  const auto summary = summarize_tcp_options(tcp_view::parse(packet->payload())->options());
  CHECK(summary.maximum_segment_size == std::uint16_t{1360});
  CHECK(summary.window_scale == std::uint8_t{10});
  CHECK(summary.sack_permitted);
  CHECK(summary.timestamps->value == 0xa2073a7e);
  CHECK_FALSE(summary.fast_open_cookie);
  CHECK(summary.unknown_count == 0);
  CHECK_FALSE(summary.malformed);
}

TEST_CASE("tcp options: a length of 0, 1 or past the end stops the walk", "[wire][tcp]") {
  for (const auto* text : {"02 00 05b4", "02 01 05b4", "02 05 05b4", "02 ff", "02"}) {
    CAPTURE(text);
    const auto octets = from_hex(text);
    tcp_options walk{octets};
    CHECK_FALSE(walk.next());
    CHECK(walk.malformed());
    CHECK_FALSE(walk.next());
    CHECK(summarize_tcp_options(octets).malformed);
  }
}

TEST_CASE("tcp options: what comes before a malformed one is kept", "[wire][tcp]") {
  const auto summary = summary_of("020405b4 0300");
  CHECK(summary.maximum_segment_size == std::uint16_t{1460});
  CHECK_FALSE(summary.window_scale);
  CHECK(summary.malformed);
}

TEST_CASE("tcp options: nothing is read behind the end of the list", "[wire][tcp]") {
  const auto summary = summary_of("01 00 020405b4");
  CHECK_FALSE(summary.maximum_segment_size);
  CHECK_FALSE(summary.malformed);
}

TEST_CASE("tcp options: a wrong length for the kind is malformed and not read", "[wire][tcp]") {
  CHECK(summary_of("0203ff 01").malformed);
  CHECK_FALSE(summary_of("0203ff 01").maximum_segment_size);
  CHECK(summary_of("030405 06").malformed);
  CHECK(summary_of("0403ff").malformed);
  CHECK_FALSE(summary_of("0403ff").sack_permitted);
  CHECK(summary_of("0809 11223344556677").malformed);
  CHECK(summary_of("0502").malformed);
  CHECK(summary_of("0509 11223344556677").malformed);
  CHECK(summary_of("2205 aabbcc").malformed);
  CHECK(summary_of("2207 aabbccddee").malformed);
  // The walk goes on behind it.
  CHECK(summary_of("0203ff 0402").sack_permitted);
}

TEST_CASE("tcp options: an empty fast open option asks for a cookie", "[wire][tcp][rfc7413]") {
  const auto summary = summary_of("2202");
  REQUIRE(summary.fast_open_cookie);
  CHECK(summary.fast_open_cookie->empty());
  CHECK_FALSE(summary.malformed);
}

TEST_CASE("tcp options: more SACK blocks than forty octets hold are malformed", "[wire][tcp]") {
  std::string text = "052a";
  for (int i = 0; i < 5; ++i) text += "0000000100000002";
  const auto octets = from_hex(text);
  const auto summary = summarize_tcp_options(octets);
  CHECK(summary.sack().size() == tcp_option_summary::max_sack_blocks);
  CHECK(summary.malformed);
}

TEST_CASE("tcp options: the first of two counts", "[wire][tcp]") {
  CHECK(summary_of("020405b4 02040218").maximum_segment_size == std::uint16_t{1460});
  CHECK(summary_of("030307 030309").window_scale == std::uint8_t{7});
}

TEST_CASE("tcp options: shows kinds without a name", "[wire][tcp]") {
  CHECK(describe(tcp_option_kind::maximum_segment_size) == "maximum segment size");
  CHECK(describe(tcp_option_kind::fast_open) == "fast open");
  CHECK(describe(tcp_option_kind{77}) == "option 77");
  for (unsigned kind = 0; kind < 256; ++kind)
    CHECK_FALSE(describe(tcp_option_kind{static_cast<std::uint8_t>(kind)}).empty());
}
