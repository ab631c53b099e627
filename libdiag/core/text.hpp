// Strict readers for numbers and durations, and the one escape for text that came from outside.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/core/time.hpp"

namespace diag {

/// Why a word is not a number; a sentence for the user with the range in it ("is not a whole number", "must
/// be 1..65535").
struct number_error {
  std::string why;
};
[[noreturn]] inline void throw_exception_from_error(const number_error&, const boost::source_location&) {
  std::terminate();
}

/// Whole word, base 10, no sign unless `low` is negative, no blanks, inside [low, high]. A leading zero is
/// not octal: "010" is ten, as `seq -w` prints it.
result<std::int64_t, number_error> parse_integer(std::string_view word, std::int64_t low, std::int64_t high);
/// The same for 64 bits without a sign.
result<std::uint64_t, number_error> parse_unsigned(
    std::string_view word, std::uint64_t low = 0,
    std::uint64_t high = std::numeric_limits<std::uint64_t>::max());
/// Decimal fraction ("0.2", "5", ".5"), no exponent, NaN or infinity, inside [low, high].
result<double, number_error> parse_real(std::string_view word, double low, double high);
/// Seconds by default, fractions allowed; the units ns, us, ms, s, m, h, d may follow ("200ms"). At most
/// `high`.
result<duration, number_error> parse_duration(std::string_view word, duration low, duration high);

/// Text from outside made safe for a terminal: printable ASCII and well-formed printable UTF-8 pass, every
/// other octet (C0, DEL, C1, bidi controls, zero-width, broken UTF-8, backslash) becomes \xNN.
std::string safe_text(std::string_view text);
std::string safe_text(byte_view octets);

}  // namespace diag
