// Numbers to a word and back, with a check sum: a token is copied by hand from one terminal to another.
#include "tools/tcp/resume_token.hpp"

#include <array>

#include <fmt/format.h>

#include "libdiag/core/hex.hpp"
#include "libdiag/core/random.hpp"

namespace diag::tcp {
namespace {

// Fixed: it finds typing errors, it keeps nobody out.
constexpr hash_key check_key{0x64696167'2d746370, 1};

std::uint64_t check_of(const resume_point& point) {
  const auto mixed =
      keyed_hash(check_key, {point.order_seed, point.place, point.plan, point.shuffled ? 1U : 0U});
  return mixed & 0xffff;
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (hex_value(c) < 0) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(hex_value(c));
  }
  return number;
}

}  // namespace

std::string resume_text(const resume_point& point) {
  return fmt::format("{}1-{:x}-{:x}-{:x}-{:04x}", point.shuffled ? 'r' : 'o', point.order_seed, point.place,
                     point.plan, check_of(point));
}

std::optional<resume_point> parse_resume(std::string_view word) {
  resume_point point;
  point.shuffled = word.starts_with("r1-");
  if (!point.shuffled && !word.starts_with("o1-")) return std::nullopt;
  word.remove_prefix(3);
  std::array<std::uint64_t, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const bool last = i + 1 == numbers.size();
    const auto dash = word.find('-');
    if ((dash == word.npos) != last) return std::nullopt;
    const auto number = parse_number(word.substr(0, dash));
    if (!number) return std::nullopt;
    numbers[i] = *number;
    word = last ? std::string_view{} : word.substr(dash + 1);
  }
  point.order_seed = numbers[0];
  point.place = numbers[1];
  point.plan = numbers[2];
  if (numbers[3] != check_of(point)) return std::nullopt;
  return point;
}

std::optional<std::string> resume_objection(const resume_point& point, const probe::tcp_plan& plan) {
  if (point.plan != plan.fingerprint())
    return "the token is of another run: give the same targets, ports, --flows and --shard as then";
  if (point.place >= plan.size()) return "nothing is left to be asked";
  return std::nullopt;
}

}  // namespace diag::tcp
