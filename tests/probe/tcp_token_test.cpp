// Thirty-two bits that lead back, for those who have the key.
#include "libdiag/probe/tcp_token.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace diag::probe;

TEST_CASE("tcp token: every number leads back to its attempt", "[probe][tcp]") {
  const tcp_token token{{7, 9}};
  std::set<std::uint32_t> seen;
  for (probe_token attempt = 1; attempt <= 20'000; ++attempt) {
    const auto number = token.sequence_of(attempt);
    seen.insert(number);
    if (token.attempt_of(number) != attempt) FAIL("does not lead back");
  }
  CHECK(seen.size() == 20'000);
}

TEST_CASE("tcp token: neighbors are far apart, and another key makes other numbers", "[probe][tcp]") {
  const tcp_token token{{7, 9}}, other{{7, 10}};
  int near = 0, same = 0;
  for (probe_token attempt = 1; attempt <= 1000; ++attempt) {
    const auto gap = token.sequence_of(attempt + 1) - token.sequence_of(attempt);
    near += gap + 1000 < 2000 ? 1 : 0;
    same += token.sequence_of(attempt) == other.sequence_of(attempt) ? 1 : 0;
  }
  CHECK(near < 3);
  CHECK(same < 3);
}
