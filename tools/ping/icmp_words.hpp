// ICMP errors in the words that people and scrapers of iputils ping know, and the RFC's where those say more.
#pragma once

#include <cstdint>
#include <string>

#include "libdiag/probe/ping_event.hpp"

namespace diag::ping {

/// "Destination Host Unreachable", "Frag needed and DF set (mtu = 1400)", "Time to live exceeded". `verbose`
/// adds type and code.
std::string icmp_words(const probe::ping_error& error, bool verbose);

/// Why a packet was not believed, as a sentence without a full stop.
std::string reject_words(const probe::ping_rejected& what);

}  // namespace diag::ping
