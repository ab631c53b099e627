// --plot: a picture (SVG 1.1) of each path, hops from top to bottom as in the text, RTT from left to right.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/rounds_course.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

/// A picture of more panels is no picture.
inline constexpr std::size_t most_plotted_paths = 256;

struct plotted_trace {
  std::string title;  ///< what the user called the target, with the address; any text is safe
  const probe::traced_path* path = nullptr;
};
/// A dot for each probe, a line through the medians. `caption` stands small at the foot.
std::string trace_plot(std::span<const plotted_trace> traces, const address_labels& labels,
                       std::string_view caption);

struct plotted_report {
  std::string title;
  std::span<const probe::hop_figures> hops;
};
/// For each hop from the least RTT to the greatest, median and p95, and its loss.
std::string report_plot(std::span<const plotted_report> reports, const address_labels& labels,
                        std::string_view caption);

}  // namespace diag::traceroute
