// Keys and layout: a line for each hop, its further addresses below, and the graph of one where there is
// room.
#include "tools/traceroute/live_screen.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/common/live_graph.hpp"
#include "tools/common/live_lines.hpp"
#include "tools/traceroute/text_lines.hpp"

namespace diag::traceroute {
namespace {

using tools::live_figure;
using tools::live_grid;
using tools::live_ink;

constexpr std::size_t most_addresses = 8;  // of one hop
constexpr int wide_screen = 120;           // columns with room for name and address
constexpr int most_graph_rows = 20;

/// What the loss of hops means, in the order of their distance; a stretch that shares a loss is told once.
std::vector<live_figure> remarks(std::span<const probe::hop_figures> hops,
                                 const std::vector<hop_line>& lines) {
  std::vector<live_figure> said;
  std::uint64_t errors = 0;
  for (const auto& figures : hops) errors += figures.errors;
  if (errors > 0) said.push_back({fmt::format("not sent: {}", errors), live_ink::note});
  const hop_line* before = nullptr;
  for (const auto& line : lines) {
    const bool told = line.loss.what == probe::hop_loss::forwarding && before != nullptr &&
                      before->loss.what == line.loss.what;
    const bool worth =
        line.loss.what == probe::hop_loss::forwarding || line.loss.what == probe::hop_loss::rate_limited;
    if (worth && !told && !waits(line))
      said.push_back({fmt::format("hop {}: {}", hop_numbers(line), loss_words(line)), loss_ink(line)});
    before = &line;
  }
  return said;
}

}  // namespace

live_screen::live_screen(std::vector<std::string> subjects, const address_labels& labels, live_paths memory)
    : subjects_{std::move(subjects)}, labels_{labels}, memory_{std::move(memory)} {}

void live_screen::add(const probe::path_event& event) {
  const auto* result = std::get_if<probe::path_result>(&event);
  if (result == nullptr) return;
  if (result->answer.from) labels_.ask(result->answer.from);
  memory_.add(*result);
}

void live_screen::reset() {
  memory_.clear();
  verdicts_.clear();
}

void live_screen::press(live_key key) {
  const auto last = lines_ == 0 ? 0 : lines_ - 1;
  const auto move = [&](std::size_t to) { cursor_ = std::min(to, last); };
  const auto at = cursor_.value_or(0);
  const auto turn = [&](std::size_t by) {
    if (subjects_.size() < 2) return;
    target_ = static_cast<std::uint32_t>((target_ + by) % subjects_.size());
    cursor_.reset();
    top_ = 0;
  };
  switch (key) {
    case live_key::up:
      return move(cursor_ ? at - std::min<std::size_t>(at, 1) : last);
    case live_key::down:
      return move(cursor_ ? at + 1 : 0);
    case live_key::page_up:
      return move(at - std::min(at, page_));
    case live_key::page_down:
      return move(at + page_);
    case live_key::home:
      return move(0);
    case live_key::end:
      return move(last);
    case live_key::next_target:
      return turn(1);
    case live_key::last_target:
      return turn(subjects_.size() - 1);
    case live_key::display:
      mode_ = mode_ == live_mode::both    ? live_mode::table
              : mode_ == live_mode::table ? live_mode::graph
                                          : live_mode::both;
      return;
    case live_key::names:
      names_ = !names_;
      return;
    case live_key::extensions:
      extensions_ = !extensions_;
      return;
    case live_key::jitter:
      jitter_ = !jitter_;
      return;
    case live_key::pause:
      paused_ = !paused_;
      return;
    case live_key::help:
      help_ = !help_;
      return;
    case live_key::back:
      help_ ? void(help_ = false) : cursor_.reset();
      return;
  }
}

std::string live_screen::host_text(const ip_address& address, bool wide) const {
  std::string text;
  if (labels_.origins_wanted()) {
    const auto who = labels_.origin(address);
    text = fmt::format("{:<9}", who ? fmt::format("AS{}", who->number) : "-");
  }
  const auto name = names_ ? labels_.name(address) : std::string{};
  if (name.empty()) return text + to_string(address);
  return wide ? fmt::format("{}{} ({})", text, name, to_string(address)) : text + name;
}

std::vector<live_screen::text_row> live_screen::text_rows(const std::vector<hop_line>& lines,
                                                          bool wide) const {
  std::vector<text_row> rows;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& figures = *lines[i].figures;
    const auto& seen = figures.addresses;
    if (seen.empty()) {
      const bool failed = waits(lines[i]) && figures.errors > 0;
      rows.push_back({i, true,
                      failed            ? "(cannot send)"
                      : waits(lines[i]) ? "(waiting)"
                                        : "(silent)",
                      failed ? live_ink::bad : live_ink::faint});
      continue;
    }
    for (std::size_t k = 0; k < std::min(seen.size(), most_addresses); ++k) {
      auto text = host_text(seen[k].address, wide);
      const auto mark = figures.latest.from == seen[k].address ? mark_of(figures.latest) : std::string{};
      if (!mark.empty()) text += ' ' + mark;
      const auto ink = !mark.empty() ? live_ink::bad : k == 0 ? live_ink::plain : live_ink::faint;
      rows.push_back({i, k == 0, std::move(text), ink});
    }
    if (seen.size() > most_addresses)
      rows.push_back({i, false, fmt::format("and {} more", seen.size() - most_addresses), live_ink::faint});
    if (!extensions_) continue;
    if (auto words = extension_text(figures.latest); !words.empty())
      rows.push_back({i, false, std::move(words), live_ink::faint});
  }
  return rows;
}

