// Octets for the wire tests: tests/data/*.hex, and literals.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/hex.hpp"
#include "libdiag/core/result.hpp"

#include "tests/catch.hpp"

// Boost's own operator<< asks for one of the value, which views do not have.
template <class T, class E>
struct Catch::StringMaker<boost::system::result<T, E>> {
  static std::string convert(const boost::system::result<T, E>& value) {
    return value ? "a value" : "an error";
  }
};

namespace diag::wire::test {

using octets = std::vector<std::byte>;

inline octets from_hex(std::string_view text) {
  auto parsed = parse_hex(text);
  if (!parsed) throw std::runtime_error{"bad hexadecimal in a test: " + parsed.error().why};
  return *parsed;
}

/// A file of tests/data: lines of hexadecimal, `#` begins a line of provenance.
inline octets read_hex_file(const std::filesystem::path& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{"cannot open " + path.string()};
  std::string text;
  for (std::string line; std::getline(file, line);)
    if (!line.starts_with('#')) text += line + '\n';
  return from_hex(text);
}

inline octets vector_named(const std::string& name) {
  return read_hex_file(std::filesystem::path{DIAG_TEST_DATA} / (name + ".hex"));
}

/// A copy of exactly `size` octets in an allocation of its own, so that a sanitizer sees the first octet read
/// past it.
inline octets cut(byte_view bytes, std::size_t size) {
  octets copy;
  copy.reserve(size);
  copy.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  return copy;
}

inline byte_view without_ethernet(byte_view frame) {
  return frame.subspan(14);
}

inline std::string text_of(byte_view bytes) {
  std::string text;
  for (const auto octet : bytes) text += static_cast<char>(octet);
  return text;
}

}  // namespace diag::wire::test
