// What somebody changed of our probe on its way, as the quote in an ICMP error shows it: RFC 792 quotes eight
// octets, RFC 1812 §4.3.2.3 and RFC 4443 as much as fits, options included.
#pragma once

#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/probe/header_change.hpp"
#include "libdiag/probe/tcp_result.hpp"
#include "libdiag/wire/quoted.hpp"

namespace diag::probe {

/// Of a TCP segment. `sent` is ours from the TCP header on. Fills in `rewritten` and `quoted_hop_limit`. What
/// the quote does not reach is not compared; TTL and checksum always differ.
void compare_quote(const wire::quoted_packet& quote, byte_view sent, std::uint8_t traffic_class,
                   tcp_result& into);

/// Of a whole packet, UDP, ICMP echo or TCP. `sent`: our own, as wire::parse_quote() reads it. TTL and IP
/// header checksum always differ and are not compared; a transport checksum only where nothing it covers was
/// changed in sight.
std::vector<header_change> compare_packets(const wire::quoted_packet& sent, const wire::quoted_packet& seen);

}  // namespace diag::probe
