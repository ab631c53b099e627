// The patched echo request beside the one that is built whole.
#include "libdiag/craft/echo_template.hpp"

#include "libdiag/core/checksum.hpp"
#include "libdiag/core/hex.hpp"
#include "libdiag/core/random.hpp"
#include "libdiag/craft/frame.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using craft::echo_template;

std::vector<std::byte> copy(byte_view octets) {
  return {octets.begin(), octets.end()};
}

std::vector<std::byte> tagged_payload(std::size_t size, std::uint64_t tag) {
  std::vector<std::byte> payload(std::max<std::size_t>(size, 8));
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i & 0xff);
  store_be64(payload, 0, tag);
  payload.resize(size);
  return payload;
}

}  // namespace

TEST_CASE("echo_template: is byte for byte the request that a whole build gives", "[craft][echo_template]") {
  seeded_random random{1};
  for (std::size_t size = 0; size < 70; ++size) {
    echo_template v4{ip_family::v4, size};
    for (int round = 0; round < 20; ++round) {
      const auto id = static_cast<std::uint16_t>(random());
      const auto seq = static_cast<std::uint16_t>(random());
      const auto tag = random();
      const auto payload = tagged_payload(size, tag);
      const auto whole = craft::build_frame(
          {craft::icmpv4_fields{.identifier = id, .sequence = seq}, craft::payload_fields{payload}});
      REQUIRE(hex_text(v4.stamp(id, seq, tag)) == hex_text(*whole));
      REQUIRE(internet_checksum(v4.stamp(id, seq, tag)) == 0);
    }
  }
}

TEST_CASE("echo_template: the checksum holds where the sum wraps", "[craft][echo_template]") {
  echo_template v4{ip_family::v4, 56};
  for (const std::uint64_t tag :
       {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0xffff}, std::uint64_t{1} << 63})
    for (unsigned seq = 0; seq < 0x10000; seq += 13) {
      REQUIRE(internet_checksum(v4.stamp(0xffff, static_cast<std::uint16_t>(seq), tag)) == 0);
      REQUIRE(internet_checksum(v4.stamp(static_cast<std::uint16_t>(seq), 0, tag)) == 0);
    }
}

TEST_CASE("echo_template: stamping again leaves nothing of the stamp before", "[craft][echo_template]") {
  echo_template used{ip_family::v4, 56};
  echo_template fresh{ip_family::v4, 56};
  used.stamp(0xffff, 0xffff, ~std::uint64_t{0});
  CHECK(copy(used.stamp(1, 2, 3)) == copy(fresh.stamp(1, 2, 3)));
}

TEST_CASE("echo_template: a short payload keeps the high octets of the tag", "[craft][echo_template]") {
  echo_template v4{ip_family::v4, 3};
  CHECK(hex_text(v4.stamp(0x1234, 0x5678, 0xa1a2a3a4a5a6a7a8).subspan(4)) == "12345678a1a2a3");
  echo_template empty{ip_family::v6, 0};
  CHECK(hex_text(empty.stamp(0x1234, 0x5678, 0xa1a2a3a4a5a6a7a8)) == "8000000012345678");
}

TEST_CASE("echo_template: the payload is the tag and the pattern", "[craft][echo_template]") {
  echo_template counting{ip_family::v4, 12};
  counting.stamp(0, 0, 0);
  CHECK(hex_text(counting.payload()) == "000000000000000008090a0b");
  const auto pattern = parse_hex("deadbe").value();
  echo_template repeated{ip_family::v4, 12, pattern};
  repeated.stamp(0, 0, 1);
  CHECK(hex_text(repeated.payload()) == "0000000000000001bedeadbe");
  echo_template wide{ip_family::v4, 300};
  CHECK(wide.payload()[256 + 9] == std::byte{9});
}

TEST_CASE("echo_template: an IPv6 request leaves the checksum to the kernel", "[craft][echo_template]") {
  echo_template v6{ip_family::v6, 16};
  CHECK(v6.family() == ip_family::v6);
  CHECK(hex_text(v6.stamp(0x0102, 0x0304, 0x1122334455667788)) ==
        "800000000102030411223344556677880809"
        "0a0b0c0d0e0f");
}

TEST_CASE("echo_template: with addresses an IPv6 request has its whole checksum", "[craft][echo_template]") {
  const auto source = parse_ip("2001:db8::1").value();
  const auto destination = parse_ip("2001:db8::2").value();
  seeded_random random{2};
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 56u, 1400u}) {
    echo_template v6{ip_family::v6, size};
    for (int round = 0; round < 50; ++round) {
      const auto message = v6.stamp(static_cast<std::uint16_t>(random()),
                                    static_cast<std::uint16_t>(random()), random(), source, destination);
      REQUIRE(checksum_sum{}
                  .add_pseudo_header(source, destination, 58, static_cast<std::uint32_t>(message.size()))
                  .add(message)
                  .finish() == 0);
    }
    CHECK(load_be16(v6.stamp(1, 1, 1), 2) == 0);
  }
}

TEST_CASE("echo_template: the largest IPv4 echo fits", "[craft][echo_template]") {
  echo_template v4{ip_family::v4, 65507};
  CHECK(v4.stamp(1, 2, 3).size() == 65515);
  CHECK(internet_checksum(v4.stamp(1, 2, 3)) == 0);
}

TEST_CASE("timestamp_request: carries the time in its originate field", "[craft][echo_template]") {
  const auto message = craft::timestamp_request(0xabcd, 0x0102, 0x02345678);
  CHECK(hex_text(byte_view{message}.first(2)) == "0d00");
  CHECK(hex_text(byte_view{message}.subspan(4)) == "abcd0102023456780000000000000000");
  CHECK(internet_checksum(message) == 0);
}
