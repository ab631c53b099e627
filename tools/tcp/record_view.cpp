// Each record to the writer the user chose.
#include "tools/tcp/record_view.hpp"

#include "libdiag/report/json.hpp"
#include "libdiag/report/tcp_records.hpp"

namespace diag::tcp {

record_view::record_view(const stage& on, const record_maker& records)
    : stage_{on},
      records_{records},
      pace_{on.asked.plan.size() <= small_plan ? 0ns : tools::sweep_flush_period} {
  if (on.options.format == output_format::csv) csv_.emplace(report::tcp_events);
  if (on.options.format == output_format::openmetrics) metrics_.emplace(report::tcp_summary);
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

void record_view::take(const probe::tcp_event& event) {
  if (const auto* account = std::get_if<probe::tcp_summary>(&event)) {
    if (summary_) write(*summary_);
    summary_.emplace(records_.summary(*account));
    return;
  }
  if (stage_.options.quiet || metrics_) return;
  if (const auto* result = std::get_if<probe::tcp_result>(&event))
    write(records_.result(*result));
  else
    write(records_.anomaly(std::get<probe::tcp_anomaly>(event)));
}

void record_view::end(const ending& how) {
  for (const auto& lost : stage_.asked.lost) write(record_maker::summary(lost, stage_.wall_of(how.at)));
  if (summary_) {
    namespace key = report::tcp_key;
    if (how.receiver_drops != 0) summary_->set(key::receiver_dropped, how.receiver_drops);
    if (!how.resume.empty()) summary_->set(key::resume, how.resume);
    write(*summary_);
  }
  if (metrics_) stage_.out.write(metrics_->text());
}

}  // namespace diag::tcp
