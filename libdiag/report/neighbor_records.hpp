// The records of diag-arping: their keys and tables (diag-json(5)).
#pragma once

#include <array>
#include <string_view>

#include "libdiag/report/field.hpp"

namespace diag::report {

/// Keys of every arping record; the tables in neighbor_records.cpp say what each means and in which unit.
namespace neighbor_key {
inline constexpr std::string_view target = "target", address = "address", mac = "mac", vendor = "vendor",
                                  interface = "interface", seq = "seq", reason = "reason";
// reply, timeout, error, rejected
inline constexpr std::string_view rtt_ms = "rtt_ms", rtt_most_ms = "rtt_most_ms", rtt_source = "rtt_source",
                                  via = "via", kind = "kind", pairing = "pairing", new_owner = "new_owner",
                                  late = "late", duplicate = "duplicate", second_look = "second_look",
                                  frame_source = "frame_source", vlan = "vlan", router = "router",
                                  solicited = "solicited", override_flag = "override",
                                  waited_ms = "waited_ms", errno_name = "errno", from = "from";
// sighting, change, link
inline constexpr std::string_view asked = "asked", before = "before", after = "after",
                                  announced = "announced", up = "up", running = "running", gone = "gone";
// claim, objection, found, difference
inline constexpr std::string_view step = "step", number = "number", since_probe_ms = "since_probe_ms",
                                  evidence = "evidence", what = "what";
// summary
inline constexpr std::string_view verdict = "verdict", owners = "owners", vendors = "vendors",
                                  addresses = "addresses", source = "source", sent = "sent",
                                  received = "received", lost = "lost", not_sent = "not_sent",
                                  pending = "pending", duplicates = "duplicates", ambiguous = "ambiguous",
                                  measured = "measured", loss_percent = "loss_percent", findings = "findings",
                                  details = "details", expected = "expected", announcements = "announcements",
                                  defences = "defences", objections = "objections", looped = "looped",
                                  complete = "complete", receiver_dropped = "receiver_dropped",
                                  elapsed_ms = "elapsed_ms";
// members of rtt_ms and of details in the summary
inline constexpr std::string_view min = "min", avg = "avg", max = "max", stddev = "stddev", p50 = "p50",
                                  p90 = "p90", p95 = "p95", p99 = "p99", finding = "finding", other = "other",
                                  count = "count", sentence = "sentence";
}  // namespace neighbor_key

extern const schema neighbor_reply, neighbor_timeout, neighbor_error, neighbor_rejected, neighbor_sighting,
    neighbor_change, neighbor_link, neighbor_claim, neighbor_objection, neighbor_found, neighbor_difference,
    neighbor_summary;
/// Every event of diag-arping, in the order in which CSV columns and the manual list them.
extern const std::array<const schema*, 12> neighbor_events;

/// Tables of the objects inside a summary.
extern const std::span<const field> neighbor_rtt_fields;  ///< min avg max stddev p50 p90 p95 p99: elapsed
extern const std::span<const field>
    neighbor_detail_fields;  ///< finding address mac other count vlan sentence

}  // namespace diag::report
