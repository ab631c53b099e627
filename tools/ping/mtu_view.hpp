// --mtu: what was tried, and the verdict, for people.
#pragma once

#include <string>

#include "libdiag/probe/mtu_search.hpp"
#include "tools/ping/text_lines.hpp"

namespace diag::ping {

/// "MTU search to 192.0.2.1, from 1500 octets down".
std::string mtu_header(const line_subject& target, std::uint32_t upper);
/// "1500 octets: too big, 192.0.2.254 says 1400".
std::string mtu_step_line(const probe::mtu_step& step);
/// "path MTU to 192.0.2.1 is 1400 octets (told by 192.0.2.254), 7 packets", with BLACK HOLE where it is one.
std::string mtu_verdict_line(const line_subject& target, const probe::mtu_verdict& verdict);

}  // namespace diag::ping
