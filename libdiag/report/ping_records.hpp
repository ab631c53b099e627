// The records of diag-ping: their keys and tables (diag-json(5)).
#pragma once

#include <array>
#include <string_view>

#include "libdiag/report/field.hpp"

namespace diag::report {

/// Keys of every ping record; the tables in ping_records.cpp say what each means and in which unit.
namespace ping_key {
inline constexpr std::string_view target = "target", address = "address", seq = "seq", ttl = "ttl",
                                  tos = "tos", size = "size", rtt_ms = "rtt_ms", rtt_source = "rtt_source",
                                  anomalies = "anomalies", from = "from", timeout_ms = "timeout_ms",
                                  reason = "reason", icmp_type = "icmp_type", icmp_code = "icmp_code",
                                  next_hop_mtu = "next_hop_mtu", errno_name = "errno", gateway = "gateway",
                                  clock_offset_ms = "clock_offset_ms";
// summary
inline constexpr std::string_view state = "state", sent = "sent", received = "received", late = "late",
                                  duplicates = "duplicates", errors = "errors", not_sent = "not_sent",
                                  pending = "pending", corrupt = "corrupt", rejected = "rejected",
                                  loss_percent = "loss_percent", jitter_ms = "jitter_ms",
                                  reordered = "reordered", loss_bursts = "loss_bursts", outages = "outages",
                                  path_mtu = "path_mtu", black_hole = "black_hole",
                                  receiver_dropped = "receiver_dropped", elapsed_ms = "elapsed_ms";
// members of rtt_ms, loss_bursts and outages in the summary
inline constexpr std::string_view min = "min", avg = "avg", max = "max", stddev = "stddev", p50 = "p50",
                                  p90 = "p90", p95 = "p95", p99 = "p99", longest = "longest", count = "count",
                                  start = "start", end = "end", seconds = "seconds", lost = "lost";
}  // namespace ping_key

extern const schema ping_reply, ping_timeout, ping_error, ping_duplicate, ping_late, ping_rejected,
    ping_summary;
/// Every event of diag-ping, in the order in which CSV columns and the manual list them.
extern const std::array<const schema*, 7> ping_events;

/// Tables of the objects inside a summary: `object{ping_rtt_fields}`.
extern const std::span<const field> ping_rtt_fields;         ///< min avg max stddev p50 p90 p95 p99: elapsed
extern const std::span<const field> ping_loss_burst_fields;  ///< longest count: integer
extern const std::span<const field> ping_outage_fields;      ///< start end: time; seconds: elapsed; lost

}  // namespace diag::report
