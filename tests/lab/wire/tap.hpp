// TAP devices in network namespaces (Linux Documentation/networking/tuntap.rst), and owned descriptors.
#pragma once

#include <string>
#include <unistd.h>
#include <utility>

#include "tests/lab/wire/settings.hpp"

namespace delay_wire {

/// The one owner of a file descriptor; -1 owns nothing.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int value() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_{-1};
};

/// Makes the end's TAP in its namespace, non-blocking, and comes back to the namespace it was called in.
/// Throws std::system_error naming the step and the end.
descriptor open_tap(const wire_end& end);

}  // namespace delay_wire
