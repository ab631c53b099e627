// Each event's values under the keys of its table.
#include "tools/traceroute/records.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "libdiag/report/traceroute_records.hpp"
#include "libdiag/wire/tcp.hpp"
#include "tools/traceroute/sentences.hpp"

namespace diag::traceroute {
namespace {

namespace key = report::traceroute_key;
using probe::hop_state;
using report::object;
using report::record;

report::text_list address_list(std::span<const ip_address> addresses) {
  report::text_list words;
  for (const auto& one : addresses) words.push_back(to_string(one));
  return words;
}

void set_change(object& out, const probe::header_change& change) {
  out.set(key::sent, change.sent).set(key::seen, change.seen);
  if (change.sent_address) out.set(key::sent_address, to_string(change.sent_address));
  if (change.seen_address) out.set(key::seen_address, to_string(change.seen_address));
}

object rewritten_object(std::span<const probe::header_change> changes) {
  object out{report::traceroute_rewritten_fields};
  for (const auto& one : changes) {
    object change{report::traceroute_change_fields};
    set_change(change, one);
    out.set(describe(one.what), std::move(change));
  }
  return out;
}

void add_extensions(object& out, const probe::path_answer& answer) {
  std::vector<object> labels, interfaces;
  for (const auto& one : answer.mpls)
    labels.push_back(object{report::traceroute_mpls_fields}
                         .set(key::label, one.label)
                         .set(key::tc, one.traffic_class)
                         .set(key::s, one.bottom ? 1 : 0)
                         .set(key::ttl, one.ttl));
  for (const auto& one : answer.interfaces) {
    object interface { report::traceroute_interface_fields };
    interface.set(key::role, describe(one.role)).set(key::index, one.index);
    if (one.address) interface.set(key::address, to_string(*one.address));
    interfaces.push_back(std::move(interface.set(key::name, one.name).set(key::mtu, one.mtu)));
  }
  out.set(key::mpls, std::move(labels)).set(key::interface_key, std::move(interfaces));
  out.set(key::objects, report::text_list(answer.other_objects));
  if (answer.bad_extension) out.set(key::bad_extension, true);
}

object finding_object(const probe::path_finding& one, const address_labels& labels,
                      const probe::traced_path& path) {
  object out{report::traceroute_finding_fields};
  out.set(key::finding, describe(one.what)).set(key::hop, one.hop);
  if (one.other_hop != 0) out.set(key::other_hop, one.other_hop);
  if (one.count != 0) out.set(key::count, one.count);
  if (one.total != 0) out.set(key::total, one.total);
  if (one.address) out.set(key::address, to_string(one.address));
  if (one.change) {
    out.set(key::field, describe(one.change->what));
    set_change(out, *one.change);
  }
  return out.set(key::sentence, finding_sentence(one, labels, &path));
}

void set_rtt(record& out, const target_figures& figures) {
  if (!figures.average) return;
  out.set(key::rtt_ms, object{report::traceroute_rtt_fields}
                           .set(key::min, figures.min)
                           .set(key::avg, figures.average)
                           .set(key::max, figures.max));
}

object rtt_object(const probe::hop_figures& figures) {
  object out{report::traceroute_hop_rtt_fields};
  const auto& rtt = figures.rtt;
  out.set(key::last, figures.last);
  out.set(key::min, rtt.min()).set(key::avg, rtt.mean()).set(key::max, rtt.max());
  out.set(key::stddev, rtt.stddev());
  return out.set(key::p50, rtt.quantiles().quantile(0.5)).set(key::p95, rtt.quantiles().quantile(0.95));
}

mono_time time_of(const probe::hop_row& row, mono_time otherwise) {
  auto latest = otherwise;
  for (const auto& one : row.probes) latest = std::max(latest, one.answer.at);
  return latest;
}

}  // namespace

double target_figures::loss_percent() const {
  return sent == 0 ? 100 : 100 * static_cast<double>(sent - answered) / static_cast<double>(sent);
}

target_figures figures_of(const probe::traced_path& path) {
  target_figures out;
  if (path.end.why != probe::path_stop::reached) return out;
  duration total{};
  std::int64_t timed = 0;
  for (const auto& row : path.rows) {
    if (row.hop != path.end.hops) continue;
    for (const auto& [asked, answer] : row.probes) {
      if (answer.state == hop_state::error) continue;
      ++out.sent;
      if (answer.state == hop_state::silent) continue;
      ++out.answered;
      if (!answer.rtt || answer.state != hop_state::reached) continue;
      total += *answer.rtt;
      ++timed;
      out.min = std::min(out.min.value_or(*answer.rtt), *answer.rtt);
      out.max = std::max(out.max.value_or(*answer.rtt), *answer.rtt);
    }
  }
  if (timed != 0) out.average = total / timed;
  return out;
}

void record_maker::name_target(record& out, std::uint32_t path) const {
  out.set(key::target, stage_.label(path)).set(key::address, to_string(stage_.paths[path].address));
}

void record_maker::name_hop(object& out, const ip_address& address) const {
  if (!address) return;
  out.set(key::address, to_string(address)).set(key::name, stage_.labels.name(address));
  if (const auto who = stage_.labels.origin(address)) out.set(key::asn, who->number);
}

object record_maker::probe_object(const probe::path_result& one) const {
  const auto& answer = one.answer;
  object out{report::traceroute_probe_fields};
  out.set(key::state, describe(answer.state));
  if (answer.why != probe::reason::none) out.set(key::reason, describe(answer.why));
  name_hop(out, answer.from);
  if (const auto who = stage_.labels.origin(answer.from); who && who->prefix)
    out.set(key::prefix, to_string(*who->prefix));
  out.set(key::rtt_ms, answer.rtt);
  if (answer.rtt) out.set(key::rtt_source, describe(answer.source));
  out.set(key::flow, one.asked.flow + 1);
  if (answer.state != hop_state::silent && answer.state != hop_state::error && answer.from) {
    if (answer.tcp_flags != 0)
      out.set(key::tcp_flags, wire::describe_tcp_flags(answer.tcp_flags));
    else
      out.set(key::icmp_type, answer.icmp_type).set(key::icmp_code, answer.icmp_code);
  }
  out.set(key::ttl, answer.hop_limit).set(key::quoted_ttl, answer.quoted_hop_limit);
  if (answer.mtu != 0) out.set(key::mtu, answer.mtu);
  if (answer.late) out.set(key::late, true);
  if (answer.error != 0)
    if (const char* name = ::strerrorname_np(answer.error)) out.set(key::errno_name, name);
  add_extensions(out, answer);
  if (!answer.changes.empty()) out.set(key::rewritten, rewritten_object(answer.changes));
  return out;
}

record record_maker::hop(const probe::hop_row& row) const {
  record out{report::traceroute_hop, stage_.wall_of(time_of(row, stage_.began))};
  name_target(out, row.target);
  out.set(key::hop, row.hop);
  std::vector<object> probes;
  for (const auto& one : row.probes) probes.push_back(probe_object(one));
  out.set(key::probes, std::move(probes));
  if (row.known) out.set(key::known, true);
  return out;
}

record record_maker::hop(const probe::mtu_row& row) const {
  record out{report::traceroute_hop, stage_.wall_of(std::max(row.answer.at, stage_.began))};
  name_target(out, row.target);
  out.set(key::hop, row.hop);
  if (row.mtu != 0) {
    probe::path_result one;
    one.answer = row.answer;
    out.set(key::probes, std::vector<object>{probe_object(one)}).set(key::mtu, row.mtu);
  }
  if (!row.lowered) return out;
  if (row.limited_by) out.set(key::limited_by, to_string(row.limited_by));
  if (row.limited_at != 0) out.set(key::limited_at, row.limited_at);
  return out;
}

std::vector<record> record_maker::hops(const probe::multipath& what) const {
  std::vector<record> all;
  if (!what.graph) return all;
  const auto& graph = *what.graph;
  std::vector<object> nodes;
  const auto close = [&](std::uint8_t hop) {
    if (nodes.empty()) return;
    record out{report::traceroute_hop, stage_.wall_of(what.at)};
    name_target(out, what.target);
    out.set(key::hop, hop).set(key::nodes, std::exchange(nodes, {}));
    all.push_back(std::move(out));
  };
  std::uint8_t hop = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& node = graph.nodes[i];
    if (node.hop == 0) continue;  // this host
    if (node.hop != hop) close(std::exchange(hop, node.hop));
    object one{report::traceroute_node_fields};
    name_hop(one, node.address);
    one.set(key::flows, node.flows).set(key::answers, node.probes).set(key::per_packet, node.per_packet);
    one.set(key::rtt_ms, node.rtt);
    report::text_list next;
    for (const auto& link : graph.links)
      if (link.from == i && graph.nodes[link.to].address)
        next.push_back(to_string(graph.nodes[link.to].address));
    nodes.push_back(std::move(one.set(key::next, std::move(next))));
  }
  close(hop);
  return all;
}

