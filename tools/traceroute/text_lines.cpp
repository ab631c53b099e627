// Rows of hops and the sentences that end a path.
#include "tools/traceroute/text_lines.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "libdiag/wire/tcp.hpp"
#include "tools/traceroute/flow_parts.hpp"

namespace diag::traceroute {
namespace {

using probe::hop_state;
using probe::path_method;
using report::milliseconds_words;

constexpr std::uint8_t icmp_unreachable = 3, icmpv6_unreachable = 1, icmpv6_too_big = 2;

std::string fragmentation_mark(std::uint32_t mtu) {
  return mtu == 0 ? "!F" : fmt::format("!F-{}", mtu);
}

/// RFC 792, 1812 §5.2.7.1.
std::string unreachable_mark_v4(const probe::path_answer& answer) {
  switch (answer.icmp_code) {
    case 0:
      return "!N";
    case 1:
      return "!H";
    case 2:
      return "!P";
    case 4:
      return fragmentation_mark(answer.mtu);
    case 5:
      return "!S";
    case 13:
      return "!X";
    case 14:
      return "!V";
    case 15:
      return "!C";
    default:
      return fmt::format("!<{}>", answer.icmp_code);
  }
}

/// RFC 4443 §3.1.
std::string unreachable_mark_v6(std::uint8_t code) {
  switch (code) {
    case 0:
      return "!N";
    case 1:
      return "!X";
    case 2:
    case 3:
      return "!H";
    default:
      return fmt::format("!<{}>", code);
  }
}

std::string mpls_text(std::span<const wire::mpls_label> stack) {
  std::string text = "<MPLS:";
  for (const auto& one : stack) {
    if (text.back() != ':') text += '/';
    text += fmt::format("L={},E={},S={},T={}", one.label, one.traffic_class, one.bottom ? 1 : 0, one.ttl);
  }
  return text + '>';
}

std::string_view role_word(wire::interface_role role) {
  switch (role) {
    case wire::interface_role::incoming:
      return "INC";
    case wire::interface_role::sub_ip:
      return "SUB";
    case wire::interface_role::outgoing:
      return "OUT";
    case wire::interface_role::next_hop:
      return "NXT";
  }
  return "INT";
}

std::string interface_text(const probe::hop_interface& one) {
  std::string text = fmt::format("<{}:", role_word(one.role));
  const auto add = [&text](const std::string& part) {
    if (text.back() != ':') text += ',';
    text += part;
  };
  if (one.index) add(std::to_string(*one.index));
  if (one.address) add(to_string(*one.address));
  if (!one.name.empty()) add('"' + safe_text(one.name) + '"');
  if (one.mtu) add(fmt::format("mtu={}", *one.mtu));
  return text + '>';
}

/// The answer that refuses, if any did: the last one told.
const probe::path_result* refusal_in(std::span<const probe::hop_row> rows) {
  const probe::path_result* found = nullptr;
  for (const auto& row : rows)
    for (const auto& one : row.probes)
      if (one.answer.state == hop_state::unreachable) found = &one;
  return found;
}

ip_address someone_at(std::span<const probe::hop_row> rows, std::uint8_t hop) {
  for (const auto& row : rows)
    if (row.hop == hop)
      for (const auto& one : row.probes)
        if (one.answer.from) return one.answer.from;
  return {};
}

/// What the target's answer says beside that it is there.
std::string target_state(const probe::traced_path& path) {
  if (path.target.method != path_method::tcp_syn) return {};
  for (const auto& row : path.rows)
    for (const auto& one : row.probes) {
      if (one.answer.state != hop_state::reached || one.answer.tcp_flags == 0) continue;
      const bool reset = (one.answer.tcp_flags & wire::tcp_flag::rst) != 0;
      return fmt::format(", tcp/{} {}", path.target.port, reset ? "closed" : "open");
    }
  return {};
}

std::string at_hop(std::span<const probe::hop_row> rows, std::uint8_t hop) {
  const auto who = someone_at(rows, hop);
  return who ? fmt::format("hop {} ({})", hop, to_string(who)) : fmt::format("hop {}", hop);
}

}  // namespace

std::string probe_words(const probe::path_target& target) {
  if (target.method == path_method::icmp) return std::string{describe(target.method)};
  return fmt::format("{} {}", describe(target.method), target.port);
}

std::string header_line(const stage& on, std::uint32_t path) {
  const auto& target = on.paths[path];
  auto line = fmt::format("diag-traceroute to {}, {} hops max", on.subject(path), on.options.last_hop);
  const bool sized = target.method == path_method::udp || target.method == path_method::icmp;
  if (sized && on.options.mode != run_mode::mtu)
    line += fmt::format(", {} byte packets", on.options.packet_size(target.address.family()));
  return line + ", " + probe_words(target);
}

std::string mark_of(const probe::path_answer& answer) {
  if (answer.state == hop_state::error) return "!E";
  if (answer.state != hop_state::unreachable) return {};
  if (answer.from.is_v6()) {
    if (answer.icmp_type == icmpv6_unreachable) return unreachable_mark_v6(answer.icmp_code);
    if (answer.icmp_type == icmpv6_too_big) return fragmentation_mark(answer.mtu);
  } else if (answer.icmp_type == icmp_unreachable) {
    return unreachable_mark_v4(answer);
  }
  return fmt::format("!<{}-{}>", answer.icmp_type, answer.icmp_code);
}

std::string extension_text(const probe::path_answer& answer) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += text.empty() ? part : ' ' + part; };
  if (!answer.mpls.empty()) add(mpls_text(answer.mpls));
  for (const auto& one : answer.interfaces) add(interface_text(one));
  for (const auto& one : answer.other_objects) add('<' + safe_text(one) + '>');
  if (answer.bad_extension) add("<bad extension>");
  return text;
}

