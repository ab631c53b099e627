// libdiag/io/clock.hpp: kernel stamps onto the monotonic clock, with steps of the wall clock injected.
#include "libdiag/io/clock.hpp"

#include "tests/catch.hpp"

using namespace diag;
using io::clock_bridge;

namespace {

constexpr auto year_2026 = 1'790'000'000s;

mono_time mono(duration since_boot) {
  return mono_time{since_boot};
}
/// The wall clock at `since_boot`, after it was stepped by `step`.
wall_time wall(duration since_boot, duration step = 0ns) {
  return wall_time{year_2026 + since_boot + step};
}
clock_bridge::sample at(duration since_boot, duration step = 0ns) {
  return {mono(since_boot), wall(since_boot, step)};
}

}  // namespace

TEST_CASE("clock_bridge: converts stamps exactly while nobody steps the clock", "[io][clock]") {
  clock_bridge clocks{at(100s)};
  clocks.observe(at(101s));
  CHECK(clocks.to_mono(wall(100s + 999'999'999ns)) == mono(100s + 999'999'999ns));
  CHECK(clocks.to_mono(wall(101s)) == mono(101s));
  CHECK(clocks.wall_of(mono(101s)) == wall(101s));
  CHECK(clocks.steps() == 0);
}

TEST_CASE("clock_bridge: takes the noise of two readings for noise", "[io][clock]") {
  clock_bridge clocks{at(100s)};
  clocks.observe(at(101s, 499us));
  clocks.observe(at(102s, 0us));
  CHECK(clocks.steps() == 0);
  CHECK(clocks.to_mono(wall(102s)) == mono(102s));
}

TEST_CASE("clock_bridge: refuses the batch read when the clock was stepped, and trusts the next",
          "[io][clock]") {
  const auto step = GENERATE(duration{24h}, duration{-24h}, duration{501us}, duration{-501us});
  clock_bridge clocks{at(100s)};
  clocks.observe(at(101s, step));
  CHECK(clocks.steps() == 1);
  CHECK_FALSE(clocks.to_mono(wall(101s - 1us)));        // stamped before the step
  CHECK_FALSE(clocks.to_mono(wall(101s - 1us, step)));  // or after it: nobody knows
  clocks.observe(at(102s, step));
  CHECK(clocks.steps() == 1);
  CHECK(clocks.to_mono(wall(102s - 1us, step)) == mono(102s - 1us));
  CHECK(clocks.wall_of(mono(102s)) == wall(102s, step));
}

TEST_CASE("clock_bridge: refuses stamps from before a step that are read late", "[io][clock]") {
  clock_bridge clocks{at(100s)};
  clocks.observe(at(101s, 10s));
  clocks.observe(at(102s, 10s));
  CHECK_FALSE(clocks.to_mono(wall(100s + 900ms)));

  clock_bridge back{at(100s)};
  back.observe(at(101s, -10s));
  back.observe(at(102s, -10s));
  CHECK_FALSE(back.to_mono(wall(100s + 900ms)));
}

TEST_CASE("clock_bridge: refuses a stamp from the future", "[io][clock]") {
  clock_bridge clocks{at(100s)};
  clocks.observe(at(101s));
  CHECK(clocks.to_mono(wall(101s + clock_bridge::step_tolerance)));
  CHECK_FALSE(clocks.to_mono(wall(101s + clock_bridge::step_tolerance + 1ns)));
}

TEST_CASE("clock: the two clocks run and the bridge between them is steady", "[io][clock]") {
  const auto before = io::now();
  clock_bridge clocks;
  const auto stamp = io::wall_now();
  clocks.refresh();
  const auto after = io::now();
  CHECK(clocks.steps() == 0);
  const auto converted = clocks.to_mono(stamp);
  REQUIRE(converted);
  CHECK(*converted + 1ms > before);
  CHECK(*converted < after + 1ms);
}
