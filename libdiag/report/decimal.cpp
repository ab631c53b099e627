// Plain decimals. Not by std::to_chars of a double, which would bring libm into every run.
#include "libdiag/report/decimal.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace diag::report {

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void append_real(std::string& out, double number) {
  assert(std::isfinite(number));
  // fmt knows the shortest digits; the exponent it likes for very large and very small numbers is written
  // out.
  std::array<char, 64> text;
  const auto end = fmt::format_to(text.data(), "{}", number);
  std::string_view shortest{text.data(), static_cast<std::size_t>(end - text.data())};
  const auto mark = shortest.find('e');
  if (mark == std::string_view::npos) {
    out += shortest;
    return;
  }
  int exponent = 0;
  const auto power = shortest.substr(mark + (shortest[mark + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  shortest = shortest.substr(0, mark);
  if (shortest.front() == '-') {
    out += '-';
    shortest.remove_prefix(1);
  }
  std::string digits{shortest.substr(0, 1)};
  if (shortest.size() > 2) digits += shortest.substr(2);
  const auto places = static_cast<std::size_t>(exponent < 0 ? -exponent : exponent);
  if (exponent < 0)
    out.append("0.").append(places - 1, '0').append(digits);
  else if (digits.size() <= places)
    out.append(digits).append(places + 1 - digits.size(), '0');
  else
    out.append(digits, 0, places + 1).append(".").append(digits, places + 1);
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
