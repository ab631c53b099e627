// Flags and escapes.
#include "tools/tcp/words.hpp"

#include <array>
#include <utility>

#include "libdiag/core/hex.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::tcp {
namespace {

namespace flag = wire::tcp_flag;
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 9> flag_words{{{"fin", flag::fin},
                                                                                {"syn", flag::syn},
                                                                                {"rst", flag::rst},
                                                                                {"psh", flag::psh},
                                                                                {"ack", flag::ack},
                                                                                {"urg", flag::urg},
                                                                                {"ece", flag::ece},
                                                                                {"cwr", flag::cwr},
                                                                                {"ae", flag::ae}}};

constexpr std::array<std::pair<char, char>, 12> escapes{{{'n', '\n'},
                                                         {'r', '\r'},
                                                         {'t', '\t'},
                                                         {'a', '\a'},
                                                         {'b', '\b'},
                                                         {'f', '\f'},
                                                         {'v', '\v'},
                                                         {'e', '\033'},
                                                         {'\\', '\\'},
                                                         {'"', '"'},
                                                         {'\'', '\''},
                                                         {'?', '?'}}};

std::optional<std::uint16_t> flag_named(std::string_view word) {
  std::string lower{word};
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [name, bit] : flag_words)
    if (name == lower) return bit;
  return std::nullopt;
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// The octet that the text behind a backslash stands for, which is taken away. -1: none.
int take_escape(std::string_view& rest) {
  if (rest.empty()) return -1;
  for (const auto& [letter, octet] : escapes)
    if (rest.front() == letter) return rest.remove_prefix(1), static_cast<unsigned char>(octet);
  if (rest.front() == 'x') {
    if (rest.size() < 3 || hex_value(rest[1]) < 0 || hex_value(rest[2]) < 0) return -1;
    const int octet = hex_value(rest[1]) * 16 + hex_value(rest[2]);
    return rest.remove_prefix(3), octet;
  }
  if (!is_octal(rest.front())) return -1;
  int octet = 0;
  for (int digits = 0; digits < 3 && !rest.empty() && is_octal(rest.front()); ++digits) {
    octet = octet * 8 + (rest.front() - '0');
    rest.remove_prefix(1);
  }
  return octet <= 255 ? octet : -1;
}

}  // namespace

std::optional<std::uint16_t> parse_flags(std::string_view text) {
  if (text == "none" || text == "NONE") return std::uint16_t{0};
  std::uint16_t flags = 0;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    const auto bit = flag_named(text.substr(0, comma));
    if (!bit) return std::nullopt;
    flags = static_cast<std::uint16_t>(flags | *bit);
    more = comma != text.npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return flags;
}

result<std::vector<std::byte>, tools::usage_error> unescape(std::string_view text) {
  std::vector<std::byte> octets;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\') {
      octets.push_back(static_cast<std::byte>(c));
      continue;
    }
    const auto seen = text;
    const int octet = take_escape(text);
    if (octet < 0) return tools::usage_error{"has no such escape: \\" + safe_text(seen.substr(0, 4))};
    octets.push_back(static_cast<std::byte>(octet));
  }
  return octets;
}

}  // namespace diag::tcp
