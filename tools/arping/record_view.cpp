// Events and results made into records.
#include "tools/arping/record_view.hpp"

#include "libdiag/report/neighbor_records.hpp"

namespace diag::arping {

record_view::record_view(const stage& on, const record_maker& records)
    : stage_{on},
      records_{records},
      sink_{on.out, on.options.format, report::neighbor_events, report::neighbor_summary,
            mode_of(on.options) == run_mode::sweep ? tools::sweep_flush_period : 0ns} {}

void record_view::take(const probe::neighbor_event& event) {
  if (!wants_events()) return;
  if (const auto made = records_.event(event)) sink_.write(*made);
}

void record_view::take(const probe::claim_event& event) {
  const bool summary = std::holds_alternative<probe::claim_summary>(event);
  if (summary || wants_events()) sink_.write(records_.event(event));
}

void record_view::take(const probe::mac_search_event& event) {
  const bool summary = std::holds_alternative<probe::mac_search_summary>(event);
  if (summary || wants_events()) sink_.write(records_.event(event));
}

void record_view::end(const ending& how) {
  if (wants_events())
    for (const auto& one : how.differences) sink_.write(records_.difference(one, how.at));
  for (auto one : stage_.plan.refused)
    for (auto left = one.count; left > 0; --left, one.first = one.first.plus(1))
      sink_.write(records_.summary(one, how.at));
  for (const auto& one : stage_.named.lost()) sink_.write(records_.summary(one, how.at));
  sink_.end();
}

}  // namespace diag::arping
