// One entry of a socket's error queue: sock_extended_err of linux/errqueue.h, what lies behind it, and a
// stamp.
#pragma once

#include <ctime>
#include <linux/errqueue.h>
#include <optional>
#include <sys/socket.h>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

struct error_entry {
  sock_extended_err error{};
  ip_address offender{};
  std::optional<wall_time> stamp{};
};

/// Software stamp of SO_TIMESTAMPING; nullopt where the kernel left it out, or for another control message.
std::optional<wall_time> software_stamp(int level, int type, byte_view octets);

error_entry read_error_entry(msghdr& header);
probe::path_notice to_notice(const error_entry& entry, byte_view quoted, const ip_address& destination);

}  // namespace diag::io
