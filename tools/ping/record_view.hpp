// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include <optional>
#include <string>

#include "libdiag/report/csv.hpp"
#include "libdiag/report/openmetrics.hpp"
#include "tools/ping/records.hpp"
#include "tools/ping/view.hpp"

namespace diag::ping {

class record_view final : public view {
 public:
  record_view(const stage& on, const record_maker& records);

  void begin() override;
  void take(const probe::ping_event& event) override;
  void rest(mono_time now) override;
  /// Targets that never got an address have their summaries here.
  void end(const ending& how) override;
  void write(const report::record& what);

 private:
  const stage& stage_;
  const record_maker& records_;
  std::optional<report::csv_writer> csv_{};
  std::optional<report::openmetrics_writer> metrics_{};
  flush_pace pace_;
  std::string line_;
};

}  // namespace diag::ping
