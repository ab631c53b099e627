// IP peeled off: what is read, what is refused, whose word is taken for the checksum.
#include "libdiag/probe/ip_reader.hpp"

#include "libdiag/craft/frame.hpp"
#include "libdiag/probe/segment_reader.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

const auto here = *parse_ip("192.0.2.1");
const auto there = *parse_ip("192.0.2.80");

std::vector<std::byte> segment_from_there(craft::tcp_fields fields = {.source_port = 80, .flags = 0x12}) {
  return *craft::build_frame(
      {craft::ipv4_fields{.ttl = 61, .identification = 7, .source = there, .destination = here}, fields});
}

arrival arrived(byte_view octets, framing form = framing::ipv4_packet) {
  arrival packet;
  packet.form = form;
  packet.bytes = octets;
  packet.wire_size = octets.size();
  return packet;
}

}  // namespace

TEST_CASE("ip reader: the header's word, protocol and octets", "[probe][ip]") {
  const auto octets = segment_from_there();
  const auto ip = read_ip(arrived(octets));
  REQUIRE(ip.has_value());
  CHECK(ip->from == there);
  CHECK(ip->to == here);
  CHECK(ip->protocol == 6);
  CHECK(ip->hop_limit == std::uint8_t{61});
  CHECK(ip->identification == std::uint16_t{7});
  CHECK(ip->octets.size() == 20);
  CHECK_FALSE(ip->cut());
}

TEST_CASE("ip reader: a segment without a header takes the socket's word", "[probe][ip]") {
  const auto octets = segment_from_there();
  auto packet = arrived(byte_view{octets}.subspan(20), framing::tcp_segment);
  packet.source = *parse_ip("2001:db8::80");
  packet.hop_limit = 5;
  const auto ip = read_ip(packet);
  REQUIRE(ip.has_value());
  CHECK(ip->family == ip_family::v6);
  CHECK(ip->protocol == 6);
  CHECK(ip->hop_limit == std::uint8_t{5});
  CHECK_FALSE(ip->identification.has_value());
}

TEST_CASE("ip reader: a length that lies is refused, one that we cut is not", "[probe][ip]") {
  const auto octets = segment_from_there();
  auto packet = arrived(byte_view{octets}.first(30));
  CHECK_FALSE(read_ip(packet).has_value());
  packet.wire_size = octets.size();
  const auto ip = read_ip(packet);
  REQUIRE(ip.has_value());
  CHECK(ip->cut());
  for (std::size_t size = 0; size < 20; ++size)
    CHECK_FALSE(read_ip(arrived(byte_view{octets}.first(size))).has_value());
}

TEST_CASE("ip reader: checksums good, bad, left to a device, and taken on trust", "[probe][ip]") {
  const auto verdict = [](byte_view octets, checksum_trust trust = checksum_trust::verify) {
    auto packet = arrived(octets);
    packet.checksum = trust;
    return judge_checksum(packet, *read_ip(packet), 16);
  };
  const auto good = segment_from_there();
  CHECK(verdict(good) == checksum_verdict::good);
  const auto bad = segment_from_there({.source_port = 80, .flags = 0x12, .checksum = std::uint16_t{0x1234}});
  CHECK(verdict(bad) == checksum_verdict::bad);
  CHECK(verdict(bad, checksum_trust::verified) == checksum_verdict::good);
  CHECK(verdict(bad, checksum_trust::unfinished) == checksum_verdict::unknown);
  auto cut = arrived(byte_view{good}.first(38));
  cut.wire_size = good.size();
  CHECK(judge_checksum(cut, *read_ip(cut), 16) == checksum_verdict::unknown);
}

TEST_CASE("segment reader: another protocol, a short header", "[probe][tcp]") {
  auto other = segment_from_there();
  other[9] = std::byte{17};
  // The header checksum is not this reader's business.
  const auto wrong = read_segment(arrived(other));
  REQUIRE(std::holds_alternative<segment_unreadable>(wrong));
  CHECK(std::get<segment_unreadable>(wrong).why == reject_reason::bad_ip_header);
  auto cut = segment_from_there();
  cut.resize(33);
  store_be16(cut, 2, 33);
  const auto cut_short = read_segment(arrived(cut));
  REQUIRE(std::holds_alternative<segment_unreadable>(cut_short));
  CHECK(std::get<segment_unreadable>(cut_short).why == reject_reason::bad_tcp_header);
}
