// Events to records: the one place that fills the tables of report/tcp_records.hpp.
#pragma once

#include <string>

#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/report/record.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class record_maker {
 public:
  explicit record_maker(const stage& on) : stage_{on} {}

  [[nodiscard]] report::record result(const probe::tcp_result& what) const;
  [[nodiscard]] report::record anomaly(const probe::tcp_anomaly& what) const;
  /// Without a target it is the run's, where accounts of targets are not kept.
  [[nodiscard]] report::record summary(const probe::tcp_summary& account) const;
  /// A target that never got an address.
  [[nodiscard]] static report::record summary(const tools::lost_target& lost, wall_time when);

 private:
  void name_target(report::record& out, std::uint32_t target) const;
  void add_answer(report::record& out, const probe::tcp_result& what) const;
  void add_dialogue(report::record& out, const probe::tcp_dialogue& what) const;

  const stage& stage_;
};

}  // namespace diag::tcp
