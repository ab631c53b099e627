// Events made into records; summaries as paths end.
#include "tools/traceroute/record_view.hpp"

#include "libdiag/probe/path_findings.hpp"
#include "libdiag/report/traceroute_records.hpp"
#include "tools/traceroute/side_files.hpp"

namespace diag::traceroute {

namespace key = report::traceroute_key;

record_view::record_view(const stage& on, const record_maker& records,
                         const std::vector<tools::lost_target>& lost, const probe::rounds_course* rounds)
    : stage_{on},
      records_{records},
      lost_{lost},
      rounds_{rounds},
      sink_{on.out, on.options.format, report::traceroute_events, report::traceroute_summary,
            on.paths.size() <= 1 ? 0ns : tools::sweep_flush_period},
      book_{on.paths} {}

void record_view::take(const probe::path_event& event) {
  const bool events = !stage_.options.quiet && sink_.takes_events();
  if (const auto* row = std::get_if<probe::hop_row>(&event)) {
    book_.add(*row);
    if (events) sink_.write(records_.hop(*row));
  } else if (const auto* end = std::get_if<probe::path_end>(&event)) {
    take_end(*end);
  } else if (const auto* fits = std::get_if<probe::mtu_row>(&event)) {
    if (events) sink_.write(records_.hop(*fits));
  } else if (const auto* fit = std::get_if<probe::mtu_end>(&event)) {
    summarise(records_.summary(*fit), fit->target);
  } else if (const auto* all = std::get_if<probe::multipath>(&event)) {
    if (events)
      for (const auto& one : records_.hops(*all)) sink_.write(one);
    summarise(records_.summary(*all), all->target);
  } else if (const auto* reject = std::get_if<probe::path_reject>(&event)) {
    rejects_.take(*reject);
    if (events) sink_.write(records_.rejected(*reject));
  }
}

void record_view::take_end(const probe::path_end& end) {
  const auto path = book_.close(end);
  if (!path) return;
  if (rounds_ == nullptr) return take_path(*path);
  const auto hops = rounds_->hops(end.target);
  if (!stage_.options.quiet && sink_.takes_events()) {
    const auto verdicts = probe::judge_loss(hops);
    for (std::size_t i = 0; i < hops.size(); ++i)
      sink_.write(records_.hop(end.target, hops[i],
                               i < verdicts.size() ? verdicts[i] : probe::hop_loss_verdict{}, end.at));
  }
  summarise(records_.summary(end, hops, rounds_->round()), end.target);
}

void record_view::take_path(const probe::traced_path& path) {
  auto summary = records_.summary(path, probe::find_oddities(path.target, path.rows, path.end));
  if (stage_.expected != nullptr) {
    const auto differs = difference(stage_.expected, path);
    summary.set(key::expected, !differs);
    if (differs && sink_.takes_events())
      for (const auto& one : differs->what.changes)
        sink_.write(records_.change(path.end.target, one.hop, one.expected, one.seen, path.end.at));
  }
  summarise(std::move(summary), path.end.target);
}

void record_view::summarise(report::record summary, std::uint32_t path) {
  rejects_.close(summary, path);
  if (summary_) sink_.write(*summary_);
  summary_.emplace(std::move(summary));
}

void record_view::end(const ending& how) {
  if (summary_) {
    if (how.receiver_drops != 0) summary_->set(key::receiver_dropped, how.receiver_drops);
    sink_.write(*summary_);
  }
  for (const auto& lost : lost_) sink_.write(record_maker::summary(lost, stage_.wall_of(how.at)));
  sink_.end();
}

}  // namespace diag::traceroute
