// The command line: CLI11 takes words apart, our own converters (core/text.hpp) read them.
//
// CLI11's own conversions, environment names, configuration files and two-line errors are not used. An option
// that is given twice counts as given last, as with getopt(3): aliases and wrappers rely on it; each_value()
// is for those few whose mentions add up.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/core/text.hpp"

namespace diag::tools {

/// One sentence for the user, without the program's name.
struct usage_error {
  std::string what;
};
[[noreturn]] inline void throw_exception_from_error(const usage_error&, const boost::source_location&) {
  std::terminate();
}

/// Why a word will not do ("must be 1..255"); nullopt: it was taken.
using complaint = std::optional<std::string>;

class command_line {
 public:
  using reader = std::function<complaint(std::string_view word)>;

  /// `names` as "-c,--count" or "--rate". What readers write to must outlive parse().
  void flag(std::string_view names, bool& into);
  void value(std::string_view names, reader read);
  /// An option that adds up: every mention is read, in their order.
  void each_value(std::string_view names, reader read);

  /// Reads argv[1] and what follows. The words that belong to no option, in their order; `--` ends options.
  result<std::vector<std::string>, usage_error> parse(int argc, const char* const* argv);
  /// Every name, for tests that hold help and manual to the truth.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct option {
    std::string_view names;
    bool takes_value = false;
    reader read;
    bool adds_up = false;
  };
  std::vector<option> options_;
};

/// Readers for `into`, which may be a std::optional of the type.
template <class Integer>
command_line::reader integer_reader(Integer& into, std::uint64_t low, std::uint64_t high) {
  return [&into, low, high](std::string_view word) -> complaint {
    const auto number = parse_unsigned(word, low, high);
    if (!number) return number.error().why;
    if constexpr (std::is_integral_v<Integer>)
      into = static_cast<Integer>(*number);
    else
      into = static_cast<typename Integer::value_type>(*number);
    return std::nullopt;
  };
}

template <class Duration>
command_line::reader duration_reader(Duration& into, duration low, duration high) {
  return [&into, low, high](std::string_view word) -> complaint {
    const auto time = parse_duration(word, low, high);
    if (!time) return time.error().why;
    into = *time;
    return std::nullopt;
  };
}

template <class Real>
command_line::reader real_reader(Real& into, double low, double high) {
  return [&into, low, high](std::string_view word) -> complaint {
    const auto number = parse_real(word, low, high);
    if (!number) return number.error().why;
    into = *number;
    return std::nullopt;
  };
}

/// Any text but the empty one.
command_line::reader text_reader(std::string& into);

template <class Target, class Choice>
command_line::reader choice_reader(Target& into,
                                   std::initializer_list<std::pair<std::string_view, Choice>> choices) {
  return [&into, known = std::vector(choices)](std::string_view word) -> complaint {
    std::string all;
    for (const auto& [name, choice] : known) {
      if (name == word) {
        into = choice;
        return std::nullopt;
      }
      all.append(all.empty() ? "" : ", ").append(name);
    }
    return "must be one of " + all;
  };
}

}  // namespace diag::tools
