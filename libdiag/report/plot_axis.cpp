// Round numbers: steps of 1, 2 and 5 times a power of ten; for time, the steps of a clock.
#include "libdiag/report/plot_axis.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "libdiag/core/rounding.hpp"

namespace diag::report {
namespace {

constexpr double logarithmic_from_ratio = 100;

/// The smallest of 1, 2, 5 times a power of ten that is not below `wanted`.
double round_step(double wanted) {
  const double power = power_of_ten(decimal_exponent(wanted));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= wanted * 0.999) return factor * power;
  return 10 * power;
}

double clock_step(double wanted) {
  if (wanted < 5) return round_step(wanted);
  for (const double step :
       {5, 10, 15, 30, 60, 120, 300, 600, 900, 1'800, 3'600, 7'200, 10'800, 21'600, 43'200})
    if (step >= wanted) return step;
  return 86'400 * round_step(wanted / 86'400);
}

std::string clock_label(double seconds, double step) {
  if (step < 60) {
    // Digits enough to tell neighbours apart, none for whole seconds.
    const int digits = step < 1 ? -decimal_exponent(step * 1.000001) : 0;
    if (seconds < 120 || digits > 0) return fmt::format("{:.{}f}", seconds, digits);
  }
  const auto whole = round_to_integer(seconds);
  if (whole == 0) return "0";
  if (step >= 86'400) return fmt::format("{} d", whole / 86'400);
  if (seconds < 3'600 && step < 1'800) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return step < 60 ? fmt::format("{}:{:02}:{:02}", whole / 3'600, whole % 3'600 / 60, whole % 60)
                   : fmt::format("{}:{:02} h", whole / 3'600, whole % 3'600 / 60);
}

}  // namespace

plot_axis::plot_axis(double from, double to, double at_from, double at_to, bool logarithmic)
    : from_{from}, to_{to}, at_from_{at_from}, at_to_{at_to}, logarithmic_{logarithmic} {
  assert(from < to && (!logarithmic || from > 0));
}

double plot_axis::pixel(double value) const {
  const double held = std::clamp(value, from_, to_);
  const double share =
      logarithmic_ ? natural_log(held / from_) / natural_log(to_ / from_) : (held - from_) / (to_ - from_);
  return at_from_ + share * (at_to_ - at_from_);
}

plot_axis milliseconds_axis(double low, double high, double bottom, double top) {
  if (high <= 0) return {0, 1, bottom, top};
  if (low > 0 && high / low > logarithmic_from_ratio) {
    const double from = power_of_ten(decimal_exponent(low));
    const double below = power_of_ten(decimal_exponent(high));
    const double to = below < high ? below * 10 : below;
    return {from, to, bottom, top, true};
  }
  const double step = round_step(high * 1.05 / 5);
  return {0, step * static_cast<double>(ceil_to_integer(high * 1.05 / step)), bottom, top};
}

std::vector<plot_tick> milliseconds_ticks(const plot_axis& axis) {
  std::vector<plot_tick> ticks;
  if (axis.logarithmic()) {
    for (double value = axis.from(); value <= axis.to() * 1.001; value *= 10)
      ticks.push_back({value, fmt::format("{:g}", value)});
    return ticks;
  }
  const double step = round_step(axis.to() / 6);
  // Counted in whole steps, so that no rounding error gathers.
  for (int i = 0; i * step <= axis.to() * 1.001; ++i)
    ticks.push_back({i * step, fmt::format("{:g}", i * step)});
  return ticks;
}

std::vector<plot_tick> seconds_ticks(const plot_axis& axis) {
  std::vector<plot_tick> ticks;
  const double step = clock_step((axis.to() - axis.from()) / 9);
  const double first = static_cast<double>(ceil_to_integer(axis.from() / step));
  for (int i = 0; (first + i) * step <= axis.to() * 1.000001; ++i)
    ticks.push_back({(first + i) * step, clock_label((first + i) * step, step)});
  return ticks;
}

}  // namespace diag::report
