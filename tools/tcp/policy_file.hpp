// Policy files with what they include, as rows not yet looked up; every error is told with its place.
#pragma once

#include <functional>
#include <string>

#include "tools/tcp/policy.hpp"

namespace diag::tcp {

/// What came of reading; errors are counted, and each is told.
struct read_policy {
  policy rules{};
  std::uint64_t errors = 0;  ///< of lines
  bool unreadable = false;   ///< the file asked for, or standard input
};
/// `blocks` of rows stay empty.
read_policy read_policy_files(const std::string& path,
                              const std::function<void(const std::string&)>& complain);

/// "dmz.policy:12: <why> (<hint>)"; `place` is made safe here.
std::string line_complaint(const std::string& place, const std::string& why, const std::string& hint);

/// Rows that no result could satisfy together, the later of them with the first it contradicts. How many were
/// told.
std::uint64_t tell_contradictions(const policy& rules,
                                  const std::function<void(const std::string&)>& complain);

}  // namespace diag::tcp
