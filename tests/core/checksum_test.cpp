// The Internet checksum against the worked examples of RFC 1071 §3 and RFC 1624 §4, and a slow sum.
#include "libdiag/core/checksum.hpp"

#include <cstdint>
#include <vector>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

namespace {

std::vector<std::byte> octets(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

std::uint16_t slow_checksum(diag::byte_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint32_t octet = diag::load_u8(bytes, i);
    sum += i % 2 == 0 ? octet << 8 : octet;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::byte> random_octets(diag::seeded_random& random, std::size_t size) {
  std::vector<std::byte> out(size);
  for (auto& octet : out) octet = static_cast<std::byte>(random() & 0xff);
  return out;
}

}  // namespace

TEST_CASE("checksum: agrees with the example of RFC 1071 section 3", "[core][checksum]") {
  const auto data = octets({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7});
  CHECK(diag::checksum_sum{}.add(data).folded() == 0xddf2);
  CHECK(diag::internet_checksum(data) == 0x220d);
}

TEST_CASE("checksum: of nothing is all ones and of zeros too", "[core][checksum]") {
  CHECK(diag::internet_checksum({}) == 0xffff);
  CHECK(diag::internet_checksum(std::vector<std::byte>(40)) == 0xffff);
}

TEST_CASE("checksum: agrees with a slow sum at every length and alignment", "[core][checksum]") {
  diag::seeded_random random{7};
  const auto data = random_octets(random, 300);
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t size = 0; from + size <= data.size(); ++size) {
      const auto part = diag::byte_view{data}.subspan(from, size);
      REQUIRE(diag::internet_checksum(part) == slow_checksum(part));
    }
}

TEST_CASE("checksum: carries out of all ones are not lost", "[core][checksum]") {
  std::vector<std::byte> ones(65535, std::byte{0xff});
  CHECK(diag::internet_checksum(ones) == slow_checksum(ones));
  ones.push_back(std::byte{0xff});
  CHECK(diag::internet_checksum(ones) == 0);
}

TEST_CASE("checksum: pieces of odd length give the sum of the whole", "[core][checksum]") {
  diag::seeded_random random{11};
  for (int round = 0; round < 2000; ++round) {
    const auto data = random_octets(random, 1 + random.below(90));
    diag::checksum_sum sum;
    for (std::size_t at = 0; at < data.size();) {
      const auto size = std::min<std::size_t>(random.below(12), data.size() - at);
      sum.add(diag::byte_view{data}.subspan(at, size));
      at += size;
    }
    REQUIRE(sum.finish() == slow_checksum(data));
  }
}

TEST_CASE("checksum: a field added after an odd piece sits in the middle of a word", "[core][checksum]") {
  const auto whole = octets({0x01, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc});
  const auto sum =
      diag::checksum_sum{}.add(diag::byte_view{whole}.first(1)).add16(0x1234).add32(0x56789abc).finish();
  CHECK(sum == slow_checksum(whole));
}

TEST_CASE("checksum: is zero over octets that hold their own checksum", "[core][checksum]") {
  diag::seeded_random random{13};
  for (int round = 0; round < 1000; ++round) {
    auto data = random_octets(random, 20);
    diag::store_be16(data, 10, 0);
    diag::store_be16(data, 10, diag::internet_checksum(data));
    REQUIRE(diag::internet_checksum(data) == 0);
    data[3] ^= std::byte{0x10};
    REQUIRE(diag::internet_checksum(data) != 0);
  }
}

TEST_CASE("checksum: the pseudo-header is that of the addresses' family", "[core][checksum]") {
  const auto v4 = octets({192, 0, 2, 1, 198, 51, 100, 2, 0, 17, 0x12, 0x34});
  const auto a4 = diag::ip_address::from_bytes(diag::byte_view{v4}.first(4));
  const auto b4 = diag::ip_address::from_bytes(diag::byte_view{v4}.subspan(4, 4));
  CHECK(diag::checksum_sum{}.add_pseudo_header(a4, b4, 17, 0x1234).finish() == slow_checksum(v4));

  diag::seeded_random random{17};
  auto v6 = random_octets(random, 32);
  const auto a6 = diag::ip_address::from_bytes(diag::byte_view{v6}.first(16));
  const auto b6 = diag::ip_address::from_bytes(diag::byte_view{v6}.subspan(16, 16));
  for (const int octet : {0x00, 0x01, 0x02, 0x03, 0, 0, 0, 58}) v6.push_back(static_cast<std::byte>(octet));
  CHECK(diag::checksum_sum{}.add_pseudo_header(a6, b6, 58, 0x00010203).finish() == slow_checksum(v6));
}

TEST_CASE("checksum: the incremental update is that of RFC 1624 section 4", "[core][checksum]") {
  // The example that RFC 1141 got wrong: HC 0xDD2F, m 0x5555 -> m' 0x3285 must give 0x0000, not 0xFFFF.
  CHECK(diag::checksum_update(0xdd2f, 0x5555, 0x3285) == 0x0000);
}

TEST_CASE("checksum: the incremental update gives what a full sum gives", "[core][checksum]") {
  diag::seeded_random random{19};
  for (int round = 0; round < 5000; ++round) {
    auto data = random_octets(random, 32);
    diag::store_be16(data, 2, 0);
    const auto before = diag::internet_checksum(data);
    const auto at = 4 + 2 * random.below(14);
    const auto word = static_cast<std::uint16_t>(random());
    const auto updated = diag::checksum_update(before, diag::load_be16(data, at), word);
    diag::store_be16(data, at, word);
    REQUIRE(updated == diag::internet_checksum(data));
  }
}
