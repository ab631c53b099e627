// Which ICMP packets a raw socket wants, as a classic BPF program for the kernel and as a function for
// packets that came by way of a capture. Both must agree.
//
// Wanted: echo and timestamp replies with an identifier in [base, base + count) or with our nonce, and ICMP
// errors whose quote is ours by the same rule, or too short to tell (so that a cut quote is seen and refused
// by name, not lost).
#pragma once

#include <linux/filter.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/identifier_range.hpp"

namespace diag::io {

/// For sockets whose packets begin with the IPv4 header.
std::vector<sock_filter> icmpv4_filter(const identifier_range& ours);
/// For sockets whose packets begin with the ICMPv6 header.
std::vector<sock_filter> icmpv6_filter(const identifier_range& ours);

bool admits_ipv4(byte_view packet, const identifier_range& ours);
/// `message` from the ICMPv6 header on.
bool admits_icmpv6(byte_view message, const identifier_range& ours);

}  // namespace diag::io
