// Nodes and links in the DOT language. https://graphviz.org/doc/info/lang.html
#include "tools/traceroute/dot.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"

namespace diag::traceroute {
namespace {

/// Safe text inside of a quoted string. It has no control characters and no backslash but that of \xNN, which
/// must be doubled, or DOT would read it as an escape.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class dot_writer {
 public:
  explicit dot_writer(const address_labels& labels) : labels_{labels} {}

  void add(const drawn_path& path, std::size_t number) {
    std::vector<std::string> ids;
    for (const auto& node : path.graph->nodes) ids.push_back(meet(node, path, number));
    for (const auto& link : path.graph->links) {
      if (link.from >= ids.size() || link.to >= ids.size()) continue;
      links_[{ids[link.from], ids[link.to]}] += link.flows;
    }
  }

  std::string write() {
    std::string out =
        "digraph paths {\n"
        "  rankdir=TB;\n"
        "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", color=\"#8c959f\", "
        "fontname=\"DejaVu Sans\", fontsize=11];\n"
        "  edge [color=\"#57606a\", fontname=\"DejaVu Sans\", fontsize=10, fontcolor=\"#57606a\"];\n";
    for (const auto& id : order_) out += "  " + id + ' ' + attributes(nodes_.at(id)) + ";\n";
    for (const auto& [hop, ids] : ranks_) {
      out += "  { rank=same;";
      for (const auto& id : ids) out += ' ' + id + ';';
      out += fmt::format(" }}  // hop {}\n", hop);
    }
    for (const auto& [ends, flows] : links_) {
      out += "  " + ends.first + " -> " + ends.second;
      if (many_flows_) out += fmt::format(" [label=\" {}\", penwidth={:.1f}]", flows, width_of(flows));
      out += ";\n";
    }
    return out + "}\n";
  }

 private:
  struct drawn {
    probe::path_graph::node node;
    std::set<std::string> titles;  ///< of targets
  };

  std::string meet(const probe::path_graph::node& node, const drawn_path& path, std::size_t number) {
    // A silent hop may be another router on each path.
    auto id = node.hop == 0  ? std::string{"source"}
              : node.address ? fmt::format("\"{} {}\"", node.hop, to_string(node.address))
                             : fmt::format("\"{} silent {}\"", node.hop, number);
    const auto [place, fresh] = nodes_.try_emplace(id, drawn{node, {}});
    auto& known = place->second.node;
    if (fresh) {
      order_.push_back(id);
      if (node.hop != 0 && !node.target) ranks_[node.hop].push_back(id);
    } else {
      known.flows += node.flows;
      known.probes += node.probes;
      known.per_packet = known.per_packet || node.per_packet;
      known.target = known.target || node.target;
      if (node.rtt && (!known.rtt || *node.rtt < *known.rtt)) known.rtt = node.rtt;
    }
    if (node.target) place->second.titles.insert(path.title);
    many_flows_ = many_flows_ || node.flows > 1;
    most_flows_ = std::max(most_flows_, known.flows);
    return id;
  }

  [[nodiscard]] double width_of(std::uint32_t flows) const {
    return 1 + 3 * static_cast<double>(flows) / std::max(1U, most_flows_);
  }

  [[nodiscard]] std::string attributes(const drawn& what) const {
    const auto& node = what.node;
    std::string text;
    const auto line = [&text](std::string_view words) {
      if (!words.empty()) text += (text.empty() ? "" : "\\n") + escaped(words);
    };
    if (node.hop == 0) line("this host");
    for (const auto& title : what.titles) line(safe_text(title));
    if (!node.address) {
      if (node.hop != 0) line(fmt::format("hop {}: no answer", node.hop));
      return fmt::format(
          "[label=\"{}\", {}]", text,
          node.hop == 0 ? "fillcolor=\"#ddf4ff\"" : "style=\"rounded,dashed\", fontcolor=\"#57606a\"");
    }
    if (node.hop != 0) line(labels_.name(node.address));
    const auto address = to_string(node.address);
    const bool named = std::any_of(what.titles.begin(), what.titles.end(), [&](const std::string& title) {
      return title.find(address) != title.npos;
    });
    if (!named) line(address);
    if (node.hop != 0) about(node, line);
    return fmt::format("[label=\"{}\"{}]", text, look(node));
  }

  template <class Line>
  void about(const probe::path_graph::node& node, Line line) const {
    if (const auto who = labels_.origin(node.address))
      line(fmt::format("AS{}{}{}", who->number, who->name.empty() ? "" : " ",
                       safe_text(who->name.substr(0, 40))));
    if (node.rtt) line(report::rtt_words(*node.rtt) + " ms");
    if (node.per_packet) line("balances per packet");
  }

  static std::string_view look(const probe::path_graph::node& node) {
    if (node.hop == 0) return ", fillcolor=\"#ddf4ff\"";
    if (node.target) return ", fillcolor=\"#dafbe1\", color=\"#2c7a3f\", penwidth=1.6";
    return node.per_packet ? ", fillcolor=\"#fff8c5\"" : "";
  }

  const address_labels& labels_;
  std::map<std::string, drawn> nodes_;
  std::vector<std::string> order_;
  std::map<std::uint8_t, std::vector<std::string>> ranks_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> links_;
  std::uint32_t most_flows_ = 0;
  bool many_flows_ = false;
};

}  // namespace

std::string dot_text(std::span<const drawn_path> paths, const address_labels& labels) {
  dot_writer writer{labels};
  for (std::size_t i = 0; i < paths.size(); ++i) writer.add(paths[i], i);
  return writer.write();
}

}  // namespace diag::traceroute
