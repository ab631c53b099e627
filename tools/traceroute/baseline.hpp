// --save and --expect: paths as they are when all is well, in a file that people can read and mend.
//
//   target 192.0.2.9 reached # www.example
//   1 198.51.100.1
//   2 *
//   3 198.51.100.9 198.51.100.10
//   4 192.0.2.9
//
// A hop has every address that any flow met there; `*` is silence, and a hop that has no line was not asked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/locate.hpp"
#include "libdiag/report/output_file.hpp"

namespace diag::traceroute {

struct known_path {
  ip_address target{};
  bool reached = false;
  std::map<std::uint8_t, std::vector<ip_address>> hops{};  ///< sorted; empty: silent
};
known_path known_path_of(const probe::traced_path& path);

/// Appends its lines. `label` is what the user called the target, any text; empty or the address: none.
void append_path(std::string& out, const known_path& path, std::string_view label);

/// A hop where an address answered that the file does not have there.
struct path_change {
  std::uint8_t hop = 0;
  std::vector<ip_address> expected{}, seen{};
};
struct path_comparison {
  std::vector<path_change> changes{};  ///< by hop
  bool expected_reached = false, reached = false;
  [[nodiscard]] bool same() const { return changes.empty() && expected_reached == reached; }
};
/// Silence on either side, and hops that were not asked, are no difference.
path_comparison compare(const known_path& expected, const known_path& seen);
/// "hop 3: expected 198.51.100.9, seen 198.51.100.77".
std::string change_sentence(const path_change& what);

/// The text of a file of --expect; `-` is standard input.
result<std::string> read_path_file(const std::string& path);

/// What it says.
class path_baseline {
 public:
  /// Fails at the first line that is wrong, with its number; `name` is for messages.
  static result<path_baseline> parse(std::string_view text, const std::string& name);

  /// nullptr: the file does not have this target.
  [[nodiscard]] const known_path* find(const ip_address& target) const;
  [[nodiscard]] std::size_t size() const { return paths_.size(); }

 private:
  std::map<ip_address, known_path> paths_;
};

/// The file of --save.
class baseline_file {
 public:
  /// Creates it at once, so that a bad path is known before anything is sent.
  static result<baseline_file> open(std::string path);
  void take(const probe::traced_path& path, std::string_view label);
  /// The failure, if anything was lost.
  std::optional<failure> close(wall_time when);

 private:
  explicit baseline_file(report::output_file file) : file_{std::move(file)} {}

  report::output_file file_;
  std::string text_;
  std::size_t paths_ = 0;
};

}  // namespace diag::traceroute
