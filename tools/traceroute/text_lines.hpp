// The lines of diag-traceroute for people, in the shape that Butskoy's traceroute has made a habit.
#pragma once

#include <cstdint>
#include <string>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_event.hpp"
#include "libdiag/report/style.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

/// "udp 33434", "tcp 443", "tcp-ack 80", "icmp".
std::string probe_words(const probe::path_target& target);

/// "diag-traceroute to host.example (192.0.2.9), 30 hops max, 60 byte packets, udp 33434".
std::string header_line(const stage& on, std::uint32_t path);

/// "!H", "!F-1400", "!<9>", "!<12-0>"; empty for an answer that a path is made of.
std::string mark_of(const probe::path_answer& answer);

/// "<MPLS:L=100,E=0,S=1,T=1> <INC:2,192.0.2.1,\"eth0\",mtu=1500>": what a router appended; empty: nothing.
std::string extension_text(const probe::path_answer& answer);

/// How rows are written.
struct row_manner {
  const address_labels& labels;
  const report::style& style;
  bool extensions = false;
};
/// " 1  gw.example (198.51.100.1)  0.345 ms  0.312 ms *". Where flows met several addresses a line for each,
/// with its flows.
std::string row_line(const probe::hop_row& row, const row_manner& manner);
/// " 8-23  *  nothing from 16 hops in a row".
std::string silence_line(std::uint8_t first, std::uint8_t last);
/// Nobody answered, nothing failed, nothing is known from elsewhere.
bool is_silent(const probe::hop_row& row);

/// "reached 192.0.2.9 at hop 4 in 1.100 ms", or where it stops and why.
std::string verdict_line(const probe::traced_path& path, const stage& on);

/// " 3  198.51.100.9  0.900 ms  F=1400  limited by 198.51.100.1 at hop 2". `before`: the MTU one hop earlier.
std::string mtu_row_line(const probe::mtu_row& row, std::uint32_t before, const row_manner& manner);
std::string mtu_verdict_line(const probe::mtu_end& end, const stage& on);

/// All hops of a multipath, nodes with flows and where they lead.
std::string multipath_lines(const probe::multipath& what, const row_manner& manner);
std::string multipath_verdict_line(const probe::multipath& what, const stage& on);

}  // namespace diag::traceroute
