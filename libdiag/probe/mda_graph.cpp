// What a walk over a load-balanced path amounts to: nodes, links, and whose balancing is per packet.
#include <algorithm>
#include <map>

#include "libdiag/probe/mda_walk.hpp"

namespace diag::probe {

/// A node with several next hops is asked again with one flow, so often that of equally likely ways another
/// would have been taken.
void mda_walk::begin_checks() {
  checking_ = true;
  for (auto h = first_ - 1; h < last_; ++h) {
    for (const auto& one : fans_at(h)) {
      const auto ways =
          std::count_if(one.next.begin(), one.next.end(), [this](auto n) { return !silent(n); });
      if (ways < 2 || !one.witness) continue;
      check again{static_cast<std::uint8_t>(h), *one.witness, one.node, 1, 0, false};
      again.first_number = find_cell(h + 1, again.flow)->tries;
      for (auto same = 1.0 / static_cast<double>(ways); same > config_.failure;
           same /= static_cast<double>(ways))
        ++again.left;
      checks_.push_back(again);
    }
  }
}

bool mda_walk::is_check(const path_question& asked) const {
  return std::any_of(checks_.begin(), checks_.end(), [&](const check& again) {
    return again.hop + 1 == asked.hop && again.flow == asked.flow && asked.number >= again.first_number;
  });
}

std::optional<path_question> mda_walk::next_check() {
  for (auto& again : checks_) {
    if (again.left == 0 || again.differs) continue;
    --again.left;
    ++checks_in_flight_;
    return ask(again.hop + 1, again.flow);
  }
  return std::nullopt;
}

/// Cells beyond a flow's end say nothing, and of the silence it ends in one is enough.
bool mda_walk::shown(int h, std::uint16_t flow) const {
  const auto* one = find_cell(h, flow);
  if (!one || one->state != cell_state::known || !goes_to(flow, h)) return false;
  const int end = end_[flow];
  return end == 0 || find_cell(end, flow)->ends || h <= end - config_.silent_hops + 1;
}

void mda_walk::add_nodes(path_graph& graph, std::vector<std::uint32_t>& places) const {
  path_graph::node host;
  host.address = source_;
  host.flows = flows_used_;
  graph.nodes.push_back(host);
  for (auto h = first_; h <= last_; ++h) {
    std::map<std::uint32_t, path_graph::node> met;
    for (std::uint16_t flow = 0; flow < at(h).cells.size(); ++flow) {
      if (!shown(h, flow)) continue;
      const auto& one = at(h).cells[flow];
      auto& node = met[one.node];
      ++node.flows;
      node.target = node.target || one.reached;
    }
    // Numbers of nodes rise with their discovery, and so do the map's keys.
    for (auto& [number, node] : met) {
      const auto& known = nodes_[number];
      node.hop = known.hop;
      node.address = known.address;
      node.probes = known.probes;
      node.rtt = known.rtt;
      places[number] = static_cast<std::uint32_t>(graph.nodes.size());
      graph.nodes.push_back(node);
    }
  }
}

void mda_walk::add_links(path_graph& graph, const std::vector<std::uint32_t>& places) const {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> links;
  for (auto h = first_; h <= last_; ++h)
    for (std::uint16_t flow = 0; flow < at(h).cells.size(); ++flow) {
      if (!shown(h, flow)) continue;
      const auto to = places[at(h).cells[flow].node];
      if (h == first_)
        ++links[{0, to}];
      else if (shown(h - 1, flow))
        ++links[{places[at(h - 1).cells[flow].node], to}];
    }
  for (const auto& [ends, flows] : links) graph.links.push_back({ends.first, ends.second, flows});
}

/// Behind a balancer per packet a flow no longer tells a way, until all ways have met again: what differs
/// there is no proof against the nodes in between.
void mda_walk::mark_per_packet(path_graph& graph, const std::vector<std::uint32_t>& places) const {
  std::vector<bool> unsure(graph.nodes.size());
  for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
    auto& node = graph.nodes[i];
    const auto neighbors = std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                         [&](const path_graph::node& n) { return n.hop == node.hop; });
    unsure[i] =
        neighbors > 1 && std::any_of(graph.links.begin(), graph.links.end(), [&](const path_graph::link& l) {
          return l.to == i && (graph.nodes[l.from].per_packet || unsure[l.from]);
        });
    node.per_packet = !unsure[i] && std::any_of(checks_.begin(), checks_.end(), [&](const check& again) {
      return again.differs && (again.node == nobody ? 0 : places[again.node]) == i;
    });
  }
}

bool mda_walk::rule_met() const {
  for (auto h = first_ - 1; h < last_; ++h)
    for (const auto& one : fans_at(h))
      if (one.resolved < need(one.next.size()) && can_find_flows(h, one.node)) return false;
  return true;
}

path_stop mda_walk::stopped_by() const {
  if (reached_) return path_stop::reached;
  if (sent_ == 0 && errors_ != 0) return path_stop::error;
  if (refused_) return path_stop::unreachable;
  return end_[0] == 0 ? path_stop::last_hop : path_stop::silence;
}

/// The nearest hop of the target; without it, the furthest that anything came from.
std::uint8_t mda_walk::length() const {
  std::uint8_t furthest = 0;
  for (auto h = first_; h <= last_; ++h)
    for (std::uint16_t flow = 0; flow < at(h).cells.size(); ++flow) {
      if (!shown(h, flow)) continue;
      const auto& one = at(h).cells[flow];
      if (one.reached) return static_cast<std::uint8_t>(h);
      if (!silent(one.node)) furthest = static_cast<std::uint8_t>(h);
    }
  return furthest;
}

multipath mda_walk::conclude(mono_time now, bool cut_short) const {
  auto graph = std::make_shared<path_graph>();
  std::vector<std::uint32_t> places(nodes_.size(), nobody);
  add_nodes(*graph, places);
  add_links(*graph, places);
  mark_per_packet(*graph, places);
  multipath found;
  found.target = target_;
  found.began = began_;
  found.at = now;
  found.why = cut_short ? path_stop::interrupted : stopped_by();
  found.hops = length();
  found.sent = sent_;
  found.flows = flows_used_;
  found.complete = !cut_short && rule_met();
  found.graph = std::move(graph);
  return found;
}

}  // namespace diag::probe