record record_maker::hop(std::uint32_t path, const probe::hop_figures& figures,
                         const probe::hop_loss_verdict& loss, mono_time at) const {
  record out{report::traceroute_hop, stage_.wall_of(at)};
  name_target(out, path);
  out.set(key::hop, figures.hop).set(key::sent, figures.sent).set(key::received, figures.answered);
  if (figures.errors != 0) out.set(key::errors, figures.errors);
  out.set(key::late, figures.late).set(key::loss, describe(loss.what));
  if (figures.answered + figures.lost != 0) out.set(key::loss_percent, 100 * figures.loss());
  out.set(key::forwarding_loss_percent, 100 * loss.forwarding);
  if (figures.rtt.count() != 0) out.set(key::rtt_ms, rtt_object(figures));
  out.set(key::jitter_ms, figures.rtt.jitter());
  std::vector<object> addresses;
  for (const auto& one : figures.addresses) {
    object who{report::traceroute_address_fields};
    name_hop(who, one.address);
    who.set(key::answers, one.answers).set(key::first, stage_.wall_of(one.first));
    addresses.push_back(std::move(who.set(key::last, stage_.wall_of(one.last))));
  }
  out.set(key::addresses, std::move(addresses));
  return out;
}

record record_maker::locate(const probe::location& what, std::uint32_t path, mono_time at) const {
  using probe::locate_verdict;
  record out{report::traceroute_locate, stage_.wall_of(at)};
  out.set(key::target, stage_.label(path)).set(key::target_address, to_string(what.asked.address));
  const auto protocol = [](const probe::path_target& one) {
    return one.method == probe::path_method::tcp_ack ? "tcp" : describe(one.method);
  };
  out.set(key::protocol, protocol(what.asked)).set(key::port, what.asked.port);
  out.set(key::verdict, describe(what.verdict));
  if (what.verdict == locate_verdict::dropped) out.set(key::after_hop, what.after_hop);
  if (what.verdict != locate_verdict::dropped) out.set(key::at_hop, what.at_hop);
  const auto& who = what.verdict == locate_verdict::rejected  ? what.by
                    : what.verdict == locate_verdict::dropped ? what.after
                                                              : what.answer.from;
  if (who) out.set(key::address, to_string(who));
  if (what.next) out.set(key::next_address, to_string(what.next));
  if (what.verdict != locate_verdict::dropped && what.answer.why != probe::reason::none)
    out.set(key::reason, describe(what.answer.why));
  if (what.control) {
    object control{report::traceroute_control_fields};
    control.set(key::protocol, protocol(*what.control));
    if (what.control->method != probe::path_method::icmp) control.set(key::port, what.control->port);
    out.set(key::control, std::move(control.set(key::hop, what.control_hop)));
  }
  out.set(key::sentence, location_sentence(what));
  return out;
}

