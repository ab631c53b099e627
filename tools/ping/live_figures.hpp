// The live view's figures: one account as words that flow, and as a row of a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "tools/ping/live_grid.hpp"

namespace diag::ping {

struct live_figure {
  std::string text;
  live_ink ink = live_ink::plain;
};

/// Most important first: state or outage, loss, RTT, counts. `down`: the latest probe failed.
std::vector<live_figure> account_figures(const probe::ping_summary& account, mono_time now, bool down);
/// Fills rows [row, end) with figures, wrapping between them; returns the row after the last one used.
int flow(live_grid& grid, int row, int end, const std::vector<live_figure>& figures);
/// Row 0: what is shown, how long it runs, what the keys do; the right part gives way where there is no room.
void draw_title(live_grid& grid, std::string_view what, duration elapsed, std::string_view keys, bool urgent);

/// The columns of the list of targets, as many as fit.
class live_table {
 public:
  live_table(int columns, int longest_name);
  /// Columns left for a sparkline at the right edge; 0: none.
  [[nodiscard]] int spark_columns() const { return spark_; }
  [[nodiscard]] int spark_column() const { return columns_ - spark_; }
  /// Columns of the name.
  [[nodiscard]] int name_columns() const { return name_; }
  void draw_head(live_grid& grid, int row, duration top) const;
  void draw_row(live_grid& grid, int row, std::string_view name, const probe::ping_summary& account,
                bool down) const;

 private:
  void draw_cell(live_grid& grid, int row, std::size_t cell, std::string_view text, live_ink ink) const;
  int columns_;
  int name_;
  std::size_t shown_ = 0;  ///< of the figures, in the order of their importance
  int spark_ = 0;
};

}  // namespace diag::ping
