// Columns of --packets: wide enough for IPv4, and for IPv6 the line grows rather than cuts an address.
#include "libdiag/report/packets.hpp"

#include <fmt/format.h>

#include "libdiag/core/text.hpp"

namespace diag::report {
namespace {

/// An arrow where the direction is known: ours go out, theirs come in.
char mark(std::optional<bool> from_here) {
  if (!from_here) return ' ';
  return *from_here ? '>' : '<';
}

}  // namespace

void packet_lines::append_header(std::string& out) {
  out += fmt::format("{:>6} {:>13}   {:<20} {:<20} {:<8} {}\n", "#", "time", "From", "To", "Protocol",
                     "Details");
}

void packet_lines::append(std::string& out, wall_time when, std::optional<bool> from_here,
                          const wire::dissection& frame) {
  if (number_++ == 0) first_ = when;
  const auto line = wire::summary_line(frame);
  // Two sockets' stamps may come in the wrong order by some microseconds, hence the sign.
  fmt::format_to(std::back_inserter(out), "{:>6} {:>13.9f} {} {:<20} {:<20} {:<8} {}\n", number_,
                 seconds(when - first_), mark(from_here), safe_text(line.from), safe_text(line.to),
                 safe_text(line.protocol), safe_text(line.details));
}

}  // namespace diag::report
