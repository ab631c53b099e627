// Events and accounts made into records.
#include "tools/ping/record_view.hpp"

#include "libdiag/report/ping_records.hpp"

namespace diag::ping {

record_view::record_view(const stage& on, const record_maker& records)
    : stage_{on},
      records_{records},
      sink_{on.out, on.options.format, report::ping_events, report::ping_summary,
            mode_of(on.options) == run_mode::sweep ? tools::sweep_flush_period : 0ns} {}

void record_view::take(const probe::ping_event& event) {
  if (const auto* account = std::get_if<probe::ping_summary>(&event))
    return write(records_.summary(*account, stage_.receiver_drops));
  if (stage_.options.quiet || !sink_.takes_events()) return;
  if (const auto made = records_.event(event)) write(*made);
}

void record_view::end(const ending& how) {
  for (const auto& lost : stage_.targets.lost()) write(record_maker::summary(lost, stage_.wall_of(how.at)));
  sink_.end();
}

}  // namespace diag::ping
