// Which TCP segments or UDP datagrams a raw socket wants, as a classic BPF program for the kernel and as a
// function. Both must agree.
//
// Wanted: those to one of our ports. Whether they answer anything is for the machine to say.
#pragma once

#include <linux/filter.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/port_range.hpp"

namespace diag::io {

/// For sockets whose packets begin with the IPv4 header.
std::vector<sock_filter> port_filter_v4(const port_range& ours);
/// For sockets whose packets begin with the TCP or UDP header.
std::vector<sock_filter> port_filter_v6(const port_range& ours);

bool admits_port_v4(byte_view packet, const port_range& ours);
/// `transport` from the TCP or UDP header on.
bool admits_port_v6(byte_view transport, const port_range& ours);

}  // namespace diag::io
