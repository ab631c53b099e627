// The lines of a series in iputils' shape, because wrappers scrape them; what is ours stands at their end.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/ping_event.hpp"

namespace diag::ping {

/// Who a line is about: "127.0.0.1", or "localhost (127.0.0.1)".
struct line_subject {
  std::string_view name;  ///< empty, or as the user gave it: escaped here
  ip_address address;
};
std::string subject_text(const line_subject& who);

struct header_facts {
  line_subject target;
  std::size_t payload = 56;
  ip_address source{};
  std::string_view interface {};
  bool timestamp = false;
};
/// "PING localhost (127.0.0.1) 56(84) bytes of data.", "PING ::1(::1) 56 data bytes".
std::string header_line(const header_facts& facts);

/// "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.041 ms", "... (DUP!)", "... (late)".
std::string reply_line(const probe::ping_reply& reply, const line_subject& from, bool verbose);
/// "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable". Precondition: a node said so (`from` is set).
std::string error_line(const probe::ping_error& error, bool verbose);
/// "From 192.0.2.9 icmp_seq=1 Answer from another address than the one asked (not counted)".
std::string rejected_line(const probe::ping_rejected& what, bool verbose);
/// "no answer yet for icmp_seq=1".
std::string timeout_line(const probe::ping_timeout& timeout);
/// "[1700000000.123456] ", as -D puts in front.
std::string stamp_text(wall_time when);

/// "--- localhost ping statistics ---" and the lines under it, with the blank line before. `flood`: the rate
/// and average that iputils adds then.
struct statistics_facts {
  std::string_view label;
  bool flood = false;
  std::uint64_t receiver_drops = 0;
};
std::string statistics_block(const probe::ping_summary& account, const statistics_facts& facts,
                             const std::function<wall_time(mono_time)>& wall_of);

/// SIGQUIT: "3/3 packets, 0% loss, min/avg/ewma/max = 0.035/0.038/0.036/0.041 ms".
std::string interim_line(const probe::ping_summary& account);

}  // namespace diag::ping
