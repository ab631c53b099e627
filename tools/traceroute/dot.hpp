// --dot: paths as a graph for Graphviz, this host on top.
#pragma once

#include <span>
#include <string>

#include "libdiag/probe/path_event.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

struct drawn_path {
  std::string title;                         ///< what the user called the target; any text is safe
  const probe::path_graph* graph = nullptr;  ///< of graph_of() or --mda
};

/// Hops that several paths share are drawn once. Nodes have address, name, AS and the least RTT, links the
/// number of flows.
std::string dot_text(std::span<const drawn_path> paths, const address_labels& labels);

}  // namespace diag::traceroute
