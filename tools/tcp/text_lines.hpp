// The lines of diag-tcp for people: one a result, one a target, a sentence for each finding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/report/style.hpp"

namespace diag::tcp {

/// "192.0.2.1:22", "[2001:db8::1]:22". Allocates nothing that `line` has room for.
void append_endpoint(std::string& line, const ip_address& address, std::uint16_t port);

/// "SYN", "attempt": what was sent, one or many.
std::string segment_words(std::uint64_t count, bool syn);

struct line_facts {
  ip_address address{};
  std::string_view service{};  ///< empty: none
  std::size_t width = 0;       ///< of the column of endpoints
  duration patience{};         ///< how long a port is silent before it is filtered
  bool syn = true;             ///< probes are SYNs
  bool verbose = false;
  bool flows = false;   ///< tell flow and source port
  bool rounds = false;  ///< tell the round
  const report::style& style;
};

/// "192.0.2.1:22    open      syn-ack            0.123 ms  ttl 64  mss 1460, window 64240 x128, sack", and
/// lines for what the peer said.
std::string result_line(const probe::tcp_result& what, const line_facts& facts);
/// "192.0.2.1:22    anomaly   duplicate          from 192.0.2.9, SYN,ACK, ttl 63".
std::string anomaly_line(const probe::tcp_anomaly& what, const line_facts& facts);

/// "1 open, 2 closed, 1 filtered; 7 SYNs sent, rtt 0.100/0.110/0.120 ms".
std::string counts_text(const probe::tcp_summary& account, bool syn);
/// What a finding means: a sentence without a full stop.
std::string finding_text(probe::tcp_finding what, const probe::tcp_summary& account);

}  // namespace diag::tcp
