// What happens to one frame: a pure function of (seed, direction, number of the frame).
#pragma once

#include <cstdint>

#include "tests/lab/wire/settings.hpp"

namespace delay_wire {

struct fate {
  bool lost{false};
  bool doubled{false};
  bool held_back{false};
  bool damaged{false};
  nanoseconds delay{0};
  std::uint64_t damaged_bit{0};  ///< to be taken modulo the bits that may be hit

  bool operator==(const fate&) const = default;
};

/// Each question about a frame has its own random number, found by hashing rather than by drawing from a
/// stream: switching one fault on never changes which frames another one hits.
fate decide(const treatment& way, std::uint64_t seed, unsigned direction, std::uint64_t frame_number);

}  // namespace delay_wire
