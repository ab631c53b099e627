// Bars out of eighths of a character cell (Unicode block elements) or of three ASCII glyphs.
#include "tools/common/live_graph.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/core/rounding.hpp"
#include "libdiag/report/words.hpp"

namespace diag::tools {
namespace {

constexpr int label_columns = 10;  // "0.040 ms |"
constexpr int eighths = 8;

/// A cell filled from below by `filled` eighths.
char32_t bar_glyph(const live_grid& grid, int filled) {
  constexpr std::u32string_view fine = U" ▁▂▃▄▅▆▇█";
  constexpr std::u32string_view plain = U" ...:::##";
  const auto index = static_cast<std::size_t>(std::clamp(filled, 0, eighths));
  return grid.unicode() ? fine[index] : plain[index];
}

/// Eighths of a bar `rows` cells high; an answer is never invisible.
int height(duration rtt, duration top, int rows) {
  const double share = static_cast<double>(rtt.count()) / static_cast<double>(top.count());
  return std::clamp(static_cast<int>(round_to_integer(share * rows * eighths)), 1, rows * eighths);
}

bool failed(const live_bin& bin) {
  return bin.lost + bin.not_sent > 0;
}
live_ink failure_ink(const live_bin& bin) {
  return bin.lost > 0 ? live_ink::bad : live_ink::note;
}

void draw_column(live_grid& grid, const live_area& bars, int column, const live_bin& bin, duration top) {
  const int at = bars.column + column;
  const int bottom = bars.row + bars.rows - 1;
  if (bin.answered > 0) {
    int left = height(bin.worst, top, bars.rows);
    const auto ink = failed(bin) ? live_ink::note : live_ink::good;
    for (int row = bottom; left > 0; --row, left -= eighths) grid.set(row, at, bar_glyph(grid, left), ink);
  } else if (failed(bin)) {
    for (int row = bars.row; row <= bottom; ++row)
      grid.set(row, at, grid.either(U'░', U'!'), failure_ink(bin));
  }
  if (failed(bin)) grid.set(bottom + 1, at, grid.either(U'×', U'x'), failure_ink(bin));
}

void draw_axes(live_grid& grid, const live_area& bars, duration top, duration step) {
  const int bottom = bars.row + bars.rows;
  const auto mark = [&](int row, duration value) {
    const auto label = value >= 1s ? fmt::format("{:g} s", seconds(value)) : short_ms(value) + " ms";
    grid.put(row, bars.column - 2 - static_cast<int>(label.size()), label, live_ink::faint);
  };
  for (int row = bars.row; row < bottom; ++row)
    grid.set(row, bars.column - 1, grid.either(U'│', U'|'), live_ink::faint);
  mark(bars.row, top);
  if (bars.rows >= 6) mark(bars.row + bars.rows / 2, top / 2);
  grid.put(bottom, bars.column - 3, "0", live_ink::faint);
  grid.set(bottom, bars.column - 1, grid.either(U'└', U'+'), live_ink::faint);
  for (int i = 0; i < bars.columns; ++i)
    grid.set(bottom, bars.column + i, grid.either(U'─', U'-'), live_ink::faint);

  const auto ago = [&](int columns_back) { return "-" + clock_text(step * columns_back); };
  grid.put(bottom + 1, bars.column, ago(bars.columns), live_ink::faint);
  if (bars.columns >= 40)
    grid.put(bottom + 1, bars.column + bars.columns / 2, ago(bars.columns - bars.columns / 2),
             live_ink::faint);
  grid.put(bottom + 1, bars.column + bars.columns - 3, "now", live_ink::faint);
}

}  // namespace

int graph_bars(int columns) {
  return columns - label_columns;
}

void draw_graph(live_grid& grid, const live_area& area, const live_bins& bins) {
  const live_area bars{area.row, area.column + label_columns, area.rows - 2, graph_bars(area.columns)};
  const auto top = round_top(bins.worst());
  draw_axes(grid, bars, top, bins.step);
  const auto count = std::min(bars.columns, static_cast<int>(bins.columns.size()));
  const auto first = bins.columns.size() - static_cast<std::size_t>(count);
  for (int i = 0; i < count; ++i)
    draw_column(grid, bars, bars.columns - count + i, bins.columns[first + static_cast<std::size_t>(i)], top);
}

void draw_sparkline(live_grid& grid, int row, int column, const live_bins& bins, duration top) {
  for (const auto& bin : bins.columns) {
    if (failed(bin))
      grid.set(row, column, grid.either(U'×', U'x'), failure_ink(bin));
    else if (bin.answered > 0)
      grid.set(row, column, bar_glyph(grid, height(bin.worst, top, 1)), live_ink::good);
    ++column;
  }
}

duration round_top(duration longest) {
  if (longest <= duration::zero()) return 1ms;
  for (duration decade = 10us;; decade *= 10)
    for (const int tenths : {10, 15, 20, 30, 40, 50, 60, 80})
      if (decade / 10 * tenths >= longest) return decade / 10 * tenths;
}

std::string short_ms(duration time) {
  return report::rtt_words(time);
}

std::string clock_text(duration time) {
  const auto total = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  if (total < 10'000 && total % 1000 != 0) return fmt::format("{}.{}s", total / 1000, total % 1000 / 100);
  const auto whole = total / 1000;
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace diag::tools
