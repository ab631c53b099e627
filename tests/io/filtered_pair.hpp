// A BPF program run by the kernel itself, on a pair of local sockets, which needs no privilege.
#pragma once

#include <array>
#include <sys/socket.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/probe_socket_open.hpp"
#include "libdiag/io/unique_fd.hpp"

#include "tests/catch.hpp"

namespace diag::test {

/// A socket pair whose receiving end has the program.
class filtered_pair {
 public:
  explicit filtered_pair(std::vector<sock_filter> code) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    from_.reset(ends[0]);
    to_.reset(ends[1]);
    REQUIRE(io::attach_filter(ends[1], code));
  }
  bool passes(byte_view octets) const {
    (void)::send(from_.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    std::array<std::byte, 512> room{};
    return ::recv(to_.get(), room.data(), room.size(), MSG_DONTWAIT) >= 0;
  }

 private:
  io::unique_fd from_;
  io::unique_fd to_;
};

}  // namespace diag::test
