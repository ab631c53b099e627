// Where records go: NDJSON, CSV or OpenMetrics, as the user chose.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "libdiag/report/csv.hpp"
#include "libdiag/report/openmetrics.hpp"
#include "libdiag/report/output.hpp"
#include "tools/common/flush_pace.hpp"
#include "tools/common/shared_options.hpp"

namespace diag::tools {

class record_sink {
 public:
  /// `events` are the columns of CSV, `summary` the metrics; both must live on. Lines reach the reader every
  /// `flush`.
  record_sink(report::output& out, output_format format, std::span<const report::schema* const> events,
              const report::schema& summary, duration flush);

  void begin();
  void write(const report::record& what);
  void rest(mono_time now);
  void end();
  /// Only summaries become metrics: events need not be made.
  [[nodiscard]] bool takes_events() const { return !metrics_; }

 private:
  report::output& out_;
  std::optional<report::csv_writer> csv_{};
  std::optional<report::openmetrics_writer> metrics_{};
  flush_pace pace_;
  std::string line_;
};

}  // namespace diag::tools
