// RFC 3339 without locale, time zone data or allocation beyond the caller's string.
#include "libdiag/report/time_text.hpp"

#include <array>
#include <cstdint>

namespace diag::report {
namespace {

/// `number` in `width` digits at `out`, leading zeros included.
void put(char* out, int width, std::uint32_t number) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

}  // namespace

void append_time(std::string& out, wall_time when) {
  // 64 bits of nanoseconds reach from 1677 to 2262, so the year always has four digits.
  // std::chrono::floor would multiply back and overflow on the first day of the range.
  constexpr std::int64_t day_length = 86'400'000'000'000;
  const auto count = when.time_since_epoch().count();
  const auto inside = (count % day_length + day_length) % day_length;
  const std::chrono::days since{count / day_length - (count % day_length < 0 ? 1 : 0)};
  const std::chrono::year_month_day date{std::chrono::sys_days{since}};
  const std::chrono::hh_mm_ss clock{duration{inside}};
  std::array<char, 30> text{"0000-00-00T00:00:00.000000000"};
  put(&text[0], 4, static_cast<std::uint32_t>(int{date.year()}));
  put(&text[5], 2, unsigned{date.month()});
  put(&text[8], 2, unsigned{date.day()});
  put(&text[11], 2, static_cast<std::uint32_t>(clock.hours().count()));
  put(&text[14], 2, static_cast<std::uint32_t>(clock.minutes().count()));
  put(&text[17], 2, static_cast<std::uint32_t>(clock.seconds().count()));
  put(&text[20], 9, static_cast<std::uint32_t>(clock.subseconds().count()));
  text[29] = 'Z';
  out.append(text.data(), text.size());
}

std::string time_text(wall_time when) {
  std::string out;
  append_time(out, when);
  return out;
}

}  // namespace diag::report
