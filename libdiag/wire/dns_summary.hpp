// A DNS message in one line, and one value in a few words.
#pragma once

#include <string>

#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/dns_rdata.hpp"

namespace diag::wire {

/// "0x1a2b A example.org", "0x1a2b A example.org -> NOERROR 192.0.2.7 (+2)", "... -> NXDOMAIN", "... ->
/// NOERROR no data", "NOTIFY SOA example.org"; then " TC" and the first flaw in brackets. Printable ASCII of
/// bounded length, whatever the message holds.
std::string summarize_dns(const dns_view& message);

/// "192.0.2.7", "10 mail.example.org", "\"v=spf1 -all\""; of what has no short form, its octets' count.
/// Printable ASCII, at most max_brief_value characters.
inline constexpr std::size_t max_brief_value = 120;
std::string describe_briefly(const dns_value& value);

}  // namespace diag::wire
