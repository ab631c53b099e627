// DNS in frames: which octets are read as DNS, and the line that says so.
#include "libdiag/wire/dissect.hpp"

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::vector_named;

namespace {

/// A datagram from port 53, or another, in IPv4; no checksums.
test::octets datagram(byte_view payload, std::uint16_t from = 53, std::uint16_t to = 40000) {
  auto octets = from_hex("4500 0000 0000 4000 4011 0000 c0000235 c0000201  0000 0000 0000 0000");
  store_be16(octets, 2, static_cast<std::uint16_t>(28 + payload.size()));
  store_be16(octets, 20, from);
  store_be16(octets, 22, to);
  store_be16(octets, 24, static_cast<std::uint16_t>(8 + payload.size()));
  test::append(octets, payload);
  return octets;
}
/// A segment of port 53 in IPv4.
test::octets segment(byte_view payload) {
  auto octets = from_hex(
      "4500 0000 0000 4000 4006 0000 c0000235 c0000201  0035 9c40 00000001 00000001 5018 0400 0000 0000");
  store_be16(octets, 2, static_cast<std::uint16_t>(40 + payload.size()));
  test::append(octets, payload);
  return octets;
}
test::octets behind_length(byte_view message) {
  test::octets octets(2);
  store_be16(octets, 0, static_cast<std::uint16_t>(message.size()));
  test::append(octets, message);
  return octets;
}

std::string layers_of(byte_view packet) {
  const auto what = dissect(packet, link_type::raw_ip);
  std::string text;
  for (const auto& each : what.layers)
    text += (text.empty() ? "" : " / ") + std::string{each.protocol} + " " + std::to_string(each.offset) +
            "+" + std::to_string(each.size);
  return text;
}
std::string line_of(byte_view octets, link_type first = link_type::raw_ip) {
  const auto line = summary_line(dissect(octets, first));
  return line.protocol + " | " + line.details;
}

const auto answer = test::answer_of(1, "c0000207");

}  // namespace

TEST_CASE("dissect: DNS over UDP and TCP is read in captured frames", "[wire][dissect][dns]") {
  const auto [frame, line] = GENERATE(table<const char*, const char*>({
      {"dns_udp_query", "DNS | 0xdb1a A www.example.org hlim=64"},
      {"dns_udp_answer", "DNS | 0x2a9f A www.example.org -> NOERROR 192.0.2.7 (+2) hlim=64"},
      {"dns_tcp_answer", "DNS | 0x6d0c A www.example.org -> NOERROR 192.0.2.7 (+2) ttl=64"},
  }));
  CAPTURE(frame);
  CHECK(line_of(vector_named(frame), link_type::ethernet) == line);
}

TEST_CASE("dissect: a datagram of port 53 holds one message", "[wire][dissect][dns]") {
  CHECK(layers_of(datagram(answer)) == "IPv4 0+20 / UDP 20+8 / DNS 28+35");
  CHECK(layers_of(datagram(answer, 40000, 53)) == "IPv4 0+20 / UDP 20+8 / DNS 28+35");
  CHECK(layers_of(datagram(answer, 40000, 5353)) == "IPv4 0+20 / UDP 20+8 / data 28+35");
}

TEST_CASE("dissect: what is no DNS on its port stays data", "[wire][dissect][dns]") {
  CHECK(layers_of(datagram(from_hex("0102030405060708090a0b"))) == "IPv4 0+20 / UDP 20+8 / data 28+11");
  // A path probe: its identity and zeros.
  CHECK(layers_of(datagram(from_hex("1234 0000 0000 0000 0000 0000 0000"))) ==
        "IPv4 0+20 / UDP 20+8 / data 28+14");
  CHECK(layers_of(datagram({})) == "IPv4 0+20 / UDP 20+8");
}

TEST_CASE("dissect: a message of which a part is not here is not called malformed", "[wire][dissect][dns]") {
  auto fragment = datagram(answer);
  store_be16(fragment, 6, 0x2000);  // more fragments
  CHECK(layers_of(fragment) == "IPv4 0+20 / UDP 20+8 / data 28+35");
  const auto whole = datagram(answer);
  CHECK(layers_of(byte_view{whole}.first(60)) == "IPv4 0+20 / UDP 20+8 / data 28+32");
}

TEST_CASE("dissect: a malformed message says where", "[wire][dissect][dns][fault]") {
  CHECK(line_of(datagram(test::answer_of(5, "c01f"))) ==
        "DNS | 0x1a2b A a -> NOERROR CNAME 2 octets [malformed: a compression pointer that does not point "
        "backwards, "
        "octet 31] ttl=64 [bad checksum]");
}

TEST_CASE("dissect: a segment is read as DNS when a whole message begins it", "[wire][dissect][dns]") {
  const auto whole = behind_length(answer);
  CHECK(layers_of(segment(whole)) == "IPv4 0+20 / TCP 20+20 / DNS 42+35");
  auto two = whole;
  test::append(two, whole);
  CHECK(layers_of(segment(two)) == "IPv4 0+20 / TCP 20+20 / DNS 42+35 / data 77+37");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto cut = segment(byte_view{whole}.first(size));
    CHECK(layers_of(cut) == "IPv4 0+20 / TCP 20+20 / data 40+" + std::to_string(size));
  }
  // From the middle of a longer message: its first two octets are no length.
  CHECK(layers_of(segment(from_hex("000e 0335 0601 0003 0002 0001 0001 6161 6161"))) ==
        "IPv4 0+20 / TCP 20+20 / data 40+18");
  CHECK(layers_of(segment({})) == "IPv4 0+20 / TCP 20+20");
}
