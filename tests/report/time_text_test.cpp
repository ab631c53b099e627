// RFC 3339 times.
#include "libdiag/report/time_text.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

TEST_CASE("time_text: prints UTC with nanoseconds", "[report][time]") {
  CHECK(time_text(wall_time{}) == "1970-01-01T00:00:00.000000000Z");
  // Seconds from `date -u -d @N`.
  CHECK(time_text(wall_time{1'795'348'800s + 123'456'789ns}) == "2026-11-22T12:00:00.123456789Z");
  CHECK(time_text(wall_time{951'782'399s}) == "2000-02-28T23:59:59.000000000Z");
  CHECK(time_text(wall_time{951'782'400s}) == "2000-02-29T00:00:00.000000000Z");
}

TEST_CASE("time_text: prints times before 1970 and at the ends of the clock", "[report][time]") {
  CHECK(time_text(wall_time{-1ns}) == "1969-12-31T23:59:59.999999999Z");
  CHECK(time_text(wall_time{duration::max()}) == "2262-04-11T23:47:16.854775807Z");
  CHECK(time_text(wall_time{duration::min()}) == "1677-09-21T00:12:43.145224192Z");
}
