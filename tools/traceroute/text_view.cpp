// Rows, a verdict, and a line for each finding.
#include "tools/traceroute/text_view.hpp"

#include <fmt/format.h>

#include "libdiag/probe/path_findings.hpp"
#include "libdiag/report/words.hpp"
#include "tools/traceroute/sentences.hpp"
#include "tools/traceroute/side_files.hpp"

namespace diag::traceroute {

text_view::text_view(const stage& on, bool rows)
    : stage_{on},
      rows_{rows},
      single_{on.paths.size() == 1},
      manner_{on.labels, on.style, on.options.extensions},
      book_{on.paths} {}

void text_view::begin() {
  if (!single_ || stage_.options.packets) return;
  stage_.out.line(header_line(stage_, 0));
  stage_.out.flush();
}

text_view::page& text_view::page_of(std::uint32_t path) {
  const auto [at, fresh] = pages_.try_emplace(path);
  if (fresh && !single_) at->second.text = header_line(stage_, path) + '\n';
  return at->second;
}

void text_view::write(page& on, const std::string& lines) {
  if (single_)
    stage_.out.write(lines);
  else
    on.text += lines;
}

std::string text_view::silent_lines(const page& of, bool last) {
  if (last && of.last_silent > of.first_silent) return silence_line(of.first_silent, of.last_silent) + '\n';
  return of.silent;
}

void text_view::take(const probe::path_event& event) {
  if (const auto* row = std::get_if<probe::hop_row>(&event)) {
    take_row(*row);
  } else if (const auto* end = std::get_if<probe::path_end>(&event)) {
    take_end(*end);
  } else if (const auto* fits = std::get_if<probe::mtu_row>(&event)) {
    auto& on = page_of(fits->target);
    if (rows_) write(on, mtu_row_line(*fits, on.mtu, manner_) + '\n');
    if (fits->mtu != 0) on.mtu = fits->mtu;
  } else if (const auto* fit = std::get_if<probe::mtu_end>(&event)) {
    close(fit->target, mtu_verdict_line(*fit, stage_) + '\n');
  } else if (const auto* all = std::get_if<probe::multipath>(&event)) {
    if (rows_) write(page_of(all->target), multipath_lines(*all, manner_));
    close(all->target, multipath_verdict_line(*all, stage_) + '\n');
  } else if (const auto* reject = std::get_if<probe::path_reject>(&event)) {
    take_reject(*reject);
  }
}

void text_view::take_row(const probe::hop_row& row) {
  book_.add(row);
  auto& on = page_of(row.target);
  if (!rows_) return;
  // A hop that is silent may be the first of many: one line for all of them, if nothing comes behind.
  if (is_silent(row)) {
    if (on.silent.empty()) on.first_silent = row.hop;
    on.last_silent = row.hop;
    on.silent += row_line(row, manner_) + '\n';
    return;
  }
  const auto before = silent_lines(on, false);
  on.silent.clear();
  on.first_silent = on.last_silent = 0;
  write(on, before + row_line(row, manner_) + '\n');
}

void text_view::take_end(const probe::path_end& end) {
  const auto path = book_.close(end);
  if (!path) return;
  auto& on = page_of(end.target);
  if (rows_) write(on, silent_lines(on, true));
  auto verdict = verdict_line(*path, stage_) + '\n';
  for (const auto& one : probe::find_oddities(path->target, path->rows, path->end))
    verdict += finding_sentence(one, stage_.labels, &*path) + '\n';
  if (stage_.expected != nullptr) {
    const auto differs = difference(stage_.expected, *path);
    if (!differs) verdict += stage_.style.good("as expected") + "\n";
    if (differs)
      for (const auto& sentence : differs->sentences()) verdict += stage_.style.bad(sentence) + '\n';
  }
  close(end.target, verdict);
}

void text_view::take_reject(const probe::path_reject& what) {
  if (!stage_.options.verbose || !rows_) return;
  auto line = fmt::format("rejected: {}", describe(what.why));
  if (what.from) line += ", from " + to_string(what.from);
  if (what.icmp_type != 0) line += fmt::format(", icmp {}/{}", what.icmp_type, what.icmp_code);
  if (what.hop != 0) line += fmt::format(", hop {}", what.hop);
  stage_.out.line(line);
}

void text_view::close(std::uint32_t path, const std::string& verdict) {
  auto& on = page_of(path);
  write(on, verdict);
  if (!single_) {
    if (printed_ && rows_) stage_.out.line("");
    printed_ = true;
    stage_.out.write(on.text);
  }
  pages_.erase(path);
}

void text_view::rest(mono_time) {
  stage_.out.flush();
}

void text_view::end(const ending& how) {
  if (how.receiver_drops != 0)
    stage_.out.line("lost by our own receiver: " +
                    report::count_words(how.receiver_drops, "packet", "packets"));
  if (!how.complete && !single_) stage_.out.line("cut short: not every target came to its end");
}

}  // namespace diag::traceroute
