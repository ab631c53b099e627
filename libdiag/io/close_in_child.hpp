// Descriptors whose last close(2) waits for the kernel, closed by somebody who has the time.
#pragma once

#include "libdiag/io/unique_fd.hpp"

namespace diag::io {

/// For packet sockets, just before the process ends: the kernel waits 8 to 24 ms (an RCU grace period) before
/// it lets go of one, and whoever waits for the process waits with it. A forked child keeps `fd`, and no
/// other descriptor, until ours is closed, then closes it and ends, without running anything that was
/// registered for the end. Where no child is to be had, `fd` is closed here.
void close_in_child(unique_fd fd);

}  // namespace diag::io
