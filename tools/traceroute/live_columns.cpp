// Widths: what matters most is shown first, and a host gives way before the loss does.
#include "tools/traceroute/live_columns.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tools/common/live_lines.hpp"

namespace diag::traceroute {
namespace {

using enum hop_column;
using tools::live_gap;
using tools::live_grid;
using tools::live_ink;

constexpr int cell_width = 7;
constexpr int least_host = 6;
constexpr int least_spark = 8;
constexpr int wide_host = 40;  // an IPv6 address with nothing to shorten takes 39

/// By importance; on the screen they stand in mtr's order.
constexpr std::array latency_columns{loss, mean, last, worst, sent, p95, stddev, best, jitter};
constexpr std::array jitter_columns{loss, jitter_mean, jitter_last, jitter_worst, jitter, sent, mean, last};

char loss_mark(const hop_line& line) {
  switch (line.loss.what) {
    case probe::hop_loss::forwarding:
      return '!';
    case probe::hop_loss::rate_limited:
      return '~';
    case probe::hop_loss::unclear:
      return '?';
    default:
      return ' ';
  }
}

}  // namespace

live_columns::live_columns(const live_widths& widths, live_mode mode, bool jitter)
    : columns_{widths.columns}, number_{widths.numbers} {
  const int room = columns_ - host_column();
  const auto most = static_cast<int>(jitter ? jitter_columns.size() : latency_columns.size());
  int figures = 0;
  if (mode == live_mode::table) {
    const int host = std::min(widths.host, wide_host);
    figures = std::clamp((room - host) / cell_width, room - cell_width >= least_host ? 1 : 0, most);
    host_ = room - figures * cell_width;
  } else {
    host_ = std::clamp(widths.host + 1, least_host, std::max(columns_ * 2 / 5, least_host));
    const int left = room - host_ - live_gap;
    if (mode == live_mode::both) {
      figures = std::clamp((left - std::max(12, left / 3)) / cell_width, 0, most);
      if (figures == 0 && left + live_gap >= cell_width) figures = 1;
    }
    spark_ = left - figures * cell_width;
    if (spark_ < least_spark) spark_ = 0;
    if (spark_ == 0) host_ = room - figures * cell_width;
  }
  choose(static_cast<std::size_t>(figures), jitter);
}

void live_columns::choose(std::size_t count, bool jitter) {
  const auto take = [&](const auto& ranked) {
    shown_.assign(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count));
  };
  jitter ? take(jitter_columns) : take(latency_columns);
  std::sort(shown_.begin(), shown_.end());
}

void live_columns::draw_head(live_grid& grid, int row, duration top) const {
  put_clipped(grid, row, host_column(), host_, "Host", live_ink::faint);
  int end = host_column() + host_;
  for (const auto column : shown_) {
    end += cell_width;
    // The last column of a cell is the mark's, or a gap.
    const auto name = heading(column);
    grid.put(row, end - 1 - tools::width_of(name), name, live_ink::faint);
  }
  const auto scale = fmt::format("0 to {:g} ms", milliseconds(top));
  if (spark_ >= tools::width_of(scale)) grid.put(row, spark_column(), scale, live_ink::faint);
}

void live_columns::draw_figures(live_grid& grid, int row, const hop_line& line,
                                const hop_jitter& jitter) const {
  int end = host_column() + host_;
  for (const auto column : shown_) {
    end += cell_width;
    const auto text = cell_text(column, *line.figures, jitter);
    const auto ink = column == loss ? loss_ink(line) : live_ink::plain;
    grid.put(row, end - 1 - tools::width_of(text), text, ink);
    if (column == loss) grid.set(row, end - 1, static_cast<char32_t>(loss_mark(line)), ink);
  }
}

live_ink loss_ink(const hop_line& line) {
  switch (line.loss.what) {
    case probe::hop_loss::forwarding:
      return live_ink::bad;
    case probe::hop_loss::rate_limited:
    case probe::hop_loss::unclear:
      return live_ink::note;
    case probe::hop_loss::silent:
    case probe::hop_loss::beyond:
      return live_ink::faint;
    case probe::hop_loss::none:
      break;
  }
  return live_ink::plain;
}

}  // namespace diag::traceroute
