// What ICMP and ICMPv6 say in words, by type and code: the shape that both tables share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace diag::wire {

/// The words of one code of one type.
template <class Type>
struct icmp_code_words {
  Type type;
  std::uint8_t code;
  std::string_view words;
};

template <class Type>
std::string_view find_icmp_code(std::span<const icmp_code_words<Type>> table, Type type, std::uint8_t code) {
  const auto found = std::ranges::find_if(
      table, [&](const auto& entry) { return entry.type == type && entry.code == code; });
  return found == table.end() ? std::string_view{} : found->words;
}

/// The words of the code, or those of its type with the code as a number. `type_words` is describe(type).
template <class Type>
std::string describe_icmp_code(std::span<const icmp_code_words<Type>> table, Type type, std::uint8_t code,
                               const std::string& type_words) {
  if (const auto words = find_icmp_code(table, type, code); !words.empty()) return std::string{words};
  // Code 0 of a type whose codes have no words of their own is the type itself.
  return code == 0 && !type_words.starts_with("type ") ? type_words
                                                       : type_words + " code " + std::to_string(code);
}

/// "destination unreachable: port unreachable".
template <class Type>
std::string describe_icmp_in_full(std::span<const icmp_code_words<Type>> table, Type type, std::uint8_t code,
                                  const std::string& type_words) {
  const auto words = find_icmp_code(table, type, code);
  return words.empty() ? describe_icmp_code(table, type, code, type_words)
                       : type_words + ": " + std::string{words};
}

}  // namespace diag::wire
