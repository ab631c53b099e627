// The records of diag-traceroute: their keys and tables (diag-json(5)).
#pragma once

#include <array>
#include <string_view>

#include "libdiag/report/field.hpp"

namespace diag::report {

/// Keys of every traceroute record; the tables in traceroute_records.cpp say what each means and in which
/// unit.
namespace traceroute_key {
inline constexpr std::string_view target = "target", address = "address", hop = "hop", reason = "reason";
// hop
inline constexpr std::string_view probes = "probes", known = "known", mtu = "mtu", limited_by = "limited_by",
                                  limited_at = "limited_at", nodes = "nodes", sent = "sent",
                                  received = "received", loss_percent = "loss_percent", loss = "loss",
                                  forwarding_loss_percent = "forwarding_loss_percent", late = "late",
                                  errors = "errors", rtt_ms = "rtt_ms", jitter_ms = "jitter_ms",
                                  addresses = "addresses";
// members of probes, nodes and addresses
inline constexpr std::string_view name = "name", asn = "asn", prefix = "prefix", rtt_source = "rtt_source",
                                  state = "state", flow = "flow", icmp_type = "icmp_type",
                                  icmp_code = "icmp_code", tcp_flags = "tcp_flags", ttl = "ttl",
                                  quoted_ttl = "quoted_ttl", mpls = "mpls", interface_key = "interface",
                                  objects = "objects", bad_extension = "bad_extension",
                                  rewritten = "rewritten", errno_name = "errno", flows = "flows",
                                  per_packet = "per_packet", next = "next", answers = "answers",
                                  first = "first", last = "last";
// members of mpls and interface
inline constexpr std::string_view label = "label", tc = "tc", s = "s", role = "role", index = "index";
// members of rewritten, and of those
inline constexpr std::string_view source_port = "source_port", destination_port = "destination_port",
                                  flags = "flags", window = "window", traffic_class = "traffic_class",
                                  mss = "mss", wscale = "wscale", sack = "sack", timestamps = "timestamps",
                                  fast_open = "fast_open", source = "source", destination = "destination",
                                  identification = "identification", dont_fragment = "dont_fragment",
                                  flow_label = "flow_label", total_length = "total_length",
                                  checksum = "checksum", identifier = "identifier", sequence = "sequence",
                                  seen = "seen", sent_address = "sent_address", seen_address = "seen_address";
// locate and change
inline constexpr std::string_view target_address = "target_address", protocol = "protocol", port = "port",
                                  verdict = "verdict", after_hop = "after_hop", at_hop = "at_hop",
                                  next_address = "next_address", control = "control", sentence = "sentence",
                                  expected = "expected";
// rejected
inline constexpr std::string_view from = "from";
// summary
inline constexpr std::string_view reached = "reached", hops = "hops", stopped_after = "stopped_after",
                                  why = "why", answered = "answered", duplicates = "duplicates",
                                  rejected = "rejected", findings = "findings", finding = "finding",
                                  other_hop = "other_hop", count = "count", total = "total", field = "field",
                                  path_mtu = "path_mtu", black_hole_after = "black_hole_after",
                                  smallest_lost = "smallest_lost", complete = "complete", rounds = "rounds",
                                  elapsed_ms = "elapsed_ms", method_note = "method_note",
                                  receiver_dropped = "receiver_dropped";
// members of rtt_ms
inline constexpr std::string_view min = "min", avg = "avg", max = "max", stddev = "stddev", p50 = "p50",
                                  p95 = "p95";
}  // namespace traceroute_key

extern const schema traceroute_hop, traceroute_locate, traceroute_change, traceroute_rejected,
    traceroute_summary;
/// Every event of diag-traceroute, in the order in which CSV columns and the manual list them.
extern const std::array<const schema*, 5> traceroute_events;

/// Tables of the objects inside: `object{traceroute_probe_fields}`.
extern const std::span<const field> traceroute_probe_fields;      ///< of probes
extern const std::span<const field> traceroute_mpls_fields;       ///< of mpls in those
extern const std::span<const field> traceroute_interface_fields;  ///< of interface in those
extern const std::span<const field> traceroute_rewritten_fields;  ///< fields of our packet, each an object:
extern const std::span<const field> traceroute_change_fields;     ///< sent, seen
extern const std::span<const field> traceroute_node_fields;       ///< of nodes
extern const std::span<const field> traceroute_address_fields;    ///< of addresses
extern const std::span<const field> traceroute_hop_rtt_fields;    ///< of rtt_ms of a hop
extern const std::span<const field> traceroute_control_fields;    ///< of control
extern const std::span<const field> traceroute_finding_fields;    ///< of findings
extern const std::span<const field> traceroute_rtt_fields;        ///< of rtt_ms of a summary

}  // namespace diag::report
