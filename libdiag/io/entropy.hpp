// The only source of unpredictable numbers: getrandom(2). Seeds core/random, which does the rest.
#pragma once

#include <cstdint>

#include "libdiag/core/result.hpp"

namespace diag::io {

/// 64 bits from the kernel. Fails rather than hand out a weak number.
result<std::uint64_t> entropy();

}  // namespace diag::io
