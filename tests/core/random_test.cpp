// SplitMix64 against its published sequence, SipHash-2-4 against the vectors of its authors.
#include "libdiag/core/random.hpp"

#include <array>

#include "tests/catch.hpp"

namespace {

/// The key of the published vectors: octets 00 01 ... 0f.
constexpr diag::hash_key vector_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

}  // namespace

TEST_CASE("random: draws the published SplitMix64 sequence", "[core][random]") {
  diag::seeded_random random{1234567};
  CHECK(random() == 6457827717110365317u);
  CHECK(random() == 3203168211198807973u);
  CHECK(random() == 9817491932198370423u);
  CHECK(random() == 4593380528125082431u);
  CHECK(random() == 16408922859458223821u);
}

TEST_CASE("random: below stays below and reaches everything", "[core][random]") {
  diag::seeded_random random{5};
  CHECK(random.below(0) == 0);
  CHECK(random.below(1) == 0);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) {
    const auto drawn = random.below(6);
    REQUIRE(drawn < 6);
    ++seen[drawn];
  }
  for (const int count : seen) CHECK(count > 850);
  constexpr auto most = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 200; ++i) REQUIRE(random.below(most) < most);
}

TEST_CASE("random: unit lies in [0, 1) and is spread over it", "[core][random]") {
  diag::seeded_random random{6};
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto drawn = random.unit();
    REQUIRE(drawn >= 0);
    REQUIRE(drawn < 1);
    sum += drawn;
  }
  CHECK(sum / 10000 == Approx(0.5).margin(0.02));
}

TEST_CASE("random: the keyed hash is SipHash-2-4", "[core][random]") {
  CHECK(diag::keyed_hash(vector_key, {}) == 0x726fdb47dd0e0e31);
  CHECK(diag::keyed_hash(vector_key, {0x0706050403020100}) == 0x93f5f5799a932462);
  CHECK(diag::keyed_hash(vector_key, {0x0706050403020100, 0x0f0e0d0c0b0a0908}) == 0x3f2acc7f57c29bdb);
}

TEST_CASE("random: the keyed hash depends on the key and on every word's place", "[core][random]") {
  diag::seeded_random random{8};
  const auto key = diag::make_hash_key(random);
  CHECK(key[0] != key[1]);
  CHECK(diag::keyed_hash(key, {1, 2}) != diag::keyed_hash(key, {2, 1}));
  CHECK(diag::keyed_hash(key, {1}) != diag::keyed_hash(key, {1, 0}));
  CHECK(diag::keyed_hash(key, {1}) != diag::keyed_hash(vector_key, {1}));
}
