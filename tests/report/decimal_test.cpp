// Plain decimals: exact, shortest, never an exponent.
#include "libdiag/report/decimal.hpp"

#include <charconv>
#include <limits>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

std::string elapsed_text(duration elapsed, int digits) {
  std::string out;
  append_elapsed(out, elapsed, digits);
  return out;
}

std::string real_text(double number) {
  std::string out;
  append_real(out, number);
  return out;
}

}  // namespace

TEST_CASE("decimal: prints a duration exactly in its unit", "[report][decimal]") {
  CHECK(elapsed_text(41'123ns, in_milliseconds) == "0.041123");
  CHECK(elapsed_text(1ns, in_milliseconds) == "0.000001");
  CHECK(elapsed_text(1ns, in_seconds) == "0.000000001");
  CHECK(elapsed_text(0ns, in_milliseconds) == "0");
  CHECK(elapsed_text(10ms, in_milliseconds) == "10");
  CHECK(elapsed_text(1'500'100us, in_seconds) == "1.5001");
  CHECK(elapsed_text(-41'120ns, in_milliseconds) == "-0.04112");
  CHECK(elapsed_text(duration::max(), in_seconds) == "9223372036.854775807");
  CHECK(elapsed_text(duration::min(), in_milliseconds) == "-9223372036854.775808");
}

TEST_CASE("decimal: prints a real without an exponent", "[report][decimal]") {
  CHECK(real_text(0) == "0");
  CHECK(real_text(12.5) == "12.5");
  CHECK(real_text(1e-9) == "0.000000001");
  CHECK(real_text(1e21) == "1000000000000000000000");
  for (const double edge : {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min()})
    CHECK(real_text(edge).find_first_not_of("0123456789.") == std::string::npos);
}

TEST_CASE("decimal: a real reads back as itself", "[report][decimal]") {
  seeded_random random{11};
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.unit() * 100;
    const auto text = real_text(number);
    double back = -1;
    std::from_chars(text.data(), text.data() + text.size(), back);
    REQUIRE(back == number);
  }
}