void live_screen::scroll(const std::vector<hop_line>& lines, const std::vector<text_row>& rows, int page) {
  lines_ = lines.size();
  const auto shown = static_cast<std::size_t>(std::max(page, 1));
  page_ = shown;
  const auto most = rows.size() > shown ? rows.size() - shown : 0;
  if (cursor_ && !lines.empty()) {
    *cursor_ = std::min(*cursor_, lines.size() - 1);
    const auto of_line = [&](const text_row& row) { return row.line == *cursor_; };
    const auto at = static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), of_line) - rows.begin());
    top_ = std::clamp(top_, at + 1 > shown ? at + 1 - shown : 0, at);
  }
  top_ = std::min(top_, most);
}

void live_screen::paint_row(live_grid& grid, int at, const text_row& row, const hop_line& line,
                            const live_columns& layout) const {
  if (!row.main) {
    // Further addresses and extensions have no figures, so the whole line is theirs.
    put_clipped(grid, at, layout.host_column(), grid.columns() - layout.host_column(), row.text, row.ink);
    return;
  }
  const auto number = hop_numbers(line) + '.';
  grid.put(at, layout.number_columns() + 1 - tools::width_of(number), number, loss_ink(line));
  put_clipped(grid, at, layout.host_column(), layout.host_columns(), row.text, row.ink);
  layout.draw_figures(grid, at, line, memory_.jitter(target_, line.figures->hop));
}

void live_screen::judge(std::span<const probe::hop_figures> hops) {
  // With loss at many hops the tests behind a verdict take milliseconds, too much for every drawing.
  const bool fresh = judged_target_ == target_ && verdicts_.size() == hops.size() &&
                     shown_.now >= judged_at_ && shown_.now - judged_at_ < 1s;
  if (fresh) return;
  verdicts_ = probe::judge_loss(hops);
  judged_at_ = shown_.now;
  judged_target_ = target_;
}

