// Whole frames out of one interface: packet(7), SOCK_RAW. Opened with protocol 0, so it never receives (and
// never waits for the kernel to unhook a receiver when it opens).
#pragma once

#include <cstdint>
#include <string>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {

class link_injector {
 public:
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint32_t interface() const { return interface_; }
  /// Sends one frame, link header included; 0 or an errno value (ENOBUFS: the device queue is full).
  [[nodiscard]] int send(byte_view whole_frame) const;

 private:
  link_injector(unique_fd fd, std::uint32_t interface) : fd_{std::move(fd)}, interface_{interface} {}
  friend result<link_injector> open_injector(const std::string& interface);
  unique_fd fd_;
  std::uint32_t interface_ = 0;
};

result<link_injector> open_injector(const std::string& interface);

}  // namespace diag::io
