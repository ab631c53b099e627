// What a run amounts to: the exit status, and the line for Nagios.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libdiag/probe/path_event.hpp"
#include "libdiag/report/nagios.hpp"
#include "libdiag/report/record.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/target_intake.hpp"
#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

/// One target when it is done.
struct path_outcome {
  std::string label;
  probe::path_stop why = probe::path_stop::silence;
  bool as_wanted = false;   ///< reached; with --expect as the file says; every port of --locate passes
  std::string objection{};  ///< why not, for people
};

class judge {
 public:
  explicit judge(const trace_options& options) : options_{options} {}

  /// `summary` is made only when something depends on it.
  void take(path_outcome&& what, const std::function<report::record()>& summary);
  void lose(const tools::lost_target& lost);
  /// Whatever else went wrong: bad lines of a file, a broken loop.
  void note(tools::exit_code what) { worst_ = worse(worst_, what); }
  /// Targets that the run did not bring to an end.
  void undecided(std::uint64_t targets);

  /// By the table of exit statuses, or Nagios' with that format.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string nagios_line() const;

 private:
  const trace_options& options_;
  tools::exit_code worst_ = tools::exit_code::positive;
  std::vector<report::nagios_target> nagios_;
};

}  // namespace diag::traceroute