record record_maker::change(std::uint32_t path, std::uint8_t hop, std::span<const ip_address> expected,
                            std::span<const ip_address> seen, mono_time at) const {
  record out{report::traceroute_change, stage_.wall_of(at)};
  name_target(out, path);
  out.set(key::hop, hop).set(key::expected, address_list(expected)).set(key::seen, address_list(seen));
  return out;
}

record record_maker::rejected(const probe::path_reject& what) const {
  record out{report::traceroute_rejected, stage_.wall_of(what.at)};
  if (what.target) out.set(key::target, stage_.label(*what.target));
  if (what.hop != 0) out.set(key::hop, what.hop);
  if (what.from) out.set(key::from, to_string(what.from));
  out.set(key::reason, describe(what.why));
  if (what.icmp_type != 0 || what.icmp_code != 0)
    out.set(key::icmp_type, what.icmp_type).set(key::icmp_code, what.icmp_code);
  return out;
}

record record_maker::end_record(const probe::path_end& end) const {
  record out{report::traceroute_summary, stage_.wall_of(end.at)};
  name_target(out, end.target);
  out.set(key::reached, end.why == probe::path_stop::reached).set(key::hops, end.hops);
  out.set(key::stopped_after, end.asked_to).set(key::why, describe(end.why));
  out.set(key::sent, end.sent).set(key::answered, end.answered).set(key::late, end.late);
  out.set(key::duplicates, end.duplicates).set(key::elapsed_ms, end.at - end.began);
  out.set(key::method_note, stage_.method_note);
  return out;
}

