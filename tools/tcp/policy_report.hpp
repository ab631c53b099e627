// The verdicts of a policy on standard output: for people, for `prove`, for CI servers, for programs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/tcp/policy_suite.hpp"

namespace diag::tcp {

enum class report_kind : std::uint8_t { text, tap, junit, json, html };
/// "text", "tap", "junit", "json", "html".
std::optional<report_kind> parse_report_kind(std::string_view word);

struct report_context {
  report_kind kind = report_kind::text;
  report::style paint{};  ///< text alone
  bool quiet = false;     ///< text: only what did not pass, and the last line
  wall_time started{};
  mono_time began{};  ///< of the run: a test's time counts from here
  duration elapsed{};
};

/// Text from outside for this kind of report: records make it safe themselves, and twice would be wrong.
std::string printable(std::string_view text, report_kind kind);

/// One test as reports show it. Texts have been through printable(); each writer escapes them for where they
/// stand.
struct test_case {
  std::string file{};
  std::uint64_t line = 0;  ///< 0: of no row
  std::string name{};      ///< empty: none
  std::string target{}, ports{}, expectation{};
  test_outcome outcome = test_outcome::passed;
  std::string evidence{};              ///< one line
  std::vector<std::string> details{};  ///< a line for each pair shown: "192.0.2.1:22 closed (reset) ..."
  std::uint64_t further = 0;           ///< pairs against the row that are not in `details`
  std::vector<pair_evidence> shown{};
  std::uint64_t pairs = 0, decided = 0, unexpected = 0;
  probe::tcp_state_counts states{};
  std::optional<duration> elapsed{};  ///< none: nothing was decided

  /// "dmz.policy:4"; the file alone without a line.
  [[nodiscard]] std::string place() const;
  /// "192.0.2.0/24 443 open"
  [[nodiscard]] std::string rule() const;
};
test_case make_case(const policy_suite& suite, std::size_t row, const report_context& context);

struct report_totals {
  std::string file{};                       ///< printable()
  std::array<std::uint64_t, 4> outcomes{};  ///< by test_outcome
  [[nodiscard]] std::uint64_t tests() const;
  [[nodiscard]] std::uint64_t of(test_outcome one) const { return outcomes[static_cast<std::size_t>(one)]; }
};

/// A whole document: begin(), every test, end().
class report_writer {
 public:
  virtual ~report_writer() = default;
  virtual void begin(const report_totals& totals) = 0;
  virtual void add(const test_case& test) = 0;
  virtual void end(const report_totals& totals) = 0;
};
/// Both borrowed.
std::unique_ptr<report_writer> make_report_writer(report::output& out, const report_context& context);

void write_report(report::output& out, const policy_suite& suite, const report_context& context);

}  // namespace diag::tcp
