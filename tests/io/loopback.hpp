// Ports of the loopback interface that answer as a test wants them to.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "libdiag/core/address.hpp"
#include "libdiag/io/socket_address.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::test {

inline const auto loopback_v4 = ip_address::v4(0x7f000001);
inline const auto loopback_v6 = *parse_ip("::1");

/// A TCP socket bound to a port the kernel chose; -1 where there is no loopback of that family.
struct bound_port {
  io::unique_fd socket;
  std::uint16_t port = 0;

  /// `backlog` below 0: not listening, so that the port is closed, and stays so.
  explicit bound_port(const ip_address& at, int backlog = 16) {
    auto own = io::to_socket_address(at);
    socket.reset(::socket(at.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const bool there = socket && ::bind(socket.get(), &own.any, own.size) == 0 &&
                       (backlog < 0 || ::listen(socket.get(), backlog) == 0);
    own.size = sizeof own.v6;
    if (!there || ::getsockname(socket.get(), &own.any, &own.size) != 0) {
      socket.reset();
      return;
    }
    port = ntohs(at.is_v4() ? own.v4.sin_port : own.v6.sin6_port);
  }
  explicit operator bool() const { return static_cast<bool>(socket); }
  [[nodiscard]] io::unique_fd accept() const {
    return io::unique_fd{::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  }
};

}  // namespace diag::test
