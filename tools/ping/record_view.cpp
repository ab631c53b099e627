// Each record to the writer the user chose.
#include "tools/ping/record_view.hpp"

#include "libdiag/report/json.hpp"
#include "libdiag/report/ping_records.hpp"

namespace diag::ping {

record_view::record_view(const stage& on, const record_maker& records)
    : stage_{on},
      records_{records},
      pace_{mode_of(on.options) == run_mode::sweep ? sweep_flush_period : 0ns} {
  if (on.options.format == output_format::csv) csv_.emplace(report::ping_events);
  if (on.options.format == output_format::openmetrics) metrics_.emplace(report::ping_summary);
}

void record_view::write(const report::record& what) {
  if (metrics_) return metrics_->add(what);
  line_.clear();
  csv_ ? csv_->append(line_, what) : report::append_json(line_, what);
  stage_.out.write(line_);
}

void record_view::rest(mono_time now) {
  if (pace_.due(now)) stage_.out.flush();
}

void record_view::begin() {
  if (!csv_) return;
  line_.clear();
  csv_->append_header(line_);
  stage_.out.write(line_);
}

void record_view::take(const probe::ping_event& event) {
  if (const auto* account = std::get_if<probe::ping_summary>(&event))
    return write(records_.summary(*account, stage_.receiver_drops));
  if (stage_.options.quiet || metrics_) return;
  if (const auto made = records_.event(event)) write(*made);
}

void record_view::end(const ending& how) {
  for (const auto& lost : stage_.targets.lost()) write(record_maker::summary(lost, stage_.wall_of(how.at)));
  if (metrics_) stage_.out.write(metrics_->text());
}

}  // namespace diag::ping
