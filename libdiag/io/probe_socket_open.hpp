// Opening a probe socket with all its options: the half of probe_socket that may need privilege.
#pragma once

#include <linux/filter.h>
#include <optional>
#include <span>

#include "libdiag/core/result.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/source_finder.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {

struct opened_probe_socket {
  unique_fd fd;
  socket_kind kind = socket_kind::raw;
  std::uint16_t identifier = 0;  ///< of a UDP datagram socket its port
  bool kernel_stamps = false;
  std::optional<source_finder> sources{};  ///< TCP without a configured source
};

/// IP protocol number; of whole packets IPPROTO_RAW.
int number_of(probe_protocol protocol, ip_family family);

result<opened_probe_socket> open_probe_fd(const probe_socket_config& config);

/// SO_TIMESTAMPING as the sockets use it; `with_identifiers` false and then true starts the kernel's packet
/// numbers at 0 again.
bool set_stamping(int fd, bool with_identifiers);
/// As much as may be; beyond sysctl net.core.rmem_max only with CAP_NET_ADMIN. 0: as it is.
void set_receive_buffer(int fd, std::size_t octets);
/// Replaces the socket's filter at once.
bool attach_filter(int fd, std::span<sock_filter> code);

}  // namespace diag::io
