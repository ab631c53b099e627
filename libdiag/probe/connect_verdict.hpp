// What a connection that never stood means: the ICMP error behind it where the kernel kept one, or its errno.
#pragma once

#include "libdiag/core/address.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/tcp_event.hpp"

namespace diag::probe {

/// Writes state, reason, sender, ICMP type and code, errno and oddities into `result`. Silence comes out as
/// filtered: whether to ask again is the caller's business. `source` is our end of the connection, unset when
/// not known.
void judge_failure(const stream_failed& failed, const ip_address& source, const ip_address& destination,
                   tcp_result& result);

/// Descriptors, ports or memory have run out: it may work when other connections have ended.
[[nodiscard]] bool is_shortage(int error_number);

}  // namespace diag::probe
