// What somebody changed of our TCP probe on its way, as the quote in an ICMP error shows it: RFC 792 quotes
// eight octets, RFC 1812 §4.3.2.3 and RFC 4443 as much as fits, options included.
#pragma once

#include "libdiag/core/bytes.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/wire/quoted.hpp"

namespace diag::probe {

/// `sent` is our segment from the TCP header on. Fills in `rewritten` and `quoted_hop_limit`. What the quote
/// does not reach is not compared; TTL and checksum always differ.
void compare_quote(const wire::quoted_packet& quote, byte_view sent, std::uint8_t traffic_class,
                   tcp_result& into);

}  // namespace diag::probe