record record_maker::summary(const probe::traced_path& path,
                             std::span<const probe::path_finding> findings) const {
  auto out = end_record(path.end);
  const auto figures = figures_of(path);
  out.set(key::loss_percent, figures.loss_percent());
  set_rtt(out, figures);
  for (const auto& row : path.rows)
    for (const auto& one : row.probes)
      if (path.end.why == probe::path_stop::unreachable && one.answer.state == hop_state::unreachable)
        out.set(key::reason, describe(one.answer.why));
  std::vector<object> found;
  for (const auto& one : findings) found.push_back(finding_object(one, stage_.labels, path));
  out.set(key::findings, std::move(found));
  return out;
}

record record_maker::summary(const probe::mtu_end& end) const {
  record out{report::traceroute_summary, stage_.wall_of(end.at)};
  name_target(out, end.target);
  out.set(key::reached, end.why == probe::path_stop::reached).set(key::hops, end.hops);
  out.set(key::why, describe(end.why)).set(key::sent, end.sent);
  if (end.path_mtu != 0) out.set(key::path_mtu, end.path_mtu);
  if (end.smallest_lost != 0)
    out.set(key::black_hole_after, end.black_hole_after).set(key::smallest_lost, end.smallest_lost);
  out.set(key::elapsed_ms, end.at - end.began).set(key::method_note, stage_.method_note);
  return out;
}

record record_maker::summary(const probe::multipath& what) const {
  record out{report::traceroute_summary, stage_.wall_of(what.at)};
  name_target(out, what.target);
  out.set(key::reached, what.why == probe::path_stop::reached).set(key::hops, what.hops);
  out.set(key::why, describe(what.why)).set(key::sent, what.sent).set(key::flows, what.flows);
  out.set(key::complete, what.complete).set(key::elapsed_ms, what.at - what.began);
  return out;
}

record record_maker::summary(const probe::path_end& end, std::span<const probe::hop_figures> hops,
                             std::uint64_t rounds) const {
  auto out = end_record(end);
  out.set(key::rounds, rounds);
  const bool reached = end.why == probe::path_stop::reached && !hops.empty();
  out.set(key::loss_percent, reached ? 100 * hops.back().loss() : 100.0);
  if (!reached || hops.back().rtt.count() == 0) return out;
  const auto& rtt = hops.back().rtt;
  out.set(key::rtt_ms, object{report::traceroute_rtt_fields}
                           .set(key::min, rtt.min())
                           .set(key::avg, rtt.mean())
                           .set(key::max, rtt.max()));
  return out;
}

record record_maker::summary(const tools::lost_target& lost, wall_time when) {
  record out{report::traceroute_summary, when};
  out.set(key::target, lost.word).set(key::reason, lost.reason).set(key::reached, false);
  out.set(key::sent, 0).set(key::answered, 0);
  return out;
}

}  // namespace diag::traceroute
