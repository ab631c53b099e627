// Each record to the writer the user chose.
#include "tools/common/record_sink.hpp"

#include "libdiag/report/json.hpp"

namespace diag::tools {

record_sink::record_sink(report::output& out, output_format format,
                         std::span<const report::schema* const> events, const report::schema& summary,
                         duration flush)
    : out_{out}, pace_{flush} {
  if (format == output_format::csv) csv_.emplace(events);
  if (format == output_format::openmetrics) metrics_.emplace(summary);
}

void record_sink::begin() {
  if (!csv_) return;
  line_.clear();
  csv_->append_header(line_);
  out_.write(line_);
}

void record_sink::write(const report::record& what) {
  if (metrics_) return metrics_->add(what);
  line_.clear();
  csv_ ? csv_->append(line_, what) : report::append_json(line_, what);
  out_.write(line_);
}

void record_sink::rest(mono_time now) {
  if (pace_.due(now)) out_.flush();
}

void record_sink::end() {
  if (metrics_) out_.write(metrics_->text());
}

}  // namespace diag::tools
