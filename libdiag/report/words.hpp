// Quantities as people and scrapers of iputils ping read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"

namespace diag::report {

/// As iputils prints `time=`: three decimals under 1 ms, two under 10 ms, one under 100 ms, else none,
/// rounded to the nearest; without the unit.
std::string rtt_words(duration rtt);
/// "0.041": milliseconds with three decimals, as in the `rtt min/avg/max/mdev` line, cut to the microsecond
/// as there.
std::string milliseconds_words(duration elapsed);
/// "33.3333" without the sign, six significant digits, as iputils prints packet loss (printf %g).
std::string percent_words(double percent);
/// "1 packet", "2 packets", "65,536 addresses": groups of three, the plural made with `plural`.
std::string count_words(std::uint64_t count, std::string_view singular, std::string_view plural);
/// For a person: "412 ns", "41.1 us", "1.04 ms", "2.50 s", "3 min 5 s", "2 h 4 min", "8 d 1 h".
std::string span_words(duration elapsed);

}  // namespace diag::report