bool is_silent(const probe::hop_row& row) {
  return !row.known && std::all_of(row.probes.begin(), row.probes.end(),
                                   [](const auto& one) { return one.answer.state == hop_state::silent; });
}

namespace {

std::string answers_text(std::span<const probe::path_result* const> probes, const row_manner& manner) {
  std::string text;
  ip_address shown;
  std::string extension;
  for (const auto* one : probes) {
    const auto& answer = one->answer;
    if (answer.state == hop_state::silent) {
      text += " *";
      continue;
    }
    if (answer.from && !(shown == answer.from)) {
      shown = answer.from;
      extension.clear();
      text += ' ' + manner.labels.text(shown);
    }
    if (manner.extensions)
      if (auto now = extension_text(answer); now != extension) {
        extension = std::move(now);
        if (!extension.empty()) text += ' ' + extension;
      }
    if (answer.rtt) text += "  " + milliseconds_words(*answer.rtt) + " ms";
    if (const auto mark = mark_of(answer); !mark.empty()) text += ' ' + manner.style.bad(mark);
  }
  return text.empty() ? " *" : text;
}

}  // namespace

std::string row_line(const probe::hop_row& row, const row_manner& manner) {
  auto line = fmt::format("{:>2} ", row.hop);
  bool first = true;
  for (const auto& part : flow_parts(row.probes)) {
    if (!std::exchange(first, false)) line += "\n   ";
    line += answers_text(part.probes, manner);
    if (!part.flows.empty()) line += "  " + flow_words(part.flows);
  }
  if (row.known) line += "  (known)";
  return line;
}

std::string silence_line(std::uint8_t first, std::uint8_t last) {
  return fmt::format("{:>2}-{}  *  nothing from {} hops in a row", first, last, last - first + 1);
}

std::string verdict_line(const probe::traced_path& path, const stage& on) {
  const auto& end = path.end;
  const auto& style = on.style;
  if (end.why == probe::path_stop::reached) {
    auto line =
        fmt::format("{} {} at hop {}", style.good("reached"), to_string(path.target.address), end.hops);
    if (end.target_rtt) line += fmt::format(" in {} ms", milliseconds_words(*end.target_rtt));
    return line + target_state(path);
  }
  auto line = style.bad("not reached") + ": ";
  switch (end.why) {
    case probe::path_stop::unreachable: {
      const auto* refused = refusal_in(path.rows);
      if (refused == nullptr) return line + "refused";
      const auto& answer = refused->answer;
      line += std::string{describe(answer.why)};
      if (answer.from) line += fmt::format(", says {} at hop {}", to_string(answer.from), refused->asked.hop);
      return line;
    }
    case probe::path_stop::last_hop:
      return line + fmt::format("it is beyond {}, the last that was asked", at_hop(path.rows, end.asked_to));
    case probe::path_stop::error:
      return line + "this host could not send";
    case probe::path_stop::interrupted:
      line += "interrupted; ";
      break;
    case probe::path_stop::reached:
    case probe::path_stop::silence:
      break;
  }
  if (end.hops == 0) return line + "nothing answers at all";
  return line + "nothing answers beyond " + at_hop(path.rows, end.hops);
}

std::string mtu_row_line(const probe::mtu_row& row, std::uint32_t before, const row_manner& manner) {
  auto line = fmt::format("{:>2} ", row.hop);
  const auto& answer = row.answer;
  if (row.mtu == 0) return line + " *";
  line += ' ' + (answer.from ? manner.labels.text(answer.from) : std::string{"*"});
  if (answer.rtt) line += "  " + milliseconds_words(*answer.rtt) + " ms";
  if (const auto mark = mark_of(answer); !mark.empty()) line += ' ' + manner.style.bad(mark);
  if (row.mtu != before)
    line +=
        "  " + (row.lowered ? manner.style.note(fmt::format("F={}", row.mtu)) : fmt::format("F={}", row.mtu));
  if (!row.lowered) return line;
  if (!row.limited_by) return line + "  found by trying: nobody says so";
  line += "  says " + manner.labels.text(row.limited_by);
  return row.limited_at != 0 ? line + fmt::format(" at hop {}", row.limited_at) : line;
}

