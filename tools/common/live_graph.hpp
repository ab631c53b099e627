// The live view's drawings: the latency graph of one target and the sparkline of many.
#pragma once

#include <string>

#include "libdiag/core/time.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/common/live_history.hpp"

namespace diag::tools {

struct live_area {
  int row = 0;
  int column = 0;
  int rows = 0;
  int columns = 0;
};

/// Smallest area in which a graph says anything.
inline constexpr int least_graph_rows = 4;
inline constexpr int least_graph_columns = 24;
/// Columns left for bars in an area of `columns`.
int graph_bars(int columns);

/// Bars of the worst RTT of each column, an axis in milliseconds and one in time; loss in red, through the
/// whole height where nothing was answered. Precondition: at least the least area.
void draw_graph(live_grid& grid, const live_area& area, const live_bins& bins);
/// The same in one row, without axes; `top` is the RTT of a full bar.
void draw_sparkline(live_grid& grid, int row, int column, const live_bins& bins, duration top);

/// A round number, at least `longest` and not twice it; 1 ms when nothing was measured.
duration round_top(duration longest);
/// Milliseconds with three figures, no unit: "0.041", "12.3", "1200".
std::string short_ms(duration time);
/// "0:07", "12:34", "1:00:00".
std::string clock_text(duration time);

}  // namespace diag::tools
