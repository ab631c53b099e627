// Sixteen bits that lead back.
#include "libdiag/probe/path_numbers.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

TEST_CASE("path numbers: every number leads back to its probe", "[probe][path]") {
  const path_numbers numbers{{1, 2}, GENERATE(1U, 2U, 77U)};
  std::set<std::uint16_t> seen;
  for (probe_token index = 1; index <= path_numbers::values; ++index) {
    const auto field = numbers.of(index);
    if (field == 0) FAIL("zero means none");
    seen.insert(field);
    if (numbers.newest_of(field, index) != index) FAIL("does not lead back");
  }
  CHECK(seen.size() == path_numbers::values);
}

TEST_CASE("path numbers: of probes that share a number the newest is meant", "[probe][path]") {
  const path_numbers numbers{{1, 2}, 1};
  CHECK(numbers.of(5) == numbers.of(5 + path_numbers::values));
  CHECK(numbers.newest_of(numbers.of(5), 70'000) == 5 + path_numbers::values);
  CHECK(numbers.newest_of(numbers.of(5), 60'000) == 5);
  CHECK(numbers.newest_of(numbers.of(900), 20) == 0);
  CHECK(numbers.newest_of(0, 20) == 0);
}

TEST_CASE("path numbers: another key or purpose, another order", "[probe][path]") {
  const path_numbers a{{1, 2}, 1}, b{{1, 2}, 2}, c{{1, 3}, 1};
  int same = 0;
  for (probe_token index = 1; index <= 1000; ++index)
    same += a.of(index) == b.of(index) || a.of(index) == c.of(index) ? 1 : 0;
  CHECK(same < 10);
}

TEST_CASE("path numbers: two probes seen do not tell what others look like", "[probe][path]") {
  const path_numbers identification{{1, 2}, 1}, checksum{{1, 2}, 2};
  std::set<std::uint32_t> steps, slopes;
  for (probe_token index = 1; index <= 1000; ++index) {
    const auto step = [index](const path_numbers& of) {
      return (of.of(index + 1) + path_numbers::values - of.of(index)) % path_numbers::values;
    };
    steps.insert(step(identification));
    slopes.insert(step(identification) ^ step(checksum));
  }
  CHECK(steps.size() > 900);
  CHECK(slopes.size() > 900);
}
