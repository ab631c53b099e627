// The lines of the table, in mtr's shape, because scripts cut its columns; what loss means stands at their
// end.
#include "tools/traceroute/report_view.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "libdiag/report/words.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/traceroute/hop_table.hpp"
#include "tools/traceroute/text_lines.hpp"

namespace diag::traceroute {
namespace {

using enum hop_column;
constexpr std::array columns{loss, sent, last, mean, best, worst, stddev, p95, jitter};
constexpr std::size_t cell_width = 8;
constexpr std::string_view nobody = "???";  // mtr's

std::size_t glyphs(std::string_view text) {
  return tools::glyphs_of(text).size();
}

std::string padded(std::string text, std::size_t width) {
  const auto taken = glyphs(text);
  return taken < width ? text.append(width - taken, ' ') : text;
}

std::string painted(const hop_line& line, const report::style& style, std::string_view text) {
  switch (line.loss.what) {
    case probe::hop_loss::forwarding:
      return style.bad(text);
    case probe::hop_loss::rate_limited:
    case probe::hop_loss::unclear:
      return style.note(text);
    default:
      return std::string{text};
  }
}

/// The address that the table shows in this line, with the mark of a refusal.
std::string host_text(const probe::hop_figures& figures, std::size_t place, const table_manner& manner) {
  if (figures.addresses.empty()) return std::string{nobody};
  const auto& address = figures.addresses[place].address;
  auto text = manner.labels.text(address);
  if (figures.latest.from == address)
    if (const auto mark = mark_of(figures.latest); !mark.empty()) text += ' ' + mark;
  return text;
}

std::string cells(const hop_line& line, const report::style& style) {
  std::string text;
  for (const auto column : columns) {
    const auto cell = fmt::format("{:>{}}", cell_text(column, *line.figures), cell_width);
    text += column == loss ? painted(line, style, cell) : cell;
  }
  if (const auto words = loss_words(line); !words.empty()) text += "  " + painted(line, style, words);
  return text;
}

/// Rows as verdicts want them, out of the latest answer of each hop.
std::vector<probe::hop_row> latest_rows(std::uint32_t target, std::span<const probe::hop_figures> hops) {
  std::vector<probe::hop_row> rows;
  for (const auto& figures : hops) {
    probe::path_result result;
    result.asked.target = target;
    result.asked.hop = figures.hop;
    result.answer = figures.latest;
    rows.push_back({target, figures.hop, {std::move(result)}});
  }
  return rows;
}

}  // namespace

std::string report_table(std::span<const probe::hop_figures> hops, const table_manner& manner) {
  const auto lines = hop_lines(hops);
  std::size_t number_width = 3;
  std::size_t host_width = 16;
  for (const auto& line : lines) {
    number_width = std::max(number_width, hop_numbers(line).size());
    for (std::size_t i = 0; i < line.figures->addresses.size(); ++i)
      host_width = std::max(host_width, glyphs(host_text(*line.figures, i, manner)));
  }
  constexpr std::string_view joint = ".|-- ";
  auto text = padded("HOST", number_width + joint.size() + host_width);
  for (const auto column : columns) text += fmt::format("{:>{}}", heading(column), cell_width);
  text += '\n';
  for (const auto& line : lines) {
    const auto& figures = *line.figures;
    text += fmt::format("{:>{}}{}", hop_numbers(line), number_width, joint);
    text += padded(host_text(figures, 0, manner), host_width) + cells(line, manner.style) + '\n';
    const auto indent = fmt::format("{:>{}}   ", '|', number_width + 2);
    for (std::size_t i = 1; i < figures.addresses.size(); ++i)
      text.append(indent).append(host_text(figures, i, manner)).append(1, '\n');
    if (!manner.extensions) continue;
    if (const auto words = extension_text(figures.latest); !words.empty())
      text.append(indent).append(words).append(1, '\n');
  }
  return text;
}

std::string report_text(const stage& on, std::span<const probe::hop_figures> hops, std::uint64_t rounds,
                        const probe::path_end& end) {
  auto text = fmt::format("{}, {}, {} round{} in {:.1f} s\n", on.subject(end.target),
                          probe_words(on.paths[end.target]), rounds, rounds == 1 ? "" : "s",
                          seconds(end.at - end.began));
  text += report_table(hops, {on.labels, on.style, on.options.extensions});
  std::uint64_t errors = 0;
  for (const auto& figures : hops) errors += figures.errors;
  if (errors > 0)
    text += on.style.bad("not sent") + ": " + report::count_words(errors, "probe", "probes") + '\n';
  probe::traced_path path;
  path.target = on.paths[end.target];
  path.rows = latest_rows(end.target, hops);
  path.end = end;
  return text + verdict_line(path, on) + '\n';
}

void report_view::take(const probe::path_event& event) {
  const auto* end = std::get_if<probe::path_end>(&event);
  if (end != nullptr && end->target < on_.paths.size()) ends_.push_back(*end);
}

void report_view::end(const ending&) {
  std::stable_sort(ends_.begin(), ends_.end(),
                   [](const auto& a, const auto& b) { return a.target < b.target; });
  bool first = true;
  for (const auto& end : ends_) {
    if (!first) on_.out.line("");
    first = false;
    on_.out.write(report_text(on_, course_.hops(end.target), course_.round(), end));
  }
  on_.out.flush();
}

}  // namespace diag::traceroute
