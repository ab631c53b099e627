// What a run amounts to: the exit status, and the line for Nagios.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libdiag/probe/address_claim.hpp"
#include "libdiag/probe/mac_search.hpp"
#include "libdiag/report/nagios.hpp"
#include "tools/arping/records.hpp"
#include "tools/arping/verdict.hpp"
#include "tools/common/exit_code.hpp"

namespace diag::arping {

class judge {
 public:
  judge(const stage& on, const record_maker& records);

  /// Fills in what `result` was expected to be and why it is not right, and counts it.
  void take(target_result& result);
  void take(const probe::claim_summary& claim);
  void take(const probe::mac_search_summary& search);
  void take(const neighbor_difference& difference);
  void take(const refused_targets& refused);
  void take(const tools::lost_target& lost);
  /// Whatever else went wrong: bad lines of a file, a broken loop.
  void note(tools::exit_code what) { worst_ = worse(worst_, what); }
  /// After the last target. What was expected of the whole and is not so; empty: nothing.
  std::string close();

  /// By the table of exit statuses, or Nagios' with that format.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string nagios_line() const;

 private:
  struct opinion {
    tools::exit_code code = tools::exit_code::positive;
    report::nagios_status nagios = report::nagios_status::ok;
    std::string why{};
  };
  [[nodiscard]] opinion of(target_result& result) const;
  [[nodiscard]] opinion by_thresholds(const target_result& result) const;
  void count(std::string target, const opinion& held);
  [[nodiscard]] std::string survey_line() const;

  const stage& on_;
  const record_maker& records_;
  bool survey_;  ///< it is the whole that is asked about: one silent target is no bad news
  tools::exit_code worst_ = tools::exit_code::positive;
  report::nagios_status worst_nagios_ = report::nagios_status::ok;
  std::uint64_t targets_ = 0, in_use_ = 0, conflicts_ = 0, differences_ = 0;
  std::string first_trouble_;
  bool judged_ = false;
  std::vector<report::nagios_target> nagios_;
};

}  // namespace diag::arping
