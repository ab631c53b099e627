// TCP header: RFC 9293 §3.1.
#include "libdiag/wire/tcp.hpp"

#include "libdiag/wire/ipv4.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
struct segment {
  explicit segment(const std::string& name) : frame{test::vector_named(name)} {}
  [[nodiscard]] ipv4_view packet() const { return *ipv4_view::parse(test::without_ethernet(frame)); }
  [[nodiscard]] tcp_view tcp() const { return *tcp_view::parse(packet().payload()); }
  [[nodiscard]] checksum_validity verify() const {
    return tcp().verify(packet().source(), packet().destination());
  }
  test::octets frame;
};
}  // namespace

TEST_CASE("tcp: reads every field of a known segment", "[wire][tcp]") {
  const segment known{"tcp_all_options"};
  const auto tcp = known.tcp();
  CHECK(tcp.source_port() == 80);
  CHECK(tcp.destination_port() == 40000);
  CHECK(tcp.sequence() == 0x01020304);
  CHECK(tcp.acknowledgment() == 0x0a0b0c0d);
  CHECK(tcp.data_offset() == 15);
  CHECK(tcp.header_size() == 60);
  CHECK(tcp.flags() == (tcp_flag::ae | tcp_flag::ack | tcp_flag::syn));
  CHECK(tcp.has(tcp_flag::ack | tcp_flag::syn));
  CHECK_FALSE(tcp.has(tcp_flag::ack | tcp_flag::fin));
  CHECK(tcp.window() == 65535);
  CHECK(tcp.urgent_pointer() == 7);
  CHECK(tcp.options().size() == 40);
  CHECK(test::text_of(tcp.payload()) == "hi");
  CHECK(known.verify() == checksum_validity::good);
}

TEST_CASE("tcp: refuses truncation at every length of the header", "[wire][tcp]") {
  const segment known{"tcp_all_options"};
  for (std::size_t size = 0; size < 60; ++size) {
    CAPTURE(size);
    const auto tcp = tcp_view::parse(cut(known.packet().payload(), size));
    REQUIRE_FALSE(tcp);
    CHECK(tcp.error() == wire_errc::truncated);
  }
  const auto header = cut(known.packet().payload(), 60);
  CHECK(tcp_view::parse(header)->payload().empty());
}

TEST_CASE("tcp: refuses a data offset below five", "[wire][tcp]") {
  auto octets = cut(segment{"tcp_reset"}.packet().payload(), 20);
  for (const unsigned offset : {0U, 1U, 4U}) {
    octets[12] = std::byte(offset << 4);
    CHECK(tcp_view::parse(octets).error() == wire_errc::bad_length);
  }
}

TEST_CASE("tcp: refuses a data offset past the octets", "[wire][tcp]") {
  auto octets = cut(segment{"tcp_reset"}.packet().payload(), 20);
  octets[12] = std::byte{0xf0};
  CHECK(tcp_view::parse(octets).error() == wire_errc::truncated);
}

TEST_CASE("tcp: verifies captured segments", "[wire][tcp]") {
  CHECK(segment{"tcp_reset"}.verify() == checksum_validity::good);
  CHECK(segment{"tcp_syn_unfinished"}.verify() == checksum_validity::unfinished);
  CHECK(segment{"tcp_syn_ack"}.verify() == checksum_validity::unfinished);
  CHECK(segment{"tcp_data"}.verify() == checksum_validity::unfinished);
}

TEST_CASE("tcp: a wrong octet makes the checksum bad", "[wire][tcp]") {
  segment known{"tcp_reset"};
  known.frame[14 + 20 + 4] ^= std::byte{1};
  CHECK(known.verify() == checksum_validity::bad);
}

TEST_CASE("tcp: names the flags, and shows the reserved ones", "[wire][tcp]") {
  CHECK(describe_tcp_flags(0) == "none");
  CHECK(describe_tcp_flags(tcp_flag::syn) == "SYN");
  CHECK(describe_tcp_flags(tcp_flag::syn | tcp_flag::ack) == "SYN,ACK");
  CHECK(describe_tcp_flags(0x1ff) == "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR,AE");
  CHECK(describe_tcp_flags(0xe00) == "0xe00");
  CHECK(describe_tcp_flags(0x802) == "SYN,0x800");
}
