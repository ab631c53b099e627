// The records of diag-tcp: their keys and tables (diag-json(5)).
#pragma once

#include <array>
#include <string_view>

#include "libdiag/report/field.hpp"

namespace diag::report {

/// Keys of every TCP record; the tables in tcp_records.cpp say what each means and in which unit.
namespace tcp_key {
inline constexpr std::string_view target = "target", address = "address", port = "port", service = "service",
                                  method = "method", state = "state", reason = "reason", from = "from",
                                  icmp_type = "icmp_type", icmp_code = "icmp_code", ttl = "ttl",
                                  ip_id = "ip_id", rtt_ms = "rtt_ms", rtt_source = "rtt_source",
                                  attempts = "attempts", answered_attempt = "answered_attempt",
                                  source_port = "source_port", flow = "flow", round = "round",
                                  errno_name = "errno", anomalies = "anomalies", flags = "flags";
// what the answer tells
inline constexpr std::string_view syn_ack = "syn_ack", device_hops = "device_hops", host_hops = "host_hops",
                                  rewritten = "rewritten", quoted_ttl = "quoted_ttl", banner = "banner",
                                  banner_hex = "banner_hex", first_octet_ms = "first_octet_ms",
                                  close = "close", close_ms = "close_ms", not_seen = "not_seen";
// members of syn_ack, and fields of rewritten
inline constexpr std::string_view window = "window", mss = "mss", wscale = "wscale", sack = "sack",
                                  timestamps = "timestamps", ecn = "ecn", fast_open = "fast_open",
                                  destination_port = "destination_port", traffic_class = "traffic_class",
                                  seen = "seen";
// summary
inline constexpr std::string_view states = "states", answered = "answered", sent = "sent",
                                  duplicates = "duplicates", late = "late", pending = "pending",
                                  loss_percent = "loss_percent", findings = "findings",
                                  example_port = "example_port", elapsed_ms = "elapsed_ms",
                                  rate_pps = "rate_pps", receiver_dropped = "receiver_dropped",
                                  resume = "resume";
// members of states and of rtt_ms in the summary
inline constexpr std::string_view open = "open", closed = "closed", filtered = "filtered",
                                  rejected = "rejected", unreachable = "unreachable", error = "error",
                                  min = "min", avg = "avg", max = "max", stddev = "stddev", p50 = "p50",
                                  p90 = "p90", p95 = "p95", p99 = "p99";
}  // namespace tcp_key

extern const schema tcp_result, tcp_anomaly, tcp_summary;
/// Every event of diag-tcp, in the order in which CSV columns and the manual list them.
extern const std::array<const schema*, 3> tcp_events;

/// Tables of the objects inside: `object{tcp_offer_fields}`.
extern const std::span<const field> tcp_offer_fields;      ///< of syn_ack
extern const std::span<const field> tcp_rewritten_fields;  ///< the fields of our segment, each an object:
extern const std::span<const field> tcp_change_fields;     ///< sent, seen
extern const std::span<const field> tcp_state_fields;      ///< how many of each state
extern const std::span<const field> tcp_rtt_fields;

}  // namespace diag::report