std::string mtu_verdict_line(const probe::mtu_end& end, const stage& on) {
  const auto& style = on.style;
  const auto subject = to_string(on.paths[end.target].address);
  std::string line;
  if (end.path_mtu == 0) {
    const bool cut = end.why == probe::path_stop::interrupted;
    line = style.bad("no path MTU") + (cut ? ": interrupted; nothing answers" : ": nothing answers");
  } else if (end.why == probe::path_stop::interrupted) {
    line = fmt::format("{}: path MTU at least {} up to hop {}", style.bad("interrupted"), end.path_mtu,
                       end.hops);
  } else if (end.why == probe::path_stop::reached) {
    line = fmt::format("{} {} to {} at hop {}", style.good("path MTU"), end.path_mtu, subject, end.hops);
  } else {
    line = fmt::format("{}: path MTU {} up to hop {}, the last that answers", style.bad("not reached"),
                       end.path_mtu, end.hops);
  }
  if (end.black_hole_after == 0 && end.smallest_lost == 0) return line;
  const auto where = end.black_hole_after == 0 ? std::string{"from here"}
                                               : fmt::format("after hop {}", end.black_hole_after);
  return line + fmt::format("; {} {}: packets of {} octets and more vanish and nobody says why",
                            style.bad("black hole"), where, end.smallest_lost);
}

namespace {

std::string node_line(const probe::path_graph& graph, std::size_t place, const row_manner& manner) {
  const auto& node = graph.nodes[place];
  auto line = node.address ? manner.labels.text(node.address) : std::string{"*"};
  if (node.rtt) line += fmt::format("  {} ms", milliseconds_words(*node.rtt));
  line += "  " + report::count_words(node.flows, "flow", "flows");
  std::string next;
  std::size_t ways = 0;
  for (const auto& link : graph.links) {
    if (link.from != place) continue;
    const auto& to = graph.nodes[link.to];
    next += fmt::format("{}{} ({})", ways++ == 0 ? "" : ", ", to.address ? to_string(to.address) : "*",
                        link.flows);
  }
  // Where there is one way only, the next row says it.
  if (ways > 1) line += "  -> " + next;
  if (node.per_packet) line += "  " + manner.style.note("per packet");
  return line;
}

}  // namespace

std::string multipath_lines(const probe::multipath& what, const row_manner& manner) {
  std::string text;
  if (!what.graph) return text;
  std::uint8_t hop = 0;
  for (std::size_t i = 0; i < what.graph->nodes.size(); ++i) {
    const auto& node = what.graph->nodes[i];
    if (node.hop == 0) continue;  // this host
    text += node.hop == hop ? "    " : fmt::format("{:>2}  ", node.hop);
    hop = node.hop;
    text += node_line(*what.graph, i, manner) + '\n';
  }
  return text;
}

std::string multipath_verdict_line(const probe::multipath& what, const stage& on) {
  const auto subject = to_string(on.paths[what.target].address);
  const bool reached = what.why == probe::path_stop::reached;
  auto line = reached ? fmt::format("{} {} at hop {}", on.style.good("reached"), subject, what.hops)
                      : on.style.bad("not reached") + ": ";
  if (what.why == probe::path_stop::interrupted) line += "interrupted; ";
  if (!reached)
    line +=
        what.hops == 0 ? "nothing answers at all" : fmt::format("nothing answers beyond hop {}", what.hops);
  if (what.graph && what.hops != 0) {
    // By hop, so every link leads forward: the ways to a node are those to the nodes before it.
    std::vector<double> ways(what.graph->nodes.size(), 0);
    std::vector<bool> leads(what.graph->nodes.size(), false);
    for (std::size_t i = 0; i < ways.size(); ++i)
      if (what.graph->nodes[i].hop == 0) ways[i] = 1;
    auto links = what.graph->links;
    std::stable_sort(links.begin(), links.end(),
                     [](const auto& a, const auto& b) { return a.from < b.from; });
    for (const auto& link : links) {
      if (link.from >= ways.size() || link.to >= ways.size()) continue;
      ways[link.to] += ways[link.from];
      leads[link.from] = true;
    }
    double paths = 0;
    for (std::size_t i = 0; i < ways.size(); ++i)
      if (!leads[i]) paths += ways[i];
    line += fmt::format(", {}", paths <= 1 ? "one path" : fmt::format("{:.0f} paths", paths));
  }
  line += fmt::format(", {}, {} sent", report::count_words(what.flows, "flow", "flows"),
                      report::count_words(what.sent, "probe", "probes"));
  if (!what.complete) line += "; there may be more: flows ran out, or the run was cut short";
  return line;
}

}  // namespace diag::traceroute
