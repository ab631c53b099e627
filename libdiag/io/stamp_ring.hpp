// Which probe a kernel transmit stamp is about.
//
// With SOF_TIMESTAMPING_OPT_ID the kernel numbers the stamped packets of a socket 0, 1, 2, ... A send that
// fails may or may not have used up a number, so after a failure the count is uncertain: no further stamp is
// asked for until the error queue has been read empty and the kernel's count was set back to 0 (`restart`).
//
// It can be fooled by a packet that waits for its neighbour's address across such a restart; a stamp from
// before its probe was handed to the kernel, and a second stamp for one probe, are refused.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class stamp_ring {
 public:
  static constexpr std::uint32_t capacity = 1024;  ///< stamps outstanding; older ones are given up

  /// The next stamped packet is `token`'s; `handed_over` is when the system call began.
  void remember(probe::probe_token token, mono_time handed_over) {
    entries_[next_++ % capacity] = {token, handed_over, true};
    ++outstanding_;
  }
  /// The token behind kernel number `id`, once.
  std::optional<probe::probe_token> take(std::uint32_t id, mono_time stamped) {
    const auto age = next_ - id;  // wraps as the kernel's count does
    if (age == 0 || age > capacity) return std::nullopt;
    auto& found = entries_[id % capacity];
    if (!found.waiting || stamped + slack < found.handed_over) return std::nullopt;
    found.waiting = false;
    --outstanding_;
    return found.token;
  }
  /// The kernel counts from 0 again.
  void restart() { *this = stamp_ring{}; }
  [[nodiscard]] std::uint32_t outstanding() const {
    return outstanding_ < capacity ? outstanding_ : capacity;
  }

 private:
  static constexpr duration slack = 500us;  ///< two clocks are compared

  struct entry {
    probe::probe_token token = 0;
    mono_time handed_over{};
    bool waiting = false;
  };
  std::array<entry, capacity> entries_{};
  std::uint32_t next_ = 0;
  std::uint32_t outstanding_ = 0;
};

}  // namespace diag::io
