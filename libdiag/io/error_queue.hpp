// One entry of a socket's error queue: sock_extended_err of linux/errqueue.h, what lies behind it, and a
// stamp.
#pragma once

#include <cstdint>
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
  std::optional<std::uint8_t> hop_limit{};  ///< of the ICMP error, where the socket asked for it
};

/// Software stamp of SO_TIMESTAMPING; nullopt where the kernel left it out, or for another control message.
std::optional<wall_time> software_stamp(int level, int type, byte_view octets);

error_entry read_error_entry(msghdr& header);
/// Without what the entry does not tell: protocol, destination port and times.
probe::path_notice to_notice(const error_entry& entry, byte_view quoted, const ip_address& destination);

}  // namespace diag::io
