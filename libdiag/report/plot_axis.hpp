// Axes of a plot: from values to pixels, and where to put the ticks.
#pragma once

#include <string>
#include <vector>

namespace diag::report {

struct plot_tick {
  double value = 0;
  std::string label;
};

/// Values to pixels, linear or by logarithm. Values outside the range are drawn at its edge.
class plot_axis {
 public:
  /// `from` < `to`; for a logarithmic axis both above 0. `at_from` and `at_to` are pixels, in either order.
  plot_axis(double from, double to, double at_from, double at_to, bool logarithmic = false);

  [[nodiscard]] double pixel(double value) const;
  [[nodiscard]] double from() const { return from_; }
  [[nodiscard]] double to() const { return to_; }
  [[nodiscard]] bool logarithmic() const { return logarithmic_; }

 private:
  double from_;
  double to_;
  double at_from_;
  double at_to_;
  bool logarithmic_;
};

/// An axis of milliseconds that holds [low, high]: from 0 to a round number, or between powers of ten when
/// the values reach over more than two of them. `low` > 0 unless nothing was measured (both 0).
plot_axis milliseconds_axis(double low, double high, double bottom, double top);
/// About five round numbers, or one tick a decade.
std::vector<plot_tick> milliseconds_ticks(const plot_axis& axis);
/// About eight ticks at steps that clocks have: labels in seconds ("12"), minutes ("2:30") or hours ("1:30
/// h").
std::vector<plot_tick> seconds_ticks(const plot_axis& axis);

}  // namespace diag::report
