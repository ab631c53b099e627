// Checksum verification: RFC 1071, pseudo-headers, and what offloading hosts leave behind.
#include "libdiag/wire/checksum.hpp"

#include "libdiag/wire/ip_protocol.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;

namespace {
const auto left = ip_address::v4(0xC0000201);
const auto right = ip_address::v4(0xC0000202);
// Pseudo-header: c000+0201+c000+0202+0011+000c = 8421 carried (0x18420 + 1). Words: 0001+0002+000c+6162+6364.
const auto datagram = from_hex("0001 0002 000c b708 6162 6364");
pseudo_header around(std::uint32_t length) {
  return {.source = left, .destination = right, .protocol = ip_protocol::udp, .length = length};
}
}  // namespace

TEST_CASE("checksum: a header that sums to all ones is good", "[wire][checksum]") {
  // The example header of many textbooks: 45 00 00 73 00 00 40 00 40 11 b8 61 c0 a8 00 01 c0 a8 00 c7.
  auto header = from_hex("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7");
  CHECK(verify_alone(header) == checksum_validity::good);
  header[1] = std::byte{1};
  CHECK(verify_alone(header) == checksum_validity::bad);
}

TEST_CASE("checksum: nothing but zeros is bad, and so is nothing", "[wire][checksum]") {
  CHECK(verify_alone(from_hex("0000 0000 0000 0000")) == checksum_validity::bad);
  CHECK(verify_alone({}) == checksum_validity::bad);
}

TEST_CASE("checksum: every single wrong octet is noticed", "[wire][checksum]") {
  REQUIRE(verify_with(around(12), datagram, 6) == checksum_validity::good);
  for (std::size_t at = 0; at < datagram.size(); ++at) {
    auto wrong = datagram;
    wrong[at] ^= std::byte{0x10};
    CAPTURE(at);
    CHECK(verify_with(around(12), wrong, 6) == checksum_validity::bad);
  }
}

TEST_CASE("checksum: the sum of the pseudo-header alone is unfinished, not bad", "[wire][checksum]") {
  auto offloaded = datagram;
  store_be16(offloaded, 6, 0x8421);
  CHECK(verify_with(around(12), offloaded, 6) == checksum_validity::unfinished);
  store_be16(offloaded, 6, 0x8422);
  CHECK(verify_with(around(12), offloaded, 6) == checksum_validity::bad);
}

TEST_CASE("checksum: cannot be verified when octets or addresses are missing", "[wire][checksum]") {
  CHECK(verify_with(around(13), datagram, 6) == checksum_validity::unverifiable);
  CHECK(verify_with(around(11), datagram, 6) == checksum_validity::unverifiable);
  CHECK(verify_with(around(12), datagram, 11) == checksum_validity::unverifiable);
  auto nowhere = around(12);
  nowhere.source = {};
  CHECK(verify_with(nowhere, datagram, 6) == checksum_validity::unverifiable);
  auto mixed = around(12);
  mixed.source = *parse_ip("2001:db8::1");
  CHECK(verify_with(mixed, datagram, 6) == checksum_validity::unverifiable);
}

TEST_CASE("checksum: every validity has a word of its own", "[wire][checksum]") {
  CHECK(describe(checksum_validity::good) == "good");
  CHECK(describe(checksum_validity::bad) == "bad");
  CHECK(describe(checksum_validity::absent) == "absent");
  CHECK(describe(checksum_validity::unfinished) == "unfinished");
  CHECK(describe(checksum_validity::unverifiable) == "unverifiable");
}
