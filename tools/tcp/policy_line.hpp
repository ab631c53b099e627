// One line of a policy file: `TARGET PORTS EXPECTATION [NAME]`, `include FILE`, or nothing. Asks nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "tools/common/port_list.hpp"

namespace diag::tcp {

using tools::port_set;
using tools::service_lookup;
using tools::system_service;

/// What a port may be: any of these.
class expectation {
 public:
  struct alternative {
    probe::tcp_state state = probe::tcp_state::open;
    std::optional<probe::reason> why{};  ///< unset: any
    friend bool operator==(const alternative&, const alternative&) = default;
  };

  void add(const alternative& one);
  [[nodiscard]] bool admits(probe::tcp_state state, probe::reason why) const;
  /// No outcome would satisfy both.
  [[nodiscard]] bool contradicts(const expectation& other) const;
  /// "filtered|rejected:admin-prohibited"
  [[nodiscard]] std::string text() const;
  friend bool operator==(const expectation&, const expectation&) = default;

 private:
  std::vector<alternative> any_;
};

struct policy_line_error {
  std::string why;   ///< safe to print
  std::string hint;  ///< what to do
};
[[noreturn]] inline void throw_exception_from_error(const policy_line_error&, const boost::source_location&) {
  std::terminate();
}

/// "open", "filtered|rejected:admin-prohibited".
result<expectation, policy_line_error> parse_expectation(std::string_view text);

inline constexpr std::size_t longest_policy_line = 1024;

struct policy_entry {
  std::string target;  ///< as written, not yet looked at
  port_set ports;
  expectation expected;
  std::string name;  ///< quotes and escapes taken away; empty: none
};
struct policy_include {
  std::string file;
};
/// std::monostate: blank, or a comment.
using policy_line = std::variant<std::monostate, policy_entry, policy_include>;

/// `line` without its newline; a CR at its end is ignored.
result<policy_line, policy_line_error> parse_policy_line(std::string_view line,
                                                         const service_lookup& services = system_service);

/// As a word of a policy line, in quotes. The name must not hold a newline or a NUL octet.
void append_quoted(std::string& out, std::string_view name);

}  // namespace diag::tcp
