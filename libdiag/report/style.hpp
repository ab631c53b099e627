// Colour on a terminal: three meanings, no more.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace diag::report {

enum class color_when : unsigned char { automatic, always, never };

/// "auto", "always", "never".
inline std::optional<color_when> parse_color(std::string_view word) {
  if (word == "auto") return color_when::automatic;
  if (word == "always") return color_when::always;
  if (word == "never") return color_when::never;
  return std::nullopt;
}

/// What the environment says of colour: values of NO_COLOR and TERM, nullptr when not set.
struct color_environment {
  const char* no_color = nullptr;
  const char* term = nullptr;
};

class style {
 public:
  style() = default;
  /// Automatic: on a terminal, unless NO_COLOR is set and not empty (no-color.org) or TERM is unset or
  /// "dumb".
  style(color_when when, bool terminal, const color_environment& environment)
      : on_{when == color_when::always ||
            (when == color_when::automatic && terminal && allowed(environment))} {}

  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] std::string good(std::string_view text) const { return painted("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return painted("31", text); }
  [[nodiscard]] std::string note(std::string_view text) const { return painted("33", text); }

 private:
  static bool allowed(const color_environment& environment) {
    const bool refused = environment.no_color != nullptr && *environment.no_color != '\0';
    return !refused && environment.term != nullptr && std::string_view{environment.term} != "dumb";
  }
  // SGR, ECMA-48 section 8.3.117; the default colour afterwards, so a background survives.
  [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string{text};
    return std::string{"\033["}.append(code).append("m").append(text).append("\033[39m");
  }

  bool on_ = false;
};

}  // namespace diag::report