int live_screen::paint_rows(live_grid& grid, const std::vector<hop_line>& lines,
                            const std::vector<text_row>& rows, int page) {
  scroll(lines, rows, page);
  live_widths widths{grid.columns(), 2, 4};
  for (const auto& line : lines)
    widths.numbers = std::max(widths.numbers, tools::width_of(hop_numbers(line)));
  for (const auto& row : rows)
    if (row.main) widths.host = std::max(widths.host, tools::width_of(row.text));
  const live_columns layout{widths, mode_, jitter_};

  const auto last = std::min(rows.size(), top_ + page_);
  std::vector<tools::live_bins> bins(rows.size());
  duration worst{};
  for (auto i = top_; layout.spark_columns() > 0 && i < last; ++i) {
    if (!rows[i].main) continue;
    bins[i] = memory_.bins(target_, lines[rows[i].line].figures->hop, shown_.now, layout.spark_columns());
    worst = std::max(worst, bins[i].worst());
  }
  const auto top = tools::round_top(worst);
  layout.draw_head(grid, 1, top);
  int at = 2;
  for (auto i = top_; i < last; ++i, ++at) {
    paint_row(grid, at, rows[i], lines[rows[i].line], layout);
    if (rows[i].main) draw_sparkline(grid, at, layout.spark_column(), bins[i], top);
    if (rows[i].main && cursor_ == rows[i].line)
      grid.invert(at, layout.host_column() + layout.host_columns());
  }
  return at;
}

void live_screen::paint_below(live_grid& grid, int from, int to, const std::vector<hop_line>& lines) const {
  const int rows = std::min(to - from, most_graph_rows + 1);
  if (mode_ == live_mode::table || lines.empty() || rows < tools::least_graph_rows + 1 ||
      grid.columns() < tools::least_graph_columns)
    return;
  const auto& line = lines[std::min(cursor_.value_or(lines.size() - 1), lines.size() - 1)];
  auto caption = "hop " + hop_numbers(line);
  if (!line.figures->addresses.empty())
    caption += ", " + host_text(line.figures->addresses.front().address, true);
  if (const auto words = loss_words(line); !words.empty()) caption += ", " + words;
  const int head = to - rows;
  put_clipped(grid, head, 0, grid.columns(), caption, live_ink::title);
  const tools::live_area area{head + 1, 0, rows - 1, grid.columns()};
  draw_graph(grid, area,
             memory_.bins(target_, line.figures->hop, shown_.now, tools::graph_bars(area.columns)));
}

void live_screen::paint_help(live_grid& grid) const {
  constexpr std::string_view lines[] = {
      "d        table and graph, table, graph",
      "j        jitter instead of latency",
      "n        names or addresses",
      "e        what routers append: MPLS labels, interfaces",
      "p Space  pause: no probes, until pressed again",
      "r        reset all figures",
      "arrows PgUp PgDn Home End   choose a hop; Esc: none",
      "Tab      next target",
      "q        quit, and print the table",
      "",
      "Loss%  !  packets are lost on the way to this hop",
      "       ~  only its answers are: it limits its ICMP",
      "       ?  one of the two; it cannot be told yet",
  };
  grid.put(0, 0, "Keys of diag-traceroute --live (h: back)", live_ink::title);
  int row = 1;
  for (const auto line : lines) grid.put(row++, 0, line);
}

void live_screen::paint(live_grid& grid, const live_moment& moment, const hop_source& hops) {
  if (!paused_ || !drawn_) shown_ = moment;
  drawn_ = true;
  if (subjects_.empty()) return;
  if (help_) return paint_help(grid);
  auto title = subjects_[target_];
  if (subjects_.size() > 1) title = fmt::format("[{}/{}] {}", target_ + 1, subjects_.size(), title);
  draw_title(grid, fmt::format("{}, round {}", title, shown_.round), shown_.elapsed,
             paused_ ? "PAUSED  p go on" : "h help  q quit", paused_);

  const auto figures = hops(target_);
  judge(figures);
  const auto lines = hop_lines(figures, verdicts_);
  const auto rows = text_rows(lines, grid.columns() >= wide_screen);
  const auto said = remarks(figures, lines);
  const bool foot = grid.rows() >= 8;
  int end = grid.rows() - (foot ? 1 : 0);
  if (foot)
    grid.put(end, 0,
             subjects_.size() > 1
                 ? "Tab target  d display  n names  e extensions  j jitter  p pause  r reset"
                 : "arrows hop  d display  n names  e extensions  j jitter  p pause  r reset",
             live_ink::faint);
  if (!said.empty() && grid.rows() >= 10) flow(grid, end - 1, end, said), --end;
  const int below = paint_rows(grid, lines, rows, end - 2);
  paint_below(grid, below + 1, end, lines);
}

}  // namespace diag::traceroute
