// Which TCP segments a raw socket wants, as a classic BPF program for the kernel and as a function. Both must
// agree.
//
// Wanted: segments to one of our ports. Whether they answer anything is for the machine to say.
#pragma once

#include <linux/filter.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/port_range.hpp"

namespace diag::io {

/// For sockets whose packets begin with the IPv4 header.
std::vector<sock_filter> tcpv4_filter(const port_range& ours);
/// For sockets whose packets begin with the TCP header.
std::vector<sock_filter> tcpv6_filter(const port_range& ours);

bool admits_tcpv4(byte_view packet, const port_range& ours);
/// `segment` from the TCP header on.
bool admits_tcpv6(byte_view segment, const port_range& ours);

}  // namespace diag::io
