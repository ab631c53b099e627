// --compare: what is other than a baseline says.
//
// Each row of the file is a test, as in a policy; what the file does not know is told as `new`, what it knows
// and this run does not ask as `gone`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/tcp/baseline.hpp"
#include "tools/tcp/policy_report.hpp"
#include "tools/tcp/policy_suite.hpp"

namespace diag::tcp {

class comparison {
 public:
  /// `before` is what --compare read; `asked` what this run asks (before.asked, or a plan of the user's own
  /// targets). All borrowed.
  comparison(const gathered_policy& before, const gathered_plan& asked, const suite_config& config = {});

  void take(const probe::tcp_result& result);
  /// After the last result. `whole`: the run was not cut short, so what is missing was not asked.
  void conclude(bool whole);
  /// Text: one line for each change, ports merged, and a last line with the counts. Other kinds: the suite's
  /// report, with a row for what is new.
  void write(report::output& out, const report_context& context);

  struct change {
    std::string where;  ///< "192.0.2.1:22,80-90"
    std::string what;   ///< "was open, now filtered (no-answer)", "new: open (syn-ack)", "gone: was open"
    std::string place;  ///< of the row; empty: new
  };
  [[nodiscard]] const std::vector<change>& changes() const { return changes_; }
  /// negative: something changed; ours: errors, or pairs without a result.
  [[nodiscard]] tools::exit_code status() const;

 private:
  const gathered_policy& before_;
  const gathered_plan& asked_;
  policy_suite suite_;
  seen_pairs seen_;
  std::vector<change> changes_;
  std::uint64_t new_pairs_ = 0, gone_pairs_ = 0, changed_pairs_ = 0, undecided_ = 0;
};

}  // namespace diag::tcp
