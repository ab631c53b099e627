// Rows of several flows as nodes and links.
#include <algorithm>
#include <map>
#include <set>

#include "libdiag/probe/path_finders.hpp"

namespace diag::probe {
namespace {

class graph_maker {
 public:
  graph_maker(const path_target& target, std::span<const hop_row> rows) : target_{target}, rows_{rows} {
    while (!rows_.empty() && std::none_of(rows_.back().probes.begin(), rows_.back().probes.end(),
                                          [](const path_result& one) { return has_answer(one.answer); }))
      rows_ = rows_.first(rows_.size() - 1);  // silence to the end is no path
    graph_.nodes.push_back({.address = target.source});
  }

  path_graph run() {
    std::set<std::uint16_t> flows;
    for (const auto& row : rows_)
      for (const auto& probe : row.probes) flows.insert(probe.asked.flow);
    for (const auto& row : rows_) meet(row);
    graph_.nodes.front().flows = static_cast<std::uint32_t>(flows.size());
    for (const auto flow : flows) walk(flow);
    // Nodes are in the order of rows, the target's among them where it was first met.
    return std::move(graph_);
  }

 private:
  using place = std::uint32_t;
  using stop = std::pair<std::uint8_t, ip_address>;  // the target has one place, whatever way leads there

  [[nodiscard]] bool is_target(const path_answer& answer) const {
    return answer.state == hop_state::reached || answer.from == target_.address;
  }
  [[nodiscard]] stop stop_of(std::uint8_t hop, const path_answer& answer) const {
    if (!has_answer(answer)) return {hop, {}};
    return is_target(answer) ? stop{std::uint8_t{0}, target_.address} : stop{hop, answer.from};
  }

  void meet(const hop_row& row) {
    for (const auto& probe : row.probes) {
      if (!has_answer(probe.answer)) continue;
      const bool target = is_target(probe.answer);
      auto& node = graph_.nodes[place_of(stop_of(row.hop, probe.answer), row.hop, target)];
      ++node.probes;
      if (probe.answer.rtt && (!node.rtt || *probe.answer.rtt < *node.rtt)) node.rtt = probe.answer.rtt;
    }
    // A flow that nobody answers here still passes.
    for (const auto& probe : row.probes)
      if (!answers(row, probe.asked.flow)) place_of({row.hop, {}}, row.hop, false);
  }

  static bool answers(const hop_row& row, std::uint16_t flow) {
    return std::any_of(row.probes.begin(), row.probes.end(), [flow](const path_result& one) {
      return one.asked.flow == flow && has_answer(one.answer);
    });
  }

  place place_of(const stop& where, std::uint8_t hop, bool target) {
    const auto [known, fresh] = places_.try_emplace(where, static_cast<place>(graph_.nodes.size()));
    if (fresh) graph_.nodes.push_back({.hop = hop, .address = where.second, .target = target});
    return known->second;
  }

  /// From the places of a flow at one hop to those at the next.
  void walk(std::uint16_t flow) {
    std::set<place> here{0};
    std::set<place> passed;
    bool arrived = false;
    for (const auto& row : rows_) {
      if (arrived) break;
      auto next = places_of(row, flow, false);
      const auto arrivals = places_of(row, flow, true);
      // Hops to spare: one answered from the row's hop, another from the target behind it.
      if (next.empty()) next = arrivals;
      if (next.empty() && asks(row, flow)) next.insert(places_.at({row.hop, {}}));
      if (next.empty()) continue;
      join(here, next, passed);
      if (next != arrivals && !arrivals.empty()) join(next, arrivals, passed);
      arrived = !arrivals.empty() && &row == &rows_.back();
      here = std::move(next);
      std::erase_if(here, [this](place one) { return graph_.nodes[one].target; });
      if (here.empty()) break;
    }
    for (const auto one : passed) ++graph_.nodes[one].flows;
  }

  static bool asks(const hop_row& row, std::uint16_t flow) {
    return std::any_of(row.probes.begin(), row.probes.end(),
                       [flow](const path_result& one) { return one.asked.flow == flow; });
  }

  /// `spare`: of probes whose hop limit was above the row's.
  [[nodiscard]] std::set<place> places_of(const hop_row& row, std::uint16_t flow, bool spare) const {
    std::set<place> out;
    for (const auto& probe : row.probes) {
      if (probe.asked.flow != flow || !has_answer(probe.answer)) continue;
      if ((probe.asked.hop > row.hop) == spare) out.insert(places_.at(stop_of(row.hop, probe.answer)));
    }
    return out;
  }

  void join(const std::set<place>& from, const std::set<place>& to, std::set<place>& passed) {
    for (const auto a : from) {
      if (to.size() > 1) graph_.nodes[a].per_packet = true;
      for (const auto b : to) {
        passed.insert(b);
        const auto known = std::find_if(graph_.links.begin(), graph_.links.end(),
                                        [&](const auto& one) { return one.from == a && one.to == b; });
        if (known != graph_.links.end())
          ++known->flows;
        else
          graph_.links.push_back({a, b, 1});
      }
    }
  }

  path_target target_;
  std::span<const hop_row> rows_;
  path_graph graph_;
  std::map<stop, place> places_;
};

}  // namespace

path_graph graph_of(const path_target& target, std::span<const hop_row> rows) {
  return graph_maker{target, rows}.run();
}

}  // namespace diag::probe
