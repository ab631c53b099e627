// Conditions of --warn and --crit: `rtt.p95>50ms`, `loss > 5% or late>0`, `loss>1% and jitter>=10ms`.
//
// A metric is a key of the summary without its unit (`loss` for `loss_percent`), with `.member` for an object
// (`rtt.p95`; `rtt` alone is its average); a count inside an object may stand alone (`open` for
// `states.open`). Lists and counts by reason are compared by how many they hold. `and` (`&&`) binds tighter
// than `or` (`||`, `,`). A duration needs its unit; `%` may be left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/report/record.hpp"

namespace diag::report {

/// What is wrong with an expression, and the column (from 1) where.
struct threshold_error {
  std::string why;
  std::size_t column = 1;
};
[[noreturn]] inline void throw_exception_from_error(const threshold_error&, const boost::source_location&) {
  std::terminate();
}

/// A parsed expression. Copyable, owns its text, needs the schema it was parsed against to live on.
class threshold {
 public:
  static result<threshold, threshold_error> parse(std::string_view text, const schema& summary);

  /// The first condition that holds, with what was measured ("loss 33.3333% > 5%"), or nullopt.
  /// A time that nobody could measure because nothing was received counts as endless; any other value that is
  /// absent satisfies nothing.
  [[nodiscard]] std::optional<std::string> crossed(const record& summary) const;

  /// Positions in the summary's table of what the conditions ask for, in their order.
  [[nodiscard]] std::vector<std::size_t> fields() const;

  /// The limit of the first `>` or `>=` condition on `metric`, as written without its unit ("50"), in
  /// milliseconds or percent: for Nagios performance data. Empty when there is none.
  [[nodiscard]] std::string limit_of(std::string_view metric) const;

 private:
  friend class threshold_parser;
  enum class relation : std::uint8_t { above, at_least, below, at_most, equal, different };
  struct condition {
    std::string metric;     // as the user wrote it
    std::size_t field = 0;  // position in the summary's table
    std::optional<std::size_t> member{};
    field_type type = field_type::integer;
    relation is = relation::above;
    double limit = 0;  // nanoseconds for times
    std::string limit_text;
  };
  static bool holds(const condition& what, double measured);
  static std::optional<double> measured(const condition& what, const record& summary);
  static std::string sentence(const condition& what, std::optional<double> value);

  std::vector<std::vector<condition>> any_of_;  // of each inner list all must hold
};

}  // namespace diag::report
