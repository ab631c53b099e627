// The paths themselves are shown with -v.
#include "tools/traceroute/locate_view.hpp"

#include <fmt/format.h>

#include "libdiag/report/traceroute_records.hpp"
#include "tools/traceroute/sentences.hpp"
#include "tools/traceroute/text_lines.hpp"

namespace diag::traceroute {

void locate_text_view::begin() {
  if (stage_.paths.empty() || stage_.options.packets || stage_.options.quiet) return;
  const auto& first = stage_.paths.front();
  if (!(stage_.paths.back().address == first.address)) return;
  stage_.out.line(
      fmt::format("diag-traceroute to {}, {} hops max", stage_.subject(0), stage_.options.last_hop));
  stage_.out.flush();
}

void locate_text_view::take(const probe::path_event& event) {
  const auto whole = book_.take(event);
  if (!whole) return;
  const row_manner manner{stage_.labels, stage_.style, stage_.options.extensions};
  if (stage_.options.verbose)
    for (const auto& path : whole->paths) {
      stage_.out.line(probe_words(path.target) + ':');
      for (const auto& row : path.rows) stage_.out.line(row_line(row, manner));
      stage_.out.line(verdict_line(path, stage_));
    }
  const bool many = !(stage_.paths.back().address == stage_.paths.front().address);
  for (const auto& one : whole->locations) {
    const auto passes = one.verdict == probe::locate_verdict::passes;
    const auto sentence = location_sentence(one);
    stage_.out.line((many ? stage_.subject(whole->path) + ": " : "") +
                    (passes ? stage_.style.good(sentence) : stage_.style.bad(sentence)));
  }
  for (const auto& one : whole->undecided)
    stage_.out.line(fmt::format("{}{} is not decided: the run was cut short",
                                many ? stage_.subject(whole->path) + ": " : "", probe_words(one)));
}

void locate_text_view::end(const ending& how) {
  if (!how.complete) stage_.out.line("cut short: not everything that was asked is known");
}

locate_record_view::locate_record_view(const stage& on, const record_maker& records, const path_plan& plan)
    : stage_{on},
      records_{records},
      plan_{plan},
      sink_{on.out, on.options.format, report::traceroute_events, report::traceroute_summary,
            tools::sweep_flush_period},
      book_{plan} {}

void locate_record_view::take(const probe::path_event& event) {
  const bool events = !stage_.options.quiet && sink_.takes_events();
  if (const auto* reject = std::get_if<probe::path_reject>(&event)) {
    rejects_.take(*reject);
    if (events) sink_.write(records_.rejected(*reject));
    return;
  }
  const auto whole = book_.take(event);
  if (!whole) return;
  if (sink_.takes_events())
    for (const auto& one : whole->locations)
      sink_.write(records_.locate(one, whole->path, whole->best.end.at));
  auto summary = records_.summary(whole->best, {});
  rejects_.close(summary, whole->path, plan_.paths_per_target);
  sink_.write(summary);
}

void locate_record_view::end(const ending& how) {
  for (const auto& lost : plan_.lost) sink_.write(record_maker::summary(lost, stage_.wall_of(how.at)));
  sink_.end();
}

}  // namespace diag::traceroute
