// Events and accounts made into records.
#include "tools/tcp/record_view.hpp"

#include "libdiag/report/tcp_records.hpp"

namespace diag::tcp {

record_view::record_view(const stage& on, const record_maker& records)
    : stage_{on},
      records_{records},
      sink_{on.out, on.options.format, report::tcp_events, report::tcp_summary,
            on.asked.plan.size() <= small_plan ? 0ns : tools::sweep_flush_period} {}

void record_view::take(const probe::tcp_event& event) {
  if (const auto* account = std::get_if<probe::tcp_summary>(&event)) {
    if (summary_) sink_.write(*summary_);
    summary_.emplace(records_.summary(*account));
    return;
  }
  if (stage_.options.quiet || !sink_.takes_events()) return;
  if (const auto* result = std::get_if<probe::tcp_result>(&event))
    sink_.write(records_.result(*result));
  else
    sink_.write(records_.anomaly(std::get<probe::tcp_anomaly>(event)));
}

void record_view::end(const ending& how) {
  for (const auto& lost : stage_.asked.lost) sink_.write(record_maker::summary(lost, stage_.wall_of(how.at)));
  if (summary_) {
    namespace key = report::tcp_key;
    if (how.receiver_drops != 0) summary_->set(key::receiver_dropped, how.receiver_drops);
    if (!how.resume.empty()) summary_->set(key::resume, how.resume);
    sink_.write(*summary_);
  }
  sink_.end();
}

}  // namespace diag::tcp
