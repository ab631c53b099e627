// Policy files with what they include, as rows not yet looked up, and every error with its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/tcp/policy.hpp"

namespace diag::tcp {

/// A sentence with its place, and where it stands among the others: before or at this row.
struct policy_error {
  std::size_t row = 0;
  std::string text;
};
/// Then the reading stops.
inline constexpr std::size_t most_policy_errors = 100'000;

struct read_policy {
  policy rules{};                       ///< `blocks` of rows stay empty
  std::vector<policy_error> errors{};   ///< of lines, in their order
  std::optional<failure> unreadable{};  ///< the file asked for, or standard input
};
read_policy read_policy_files(const std::string& path);

/// "dmz.policy:12: <why> (<hint>)"; `place` is made safe here.
std::string line_complaint(const std::string& place, const std::string& why, const std::string& hint);

/// Rows that no result could satisfy together: the later of them, with the first it contradicts.
std::vector<policy_error> contradictions(const policy& rules);

}  // namespace diag::tcp
