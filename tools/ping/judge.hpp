// What a run amounts to: the exit status, and the line for Nagios.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/mtu_search.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/report/nagios.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/ping/options.hpp"
#include "tools/ping/records.hpp"

namespace diag::ping {

class judge {
 public:
  judge(const ping_options& options, const record_maker& records, const tools::target_set& targets)
      : options_{options}, records_{records}, targets_{targets} {}

  /// The last word on one target.
  void take(const probe::ping_summary& account);
  void take(std::uint64_t target, const probe::mtu_verdict& verdict);
  /// --until ended the run, or did not.
  void condition(bool met);
  /// Whatever else went wrong: bad lines of a file, a broken loop.
  void note(tools::exit_code what) { worst_ = worse(worst_, what); }
  /// Targets of which nothing was heard before the end, and those that never had an address.
  void close();

  /// By the table of exit statuses, or Nagios' with that format.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string nagios_line() const;

 private:
  struct opinion {
    tools::exit_code code = tools::exit_code::positive;
    report::nagios_status nagios = report::nagios_status::ok;
    std::string detail{};
  };
  [[nodiscard]] opinion of(const probe::ping_summary& account) const;
  [[nodiscard]] bool answered(const probe::ping_summary& account) const;

  const ping_options& options_;
  const record_maker& records_;
  const tools::target_set& targets_;
  tools::exit_code worst_ = tools::exit_code::positive;
  std::uint64_t heard_ = 0;
  bool condition_unmet_ = false;
  std::vector<report::nagios_target> nagios_;
};

}  // namespace diag::ping
