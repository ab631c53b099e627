// Rounding without libm, held against libm.
#include "libdiag/core/rounding.hpp"

#include <cmath>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;

TEST_CASE("rounding: agrees with the library on random numbers", "[core][rounding]") {
  seeded_random random{11};
  for (int i = 0; i < 100'000; ++i) {
    const double value = (random.unit() - 0.5) * 1e6;
    REQUIRE(round_to_integer(value) == std::llround(value));
    REQUIRE(floor_to_integer(value) == static_cast<std::int64_t>(std::floor(value)));
    REQUIRE(ceil_to_integer(value) == static_cast<std::int64_t>(std::ceil(value)));
    const double positive = random.unit() * 1e9 + 1e-9;
    REQUIRE(natural_log(positive) == Approx(std::log(positive)).margin(1e-9));
  }
}

TEST_CASE("rounding: whole numbers and halves", "[core][rounding]") {
  CHECK(round_to_integer(0.5) == 1);
  CHECK(round_to_integer(-0.5) == -1);
  CHECK(floor_to_integer(-2.0) == -2);
  CHECK(ceil_to_integer(2.0) == 2);
  CHECK(ceil_to_integer(-2.5) == -2);
}

TEST_CASE("rounding: wraps into a day from either side", "[core][rounding]") {
  CHECK(wrap_into(86'400'001.0, 86'400'000.0) == Approx(1));
  CHECK(wrap_into(-1.0, 86'400'000.0) == Approx(86'399'999));
  CHECK(wrap_into(86'400'000.0, 86'400'000.0) == Approx(0).margin(1e-9));
}

TEST_CASE("rounding: finds the power of ten below a number", "[core][rounding]") {
  for (int exponent = -9; exponent <= 12; ++exponent) {
    const double power = power_of_ten(exponent);
    CHECK(decimal_exponent(power * 1.000001) == exponent);
    CHECK(decimal_exponent(power * 9.9) == exponent);
  }
}
