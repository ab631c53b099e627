// What live views write in words: figures that flow, the title, names that are cut to their column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "tools/common/live_grid.hpp"

namespace diag::tools {

struct live_figure {
  std::string text;
  live_ink ink = live_ink::plain;
};

/// Columns between two figures of a line.
inline constexpr int live_gap = 2;

/// Columns that text takes.
int width_of(std::string_view text);
/// Fills rows [row, end) with figures, wrapping between them; returns the row after the last one used.
int flow(live_grid& grid, int row, int end, const std::vector<live_figure>& figures);
/// Row 0: what is shown, how long it runs, what the keys do; the right part gives way where there is no room.
void draw_title(live_grid& grid, std::string_view what, duration elapsed, std::string_view keys, bool urgent);
/// Writes at most `width` columns, the last of them a mark where something was cut off; returns the column
/// after it.
int put_clipped(live_grid& grid, int row, int column, int width, std::string_view text,
                live_ink ink = live_ink::plain);

}  // namespace diag::tools
