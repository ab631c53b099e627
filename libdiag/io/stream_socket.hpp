// One connecting socket: its options, what the kernel knows of its connection, and its error queue. tcp(7).
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/io/stream_set.hpp"
#include "libdiag/io/unique_fd.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

struct connecting {
  unique_fd socket{};
  ip_address source{};
  std::uint16_t source_port = 0;
  mono_time at{};  ///< just before connect(2)
  int error = 0;   ///< errno value of whatever refused: nothing was sent
};
connecting start_connecting(const stream_config& config, const probe::open_stream& wanted);

/// SO_ERROR: 0, or why connect(2) failed. Reading it clears it.
int take_socket_error(int fd);
probe::stream_facts read_stream_facts(int fd);
/// The next entry of the error queue; the quote is put into `room`, cut to its size.
std::optional<probe::path_notice> read_notice(int fd, byte_span room);
/// close(2) will then send RST and forget (SO_LINGER, no time).
void make_close_reset(int fd);

}  // namespace diag::io
