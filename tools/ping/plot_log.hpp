// --plot: what the picture of a series needs to remember.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/ping_event.hpp"
#include "libdiag/report/output_file.hpp"
#include "libdiag/report/svg_plot.hpp"
#include "tools/common/target_set.hpp"

namespace diag::ping {

class plot_log {
 public:
  /// Samples kept over all targets; what comes after is in the figures of the picture, not in its points.
  static constexpr std::size_t most_samples = 1'000'000;

  /// Creates the file at once, so that a run is not lost to a path that cannot be written.
  static result<plot_log> open(const std::string& path, const tools::target_set& targets);

  void begin(mono_time now) { began_ = now; }
  void take(const probe::ping_event& event);
  /// Draws and closes. The failure, if the picture could not be written whole.
  std::optional<failure> close(const std::string& caption);

 private:
  explicit plot_log(report::output_file file) : file_{std::move(file)} {}
  void add(std::uint32_t target, mono_time sent, std::optional<duration> rtt, report::plot_state state);

  report::output_file file_;
  mono_time began_{};
  std::size_t samples_ = 0;
  std::vector<report::plot_panel> panels_;
};

}  // namespace diag::ping
