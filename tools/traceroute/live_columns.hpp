// How the live view divides a line: number, host, as many figures as fit, and the graph.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/traceroute/hop_table.hpp"

namespace diag::traceroute {

/// mtr's display modes, in the order in which the key d goes through them.
enum class live_mode : std::uint8_t { both, table, graph };

struct live_widths {
  int columns = 80;  ///< of the terminal
  int numbers = 2;   ///< longest hop number
  int host = 15;     ///< longest host
};

class live_columns {
 public:
  live_columns(const live_widths& widths, live_mode mode, bool jitter);

  [[nodiscard]] int number_columns() const { return number_; }
  [[nodiscard]] int host_column() const { return number_ + 2; }
  [[nodiscard]] int host_columns() const { return host_; }
  /// Columns left for a sparkline at the right edge; 0: none.
  [[nodiscard]] int spark_columns() const { return spark_; }
  [[nodiscard]] int spark_column() const { return columns_ - spark_; }
  /// `top`: RTT of a full bar.
  void draw_head(tools::live_grid& grid, int row, duration top) const;
  void draw_figures(tools::live_grid& grid, int row, const hop_line& line, const hop_jitter& jitter) const;

 private:
  void choose(std::size_t count, bool jitter);
  int columns_;
  int number_;
  int host_ = 0;
  int spark_ = 0;
  std::vector<hop_column> shown_;
};

/// Red: packets are lost on the way; yellow: only answers are; faint: nothing is known of it.
tools::live_ink loss_ink(const hop_line& line);

}  // namespace diag::traceroute
