// What surrounds every tool: standard descriptors, SIGPIPE, the one line of a failure, the exit status.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/error.hpp"
#include "libdiag/report/output.hpp"
#include "tools/common/exit_code.hpp"

namespace diag::tools {

/// Standard output and the diagnostics of one run of one tool.
class shell {
 public:
  explicit shell(std::string program) : program_{std::move(program)} {}
  shell(const shell&) = delete;
  shell& operator=(const shell&) = delete;

  [[nodiscard]] const std::string& program() const { return program_; }
  [[nodiscard]] report::output& out() { return out_; }

  /// One line on stderr: "diag-ping: <sentence>". Text from outside must be safe already.
  void complain(std::string_view sentence);
  void complain(const failure& what) { complain(describe(what)); }
  /// Text on stderr as it stands.
  void remark(std::string_view text);
  /// Says what is wrong, and where help is; usage.
  exit_code misused(std::string_view sentence);
  /// Says what failed; ours.
  exit_code failed(const failure& what);

  /// From here on what ends a run too early is told to Nagios: a line of stdout, and its UNKNOWN.
  void answer_nagios(bool yes) { nagios_ = yes; }
  /// Says why there is no run. The process's exit status.
  int give_up(exit_code code, std::string_view sentence);
  int give_up(const failure& what) { return give_up(exit_code::ours, describe(what)); }
  /// The same where stderr has had every reason: `what` ("the targets") cannot be used.
  int give_up_told(exit_code code, std::string_view what);

 private:
  std::string program_;
  report::output out_{1};
  bool nagios_ = false;
};

/// Runs `body` and ends as the table of exit statuses says: a C++ exception and output that was lost are 3
///, a reader that left changes nothing.
/// Returns the process's exit status.
int run_tool(std::string program, const std::function<int(shell&)>& body);

}  // namespace diag::tools
