// Numbers as machines read them: plain decimals, never an exponent, a locale or NaN.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"

namespace diag::report {

void append_integer(std::string& out, std::int64_t number);
/// The shortest plain decimal that reads back as the same double. `number` must be finite.
void append_real(std::string& out, double number);
/// `elapsed` in units of 10^`digits` nanoseconds, exact, without trailing zeros: 41123 ns in ms (digits 6) is
/// "0.041123".
void append_elapsed(std::string& out, duration elapsed, int digits);

inline constexpr int in_milliseconds = 6;
inline constexpr int in_seconds = 9;

/// The digits that belong to a field's unit ("ms" or "s").
int digits_of_unit(std::string_view unit);

}  // namespace diag::report
