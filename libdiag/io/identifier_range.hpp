// Which ICMP identifiers are ours.
#pragma once

#include <cstdint>

namespace diag::io {

/// Identifiers from `base` on, wrapping at 65,536; count 0 or 65,536 admits all.
struct identifier_range {
  std::uint16_t base = 0;
  std::uint32_t count = 0;
  [[nodiscard]] bool holds(std::uint16_t identifier) const {
    return count == 0 || static_cast<std::uint16_t>(identifier - base) < count;
  }
};

}  // namespace diag::io
