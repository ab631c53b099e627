// The clock without a now().
#include "libdiag/core/time.hpp"

#include "tests/catch.hpp"

namespace {

template <class Clock>
constexpr bool can_be_read = requires {
  Clock::now();
};

}  // namespace

TEST_CASE("time: the machines' clock cannot be read", "[core][time]") {
  STATIC_REQUIRE_FALSE(can_be_read<diag::mono_clock>);
  STATIC_REQUIRE(can_be_read<std::chrono::steady_clock>);
}

TEST_CASE("time: milliseconds and seconds keep the nanoseconds", "[core][time]") {
  using namespace std::chrono_literals;
  CHECK(diag::milliseconds(1234567ns) == Approx(1.234567).epsilon(1e-15));
  CHECK(diag::milliseconds(-1500us) == Approx(-1.5));
  CHECK(diag::seconds(250ms) == Approx(0.25));
}
