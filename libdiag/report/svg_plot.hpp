// A run as a picture (SVG 1.1): for each target a panel with the RTT over time and what went wrong.
//
// Answers are points on a line that breaks where a probe was lost; losses are red in the strip under the
// axis, so that no scale hides them. Late answers and duplicates stand where they came, off the line: they
// are in no statistic. Beyond a few thousand samples a panel shows the lowest and highest RTT of each pixel
// column.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diag::report {

enum class plot_state : std::uint8_t { answered, late, duplicate, lost, refused, not_sent };

struct plot_sample {
  double at = 0;                   ///< seconds since the run began: when the probe was sent
  std::optional<double> rtt_ms{};  ///< of answers, late ones and duplicates
  plot_state state = plot_state::answered;
};

/// One target. What is absent is not drawn.
struct plot_panel {
  std::string target;  ///< as the user named it, with the address if that differs; any text is safe
  std::vector<plot_sample> samples;  ///< in the order of `at`
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  double loss_percent = 0;
  std::optional<double> min_ms{}, avg_ms{}, max_ms{}, p50_ms{}, p95_ms{};
};

/// The whole file. `caption` stands small at the foot: when, from where, with which tool.
std::string svg_plot(std::span<const plot_panel> panels, std::string_view caption);

}  // namespace diag::report
