// Hexadecimal text and dumps.
#include "libdiag/core/hex.hpp"

#include <algorithm>

namespace diag {
namespace {

constexpr std::size_t columns = 16;

bool is_separator(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':';
}

void append_octet(std::string& out, std::byte octet) {
  out += hex_digits[std::to_integer<std::size_t>(octet >> 4)];
  out += hex_digits[std::to_integer<std::size_t>(octet & std::byte{0xf})];
}

void append_offset(std::string& out, std::size_t offset) {
  int shift = 12;
  while (shift < 60 && offset >> shift >> 4 != 0) shift += 4;
  for (; shift >= 0; shift -= 4) out += hex_digits[offset >> shift & 0xf];
}

void append_line(std::string& out, byte_view line) {
  for (std::size_t i = 0; i < columns; ++i) {
    out += i == columns / 2 ? "  " : " ";
    if (i < line.size()) {
      append_octet(out, line[i]);
    } else {
      out += "  ";
    }
  }
  out += "  ";
  for (const auto octet : line) {
    const auto c = std::to_integer<char>(octet);
    out += c >= ' ' && c <= '~' ? c : '.';
  }
  out += '\n';
}

}  // namespace

result<std::vector<std::byte>, hex_error> parse_hex(std::string_view text) {
  std::vector<std::byte> octets;
  octets.reserve(text.size() / 2);
  std::size_t at = 0;
  while (at < text.size() && is_separator(text[at])) ++at;
  if (text.substr(at, 2) == "0x" || text.substr(at, 2) == "0X") at += 2;
  while (at < text.size()) {
    if (is_separator(text[at])) {
      ++at;
      continue;
    }
    const int high = hex_value(text[at]);
    if (high < 0) return hex_error{at + 1, "is not a hexadecimal digit"};
    if (at + 1 == text.size() || is_separator(text[at + 1]))
      return hex_error{at + 2, "half an octet: the number of hexadecimal digits is odd"};
    const int low = hex_value(text[at + 1]);
    if (low < 0) return hex_error{at + 2, "is not a hexadecimal digit"};
    octets.push_back(static_cast<std::byte>(high << 4 | low));
    at += 2;
  }
  return octets;
}

std::string hex_text(byte_view octets, std::string_view separator) {
  std::string out;
  out.reserve(octets.size() * (2 + separator.size()));
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) out += separator;
    append_octet(out, octets[i]);
  }
  return out;
}

std::string hex_dump(byte_view octets, std::size_t first_offset) {
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += columns) {
    append_offset(out, first_offset + at);
    out += ' ';
    append_line(out, octets.subspan(at, std::min(columns, octets.size() - at)));
  }
  return out;
}

}  // namespace diag
