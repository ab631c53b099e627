// What a run amounts to: the exit status, and the line for Nagios.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/report/nagios.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/tcp/records.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class judge {
 public:
  judge(const stage& on, const record_maker& records) : stage_{on}, records_{records} {}

  void take(const probe::tcp_result& result);
  /// After the results of its target.
  void take(const probe::tcp_summary& account);
  /// Whatever else went wrong: bad lines of a file, a broken loop, a policy.
  void note(tools::exit_code what) { worst_ = worse(worst_, what); }
  /// `undecided`: probes that the run did not bring to an end, asked or not.
  void close(bool undecided);

  /// By the table of exit statuses, or Nagios' with that format.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string nagios_line() const;

 private:
  /// The worst that a target's results are, with the first of them in words.
  struct objection {
    report::nagios_status status = report::nagios_status::ok;
    std::string what{};
    std::uint64_t others = 0;  ///< that are as bad
  };
  void object(const probe::tcp_result& result, report::nagios_status status);
  void judge_thresholds(const probe::tcp_summary& account, objection& held);

  const stage& stage_;
  const record_maker& records_;
  tools::exit_code worst_ = tools::exit_code::positive;
  bool undecided_ = false;
  std::map<std::uint32_t, objection> objections_;  // by target; for Nagios alone
  std::vector<report::nagios_target> nagios_;
};

}  // namespace diag::tcp
