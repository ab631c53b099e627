// Which rows a trace over several flows tells, and that what it does for an answer does not grow with them.
#include <chrono>

#include "libdiag/probe/trace_course.hpp"

#include "tests/catch.hpp"
#include "tests/probe/course_player.hpp"

using namespace diag;
using namespace diag::probe;
using course_player::exceeded;
using course_player::line;
using course_player::network;
using course_player::play;
using course_player::reply;

namespace {

std::vector<path_target> one_target() {
  std::vector<path_target> out(1);
  out[0].address = course_player::target;
  return out;
}

}  // namespace

TEST_CASE("trace rows: a flow that falls silent hides no router of another", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = GENERATE(std::uint16_t{1}, std::uint16_t{2});
  config.flows = 2;
  config.window = 2;
  config.last_hop = 20;
  const auto silent_one = GENERATE(std::uint16_t{0}, std::uint16_t{1});
  const auto to = one_target();
  trace_course course{config, to};
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    const unsigned last = asked.flow == silent_one ? 1 : 9;
    return asked.hop <= last ? std::optional{exceeded(asked.hop)} : std::nullopt;
  });
  const auto rows = run.all<hop_row>();
  REQUIRE(rows.size() == 11);
  CHECK(rows[8].probes.size() == config.probes_per_hop);
  CHECK(rows[8].probes[0].answer.from == course_player::router(9));
  const auto end = run.only<path_end>();
  CHECK(end.hops == 9);
  CHECK(end.why == path_stop::silence);
}

TEST_CASE("trace rows: numbers, hops and flows are asked in this order", "[probe][trace]") {
  trace_config config;
  config.flows = 3;
  config.window = 4;
  config.last_hop = 9;
  const auto to = one_target();
  trace_course course{config, to};
  const mono_time now{1s};
  std::vector<path_question> asked;
  while (const auto question = course.next(now)) asked.push_back(*question);
  REQUIRE(asked.size() == 4 * 3 + 1);
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(asked[i].hop == i / 3 + 1);
    CHECK(asked[i].flow == i % 3);
    CHECK(asked[i].number == 0);
  }
  CHECK(asked[12].hop == 9);
  auto answer = exceeded(2).answer;
  course.hear(now, asked[4], std::move(answer));
  asked.clear();
  while (const auto question = course.next(now)) asked.push_back(*question);
  REQUIRE(asked.size() == 4);  // of the flow that was answered: second and third probes of hops 1 and 2
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(asked[i].flow == 1);
    CHECK(asked[i].number == i / 2 + 1);
    CHECK(asked[i].hop == i % 2 + 1);
  }
}

TEST_CASE("trace rows: hundreds of flows over many hops cost what their probes do", "[probe][trace]") {
  trace_config config;
  config.flows = 64;
  config.probes_per_hop = 5;
  config.last_hop = 255;
  const auto to = one_target();
  trace_course course{config, to};
  const auto began = std::chrono::steady_clock::now();
  const auto run = play(
      course, [](const path_question& asked, mono_time) -> std::optional<reply> { return line(asked, 8); });
  CHECK(run.all<hop_row>().size() == 8);
  CHECK(run.asked.size() >= 8 * 5 * 64);
  CHECK(run.asked.size() < 8 * 5 * 64 + 8 * 64);  // those that overshot before the target was known
  // A scan of all there may be to ask, once a probe, takes minutes.
  CHECK(std::chrono::steady_clock::now() - began < 60s);
}
