// Ancillary data of sendmsg(2) and recvmsg(2), read and written with the alignment rules of cmsg(3).
#pragma once

#include <cstring>
#include <optional>
#include <sys/socket.h>

#include "libdiag/core/bytes.hpp"

namespace diag::io {

/// Calls visit(level, type, octets) for each control message received.
template <class Visit>
void for_each_control(msghdr& message, Visit visit) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_len < CMSG_LEN(0)) return;
    const auto size = std::size_t{control->cmsg_len} - CMSG_LEN(0);
    visit(control->cmsg_level, control->cmsg_type, std::as_bytes(std::span{CMSG_DATA(control), size}));
  }
}

/// A plain C structure out of a control message; nullopt when it is too short.
template <class T>
std::optional<T> load_control(byte_view octets) {
  if (octets.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

/// Appends control messages to a buffer the caller has sized with CMSG_SPACE.
class control_writer {
 public:
  /// `buffer` must be aligned as cmsghdr and outlive the call that sends it.
  control_writer(msghdr& message, void* buffer) : message_{message} {
    message_.msg_control = buffer;
    message_.msg_controllen = 0;
  }
  template <class T>
  void add(int level, int type, const T& value) {
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof value);
    header.cmsg_level = level;
    header.cmsg_type = type;
    auto* const at = static_cast<std::byte*>(message_.msg_control) + message_.msg_controllen;
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
    message_.msg_controllen += CMSG_SPACE(sizeof value);
  }

 private:
  msghdr& message_;
};

}  // namespace diag::io
