// Words for durations, percentages and counts.
#include "libdiag/report/words.hpp"

#include <fmt/format.h>

namespace diag::report {
namespace {

/// Microseconds, cut towards zero: iputils computes in whole microseconds, and scrapers compare its lines.
std::int64_t whole_microseconds(duration elapsed) {
  return std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
}

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace

std::string rtt_words(duration rtt) {
  // The limits lie half a last digit below 10 and 100 ms, where rounding would reach them (9,995 us is
  // "10.0"). Under 1 ms there are no digits to round; 1 ms itself is "1.00".
  struct row {
    std::int64_t from, round, digit;  // microseconds
    int decimals;
  };
  constexpr row rows[] = {{99'950, 500, 1'000, 0}, {9'995, 50, 100, 1}, {1'000, 5, 10, 2}, {0, 0, 1, 3}};
  const auto us = whole_microseconds(rtt);
  if (us < 0) return "-" + rtt_words(-rtt);
  for (const auto& [from, round, digit, decimals] : rows) {
    if (us < from) continue;
    const auto whole = (us + round) / 1'000;
    if (decimals == 0) return fmt::format("{}", whole);
    return fmt::format("{}.{:0{}}", whole, (us + round) % 1'000 / digit, decimals);
  }
  return "0.000";
}

std::string milliseconds_words(duration elapsed) {
  const auto us = whole_microseconds(elapsed);
  if (us < 0) return "-" + milliseconds_words(-elapsed);
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

std::string percent_words(double percent) {
  return fmt::format("{:g}", percent);
}

std::string count_words(std::uint64_t count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", grouped(count), count == 1 ? singular : plural);
}

std::string span_words(duration elapsed) {
  const auto ns = elapsed.count();
  const auto s = ns / 1'000'000'000;
  if (ns < 0) return "-" + span_words(-elapsed);
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 999'500) return fmt::format("{:.3g} us", static_cast<double>(ns) / 1e3);
  if (ns < 999'500'000) return fmt::format("{:.3g} ms", static_cast<double>(ns) / 1e6);
  if (s < 60) return fmt::format("{:.3g} s", static_cast<double>(ns) / 1e9);
  if (s < 3'600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 86'400) return fmt::format("{} h {} min", s / 3'600, s % 3'600 / 60);
  return fmt::format("{} d {} h", s / 86'400, s % 86'400 / 3'600);
}

}  // namespace diag::report
