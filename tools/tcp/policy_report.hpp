// The verdicts of a policy on standard output: for people, for `prove`, for CI servers, for programs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/tcp/policy_suite.hpp"

namespace diag::tcp {

enum class report_kind : std::uint8_t { text, tap, junit, json, html };

struct report_context {
  report_kind kind = report_kind::text;
  report::style paint{};  ///< text alone
  bool quiet = false;     ///< text: what did not pass, and the last line
  wall_time started{};
  mono_time began{};  ///< of the run: a test's time counts from here
  duration elapsed{};
};

/// A whole document. Text from outside is escaped for where it stands.
void write_report(report::output& out, const policy_suite& suite, const report_context& context);

}  // namespace diag::tcp
