// Strict reading of the delay wire's command line.
#include "tests/lab/wire/settings.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace delay_wire {

const char* const usage =
    "usage: delay_wire --a=NETNS:IFNAME --b=NETNS:IFNAME [options]\n"
    "       delay_wire --dry-run=FRAMES [options]\n"
    "  --delay=10ms --jitter=2ms --loss=1% --dup=1% --reorder=1% --reorder-by=50ms --corrupt=0.1%\n"
    "  --rate=1mbit --queue=FRAMES --seed=N --neighbours=safe|hit --ready-fd=FD\n"
    "A value may differ by direction: --delay=10ms/30ms is a to b / b to a.\n"
    "SIGTERM and SIGINT end the wire and print its counters; SIGUSR1 prints them and goes on.\n";

namespace {

using std::string_view;

struct unit {
  string_view name;
  double factor;
};

constexpr std::array durations{unit{"ns", 1}, unit{"us", 1e3}, unit{"ms", 1e6}, unit{"s", 1e9}};
constexpr std::array rates{unit{"bit", 1}, unit{"kbit", 1e3}, unit{"mbit", 1e6}, unit{"gbit", 1e9}};

/// `<decimal><unit>`, whole word, finite, not negative, no more than `limit` after scaling.
std::optional<double> scaled(string_view word, std::span<const unit> units, double limit) {
  double number{};
  const auto* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
  const string_view suffix{rest, static_cast<std::size_t>(end - rest)};
  for (const auto& candidate : units) {
    if (suffix == candidate.name && number * candidate.factor <= limit) {
      return number * candidate.factor;
    }
  }
  return std::nullopt;
}

bool read(string_view word, nanoseconds& out) {
  constexpr double day = 86'400e9;
  const auto value = scaled(word, durations, day);
  if (value) out = nanoseconds{std::llround(*value)};
  return value.has_value();
}

bool read(string_view word, share& out) {
  constexpr std::array percent{unit{"%", 1}};
  const auto value = scaled(word, percent, 100);
  if (value) out.of_two_to_32 = static_cast<std::uint64_t>(std::llround(*value / 100 * 0x1p32));
  return value.has_value();
}

bool read(string_view word, std::uint64_t& out) {
  const auto* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, out);
  return error == std::errc{} && rest == end;
}

bool read_rate(string_view word, std::uint64_t& out) {
  const auto value = scaled(word, rates, 1e12);
  if (value) out = static_cast<std::uint64_t>(std::llround(*value));
  return value && *value >= 1;
}

bool read(string_view word, wire_end& out) {
  const auto colon = word.rfind(':');
  if (colon == string_view::npos || colon == 0) return false;
  out = {std::string{word.substr(0, colon)}, std::string{word.substr(colon + 1)}};
  constexpr std::size_t longest_interface_name = 15;  // IFNAMSIZ less its NUL
  return !out.interface.empty() && out.interface.size() <= longest_interface_name;
}

/// Gives `reader` each direction's half of `word`; one half stands for both.
template <class Reader>
bool both_ways(string_view word, settings& out, Reader reader) {
  const auto slash = word.find('/');
  const auto back = slash == string_view::npos ? word : word.substr(slash + 1);
  return reader(word.substr(0, slash), out.directions[0]) && reader(back, out.directions[1]);
}

template <class Value>
bool both_ways(string_view word, settings& out, Value treatment::*member) {
  return both_ways(word, out, [member](string_view half, treatment& way) { return read(half, way.*member); });
}

bool read_switches(string_view name, string_view word, settings& out) {
  if (name == "neighbours") {
    out.spare_neighbours = word == "safe";
    return word == "safe" || word == "hit";
  }
  std::uint64_t number{};
  if (!read(word, number)) return false;
  if (name == "seed") out.seed = number;
  if (name == "dry-run") out.dry_run = number;
  if (name == "ready-fd") out.ready_fd = static_cast<int>(number & 0xffff);
  return name == "seed" || name == "dry-run" || (name == "ready-fd" && number <= 0xffff);
}

bool read_option(string_view name, string_view word, settings& out) {
  if (name == "a") return read(word, out.ends[0]);
  if (name == "b") return read(word, out.ends[1]);
  if (name == "delay") return both_ways(word, out, &treatment::delay);
  if (name == "jitter") return both_ways(word, out, &treatment::jitter);
  if (name == "loss") return both_ways(word, out, &treatment::loss);
  if (name == "dup") return both_ways(word, out, &treatment::dup);
  if (name == "reorder") return both_ways(word, out, &treatment::reorder);
  if (name == "reorder-by") return both_ways(word, out, &treatment::reorder_by);
  if (name == "corrupt") return both_ways(word, out, &treatment::corrupt);
  if (name == "queue") return both_ways(word, out, &treatment::queue);
  if (name == "rate") {
    return both_ways(word, out,
                     [](string_view half, treatment& way) { return read_rate(half, way.bits_per_second); });
  }
  return read_switches(name, word, out);
}

}  // namespace

std::variant<settings, std::string> parse_arguments(std::span<char* const> arguments) {
  settings out;
  for (const string_view argument : arguments) {
    const auto equals = argument.find('=');
    if (!argument.starts_with("--") || equals == string_view::npos) {
      return "not of the form --name=value: " + std::string{argument};
    }
    if (!read_option(argument.substr(2, equals - 2), argument.substr(equals + 1), out)) {
      return "unknown option or bad value: " + std::string{argument};
    }
  }
  if (!out.dry_run && (out.ends[0].interface.empty() || out.ends[1].interface.empty())) {
    return "both --a=NETNS:IFNAME and --b=NETNS:IFNAME are needed";
  }
  return out;
}

}  // namespace delay_wire
