// Hexadecimal text to octets and back, and the 16-column dump.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

/// 0 to 15, in either case; -1 for any other character.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Where and why a text is not hexadecimal. `column` counts characters from 1; on a text that ends too early
/// it is one past the last.
struct hex_error {
  std::size_t column = 0;
  std::string why;
};
[[noreturn]] inline void throw_exception_from_error(const hex_error&, const boost::source_location&) {
  std::terminate();
}

/// Two digits an octet. Blanks, line ends and `:` may stand between octets, `0x` before the first one.
result<std::vector<std::byte>, hex_error> parse_hex(std::string_view text);

/// "45000054"; with a separator "45:00:00:54".
std::string hex_text(byte_view octets, std::string_view separator = {});

/// Lines of offset, sixteen octets and their ASCII form, each ending in a newline; empty for no octets.
/// `first_offset` is what the first line is numbered with.
std::string hex_dump(byte_view octets, std::size_t first_offset = 0);

}  // namespace diag
