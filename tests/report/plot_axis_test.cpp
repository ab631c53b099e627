// Axes: round numbers that hold the data.
#include "libdiag/report/plot_axis.hpp"

#include <cmath>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag::report;

namespace {

std::string labels(const std::vector<plot_tick>& ticks) {
  std::string joined;
  for (const auto& tick : ticks) joined += (joined.empty() ? "" : " ") + tick.label;
  return joined;
}

std::string time_labels(double seconds) {
  return labels(seconds_ticks({0, seconds, 0, 800}));
}

}  // namespace

TEST_CASE("plot_axis: places values between its ends and never outside", "[report][plot]") {
  const plot_axis axis{0, 10, 300, 100};
  CHECK(axis.pixel(0) == 300);
  CHECK(axis.pixel(5) == 200);
  CHECK(axis.pixel(10) == 100);
  CHECK(axis.pixel(99) == 100);
  CHECK(axis.pixel(-1) == 300);
  const plot_axis decades{1, 100, 300, 100, true};
  CHECK(decades.pixel(10) == Approx(200));
  CHECK(decades.pixel(0) == 300);
}

TEST_CASE("plot_axis: milliseconds get round ticks, and decades when they spread", "[report][plot]") {
  CHECK(labels(milliseconds_ticks(milliseconds_axis(0.04, 0.16, 0, 1))) == "0 0.05 0.1 0.15 0.2");
  CHECK(labels(milliseconds_ticks(milliseconds_axis(10, 27, 0, 1))) == "0 5 10 15 20 25 30");
  CHECK(labels(milliseconds_ticks(milliseconds_axis(0.5, 200, 0, 1))) == "0.1 1 10 100 1000");
  CHECK(milliseconds_axis(0, 0, 0, 1).to() == 1);
}

TEST_CASE("plot_axis: time gets the steps of a clock", "[report][plot]") {
  CHECK(time_labels(1) == "0.0 0.2 0.4 0.6 0.8 1.0");
  CHECK(time_labels(20) == "0 5 10 15 20");
  CHECK(time_labels(600) == "0 2:00 4:00 6:00 8:00 10:00");
  CHECK(time_labels(20'000) == "0 1:00 h 2:00 h 3:00 h 4:00 h 5:00 h");
  CHECK(time_labels(604'800) == "0 1 d 2 d 3 d 4 d 5 d 6 d 7 d");
}

TEST_CASE("plot_axis: holds any data with a readable number of ticks", "[report][plot]") {
  diag::seeded_random random{8};
  for (int i = 0; i < 20'000; ++i) {
    const double low = std::pow(10, random.unit() * 9 - 4);
    const double high = low * std::pow(10, random.unit() * 4);
    const auto axis = milliseconds_axis(low, high, 0, 1);
    const auto ticks = milliseconds_ticks(axis);
    const auto times = seconds_ticks({0, high, 0, 800});
    const bool good = axis.from() <= low && axis.to() >= high && ticks.size() >= 3 && ticks.size() <= 8 &&
                      times.size() >= 3 && times.size() <= 12;
    if (!good) FAIL("low " << low << " high " << high << ": " << labels(ticks) << " / " << labels(times));
  }
}
