// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include <optional>
#include <string>

#include "libdiag/report/csv.hpp"
#include "libdiag/report/openmetrics.hpp"
#include "tools/common/flush_pace.hpp"
#include "tools/tcp/records.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class record_view final : public view {
 public:
  record_view(const stage& on, const record_maker& records);

  void begin() override;
  void take(const probe::tcp_event& event) override;
  void rest(mono_time now) override;
  /// Targets that never got an address have their summaries here.
  void end(const ending& how) override;

 private:
  void write(const report::record& what);

  const stage& stage_;
  const record_maker& records_;
  std::optional<report::csv_writer> csv_{};
  std::optional<report::openmetrics_writer> metrics_{};
  /// Held back until there is another, because the last one carries the resume token.
  std::optional<report::record> summary_{};
  tools::flush_pace pace_;
  std::string line_;
};

}  // namespace diag::tcp
