// Which ICMP packets a raw socket wants, as a classic BPF program for the kernel and as a function for
// packets that came by way of a capture. Both must agree.
//
// Wanted: echo and timestamp replies with an identifier in [base, base + count), and ICMP errors whose quote
// is ours by the same rule, or too short to tell (so that a cut quote is seen and refused by name, not lost).
#pragma once

#include <cstdint>
#include <linux/filter.h>
#include <vector>

#include "libdiag/core/bytes.hpp"

namespace diag::io {

/// Identifiers from `base` on, wrapping at 65,536; count 0 or 65,536 admits all.
struct identifier_range {
  std::uint16_t base = 0;
  std::uint32_t count = 0;
  [[nodiscard]] bool holds(std::uint16_t identifier) const {
    return count == 0 || static_cast<std::uint16_t>(identifier - base) < count;
  }
};

/// For sockets whose packets begin with the IPv4 header.
std::vector<sock_filter> icmpv4_filter(identifier_range ours);
/// For sockets whose packets begin with the ICMPv6 header.
std::vector<sock_filter> icmpv6_filter(identifier_range ours);

bool admits_ipv4(byte_view packet, identifier_range ours);
/// `message` from the ICMPv6 header on.
bool admits_icmpv6(byte_view message, identifier_range ours);

}  // namespace diag::io
