// TCP or UDP ports in a row: those a run sends from.
#pragma once

#include <cstdint>

namespace diag::io {

/// [base, base + count), not wrapping; count 0: none.
struct port_range {
  std::uint16_t base = 0;
  std::uint32_t count = 0;
  [[nodiscard]] bool holds(std::uint16_t port) const { return std::uint32_t{port} - base < count; }
  friend bool operator==(const port_range&, const port_range&) = default;
};

}  // namespace diag::io
