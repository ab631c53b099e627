// The live view's figures: one account as words that flow, and as a row of a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/common/live_lines.hpp"

namespace diag::ping {

/// Most important first: state or outage, loss, RTT, counts. `down`: the latest probe failed.
std::vector<tools::live_figure> account_figures(const probe::ping_summary& account, mono_time now, bool down);
/// The columns of the list of targets, as many as fit.
class live_table {
 public:
  live_table(int columns, int longest_name);
  /// Columns left for a sparkline at the right edge; 0: none.
  [[nodiscard]] int spark_columns() const { return spark_; }
  [[nodiscard]] int spark_column() const { return columns_ - spark_; }
  /// Columns of the name.
  [[nodiscard]] int name_columns() const { return name_; }
  void draw_head(tools::live_grid& grid, int row, duration top) const;
  void draw_row(tools::live_grid& grid, int row, std::string_view name, const probe::ping_summary& account,
                bool down) const;

 private:
  void draw_cell(tools::live_grid& grid, int row, std::size_t cell, std::string_view text,
                 tools::live_ink ink) const;
  int columns_;
  int name_;
  std::size_t shown_ = 0;  ///< of the figures, in the order of their importance
  int spark_ = 0;
};

}  // namespace diag::ping
