// The lines that a person reads, each with its newline.
#pragma once

#include <string>

#include "tools/arping/view.hpp"

namespace diag::arping {

/// "ARP 192.0.2.7 from 192.0.2.1 (02:00:5e:10:00:01) on eth0".
std::string header_line(const stage& on);
/// "192.0.2.7 is at 52:54:00:12:34:56 (QEMU/KVM)  seq 1  0.312 ms". `owners`: how many the target has by now.
std::string reply_line(const stage& on, const probe::neighbor_reply& reply, std::size_t owners);
std::string timeout_line(const stage& on, const probe::neighbor_timeout& timeout);
std::string rejected_line(const stage& on, const probe::neighbor_rejected& what);
/// "192.0.2.7 is announced by 52:54:00:12:34:56 (QEMU/KVM)".
std::string sighting_line(const stage& on, const probe::neighbor_sighting& what);
/// "192.0.2.7 moved from 52:54:00:12:34:56 to 52:54:00:ab:cd:ef (announced)".
std::string change_line(const stage& on, const probe::neighbor_change& what);
/// "eth0 is down".
std::string link_line(const stage& on, const probe::neighbor_link_state& what);
/// A row of a sweep: address, hardware address, vendor, time.
std::string row_line(const stage& on, const probe::neighbor_reply& reply, std::size_t owners);
/// The time of day in front of a line of --watch: "2026-11-22 18:04:05.123".
std::string stamp_text(wall_time when);

/// The block at the end of a series, with its findings.
std::string result_block(const stage& on, const target_result& what);
/// "3 probes, 3 answered, 0 lost; rtt min/avg/max 0.312/0.340/0.398 ms", also for an interim report.
std::string counts_line(const probe::neighbor_summary& account);
/// "8 of 254 in use, 1 conflict; 262 probes in 0.61 s".
std::string totals_line(const probe::neighbor_totals& totals, std::uint64_t conflicts, duration elapsed);

// --dad, -U, -A, --defend
std::string claim_header(const stage& on);
std::string step_line(const stage& on, const probe::claim_step& step);
std::string objection_line(const stage& on, const probe::claim_objection& what);
std::string claim_block(const stage& on, const probe::claim_summary& what);

// a search
std::string search_header(const stage& on);
std::string found_line(const stage& on, const probe::mac_found& found);
std::string search_block(const stage& on, const probe::mac_search_summary& what);

}  // namespace diag::arping
