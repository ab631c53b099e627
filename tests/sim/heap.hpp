// How much of the heap is in use, for tests that claim flat memory: exact where resident pages are noise.
#pragma once

#include <cstddef>
#include <malloc.h>

namespace diag::sim {

/// Octets allocated and not freed (mallinfo(3)); 0 where a sanitizer has its own heap.
inline std::size_t live_heap() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace diag::sim
