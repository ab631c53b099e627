// Which ICMP packets a raw socket wants, as a classic BPF program for the kernel and as a function for
// packets that came by way of a capture. Both must agree.
//
// Wanted: echo and timestamp replies with an identifier in [base, base + count) or with our nonce, and ICMP
// errors whose quote is ours by the same rule, or too short to tell (so that a cut quote is seen and refused
// by name, not lost). With ports: errors that quote TCP or UDP from one of them, or are too short to tell;
// the former only where identifiers were named too. On request every error: a translator on the way may have
// left other ports and identifiers in the quote than were sent.
#pragma once

#include <cstdint>
#include <linux/filter.h>
#include <optional>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/identifier_range.hpp"
#include "libdiag/io/port_range.hpp"

namespace diag::io {

struct icmp_interest {
  identifier_range identifiers{};
  port_range ports{};
  bool every_error = false;  ///< whatever it quotes
  /// An identifier range without a count admits all, but not beside ports.
  [[nodiscard]] bool echoes() const { return ports.count == 0 || identifiers.count != 0; }
};

/// For sockets whose packets begin with the IPv4 header.
std::vector<sock_filter> icmpv4_filter(const icmp_interest& ours);
/// For sockets whose packets begin with the ICMPv6 header.
std::vector<sock_filter> icmpv6_filter(const icmp_interest& ours);

bool admits_ipv4(byte_view packet, const icmp_interest& ours);
/// `message` from the ICMPv6 header on.
bool admits_icmpv6(byte_view message, const icmp_interest& ours);

/// What an ICMP error says of the packet it is about, as far as the filters look.
struct icmp_quote {
  bool error = false;                      ///< it is an ICMP error at all
  std::optional<std::uint8_t> protocol{};  ///< none: too short to tell, or IPv6 extension headers
  byte_view header{};                      ///< the quoted IP header without options
  byte_view transport{};                   ///< at least eight octets, or empty: too short to tell
};
icmp_quote find_quote_v4(byte_view packet);
icmp_quote find_quote_v6(byte_view message);

}  // namespace diag::io
