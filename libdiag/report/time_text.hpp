// Wall-clock time as text: RFC 3339 section 5.6, UTC, nanoseconds.
#pragma once

#include <string>

#include "libdiag/core/time.hpp"

namespace diag::report {

/// Appends "2026-11-22T12:00:00.123456789Z": always 30 octets for the years 0 to 9999.
void append_time(std::string& out, wall_time when);
std::string time_text(wall_time when);

}  // namespace diag::report
