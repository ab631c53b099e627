// Rounds and resumption.
#include "libdiag/probe/tcp_run.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {
mono_time at(duration d) {
  return mono_time{} + 1h + d;
}
tcp_plan three_ports() {
  tcp_plan plan;
  plan.add(*parse_ip("192.0.2.1"), 1, std::vector<std::uint16_t>{1, 2, 3});
  plan.seal();
  return plan;
}
}  // namespace

TEST_CASE("tcp course: one round, in order", "[probe][tcp]") {
  const auto plan = three_ports();
  tcp_course course{plan, {}};
  CHECK(course.total() == 3);
  for (std::uint16_t port = 1; port <= 3; ++port) {
    REQUIRE(course.ready(at(0s)));
    CHECK(course.take().pair.port == port);
  }
  CHECK_FALSE(course.ready(at(1h)));
  CHECK(course.all_taken());
  CHECK_FALSE(course.next_at().has_value());
}

TEST_CASE("tcp course: rounds begin by absolute time", "[probe][tcp]") {
  const auto plan = three_ports();
  tcp_pacing pacing;
  pacing.rounds = 3;
  pacing.interval = 2s;
  tcp_course course{plan, pacing};
  const auto take_round = [&](duration when) {
    for (int i = 0; i < 3; ++i) {
      REQUIRE(course.ready(at(when)));
      course.take();
    }
  };
  take_round(0s);
  CHECK_FALSE(course.ready(at(1999ms)));
  CHECK(course.next_at() == at(2s));
  REQUIRE(course.ready(at(2300ms)));
  CHECK(course.take().round == 2);
  course.take();
  course.take();
  CHECK(course.next_at() == at(4s));  // 300 ms late once is not late for ever
  CHECK_FALSE(course.all_taken());
  REQUIRE(course.ready(at(9s)));
  CHECK(course.take().round == 3);
  CHECK(course.total() == 9);
}

TEST_CASE("tcp course: endless rounds, and an empty plan", "[probe][tcp]") {
  const auto plan = three_ports();
  tcp_pacing pacing;
  pacing.rounds = 0;
  tcp_course endless{plan, pacing};
  CHECK(endless.total() == 0);
  for (int i = 0; i < 300; ++i) {
    REQUIRE(endless.ready(at(i * 1s)));
    endless.take();
  }
  CHECK_FALSE(endless.all_taken());
  tcp_plan nothing;
  nothing.seal();
  tcp_course idle{nothing, pacing};
  CHECK(idle.all_taken());
  CHECK_FALSE(idle.ready(at(0s)));
}

TEST_CASE("tcp course: resumed, it takes exactly what the first run left", "[probe][tcp]") {
  tcp_plan plan;
  plan.add(*parse_prefix("192.0.2.0/24"), std::vector<std::uint16_t>{1, 2, 3});
  plan.seal();
  tcp_pacing pacing;
  pacing.shuffled = true;
  pacing.order_seed = 99;
  std::vector<int> taken(plan.size());
  const auto count = [&](tcp_course& course, std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && course.ready(at(0s)); ++i) {
      const auto pair = course.take().pair;
      ++taken[pair.target * 3U + pair.port - 1U];
    }
  };
  tcp_course first{plan, pacing};
  count(first, 300);
  pacing.start = first.place();
  tcp_course second{plan, pacing};
  CHECK(second.total() == plan.size() - 300);
  count(second, plan.size());
  CHECK(taken == std::vector<int>(plan.size(), 1));
}
