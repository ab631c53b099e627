// Plain decimals by std::to_chars.
#include "libdiag/report/decimal.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

namespace diag::report {

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void append_real(std::string& out, double number) {
  assert(std::isfinite(number));
  std::array<char, 400> text;  // the largest double has 309 digits, the smallest 340 after the point
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (written.ec == std::errc{})
    out.append(text.data(), written.ptr);
  else
    out += '0';
}

void append_elapsed(std::string& out, duration elapsed, int digits) {
  const auto count = elapsed.count();
  // Two's complement: the magnitude of the smallest value fits the unsigned type only.
  auto magnitude = static_cast<std::uint64_t>(count);
  if (count < 0) {
    magnitude = 0 - magnitude;
    out += '-';
  }
  std::uint64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  out += std::to_string(magnitude / unit);
  auto fraction = std::to_string(unit + magnitude % unit).substr(1);
  const auto last = fraction.find_last_not_of('0');
  if (last == std::string::npos) return;
  fraction.resize(last + 1);
  out += '.';
  out += fraction;
}

int digits_of_unit(std::string_view unit) {
  return unit == "s" ? in_seconds : in_milliseconds;
}

}  // namespace diag::report
