// How every tool ends: "yes, no, you, us, them".
#pragma once

#include <algorithm>
#include <cstdint>

namespace diag::tools {

enum class exit_code : std::uint8_t {
  positive = 0,  ///< the expected answer came
  negative = 1,  ///< the probe ran and the answer is no: silent, refused, a threshold crossed
  usage = 2,     ///< the command line or a line of a target file is wrong
  ours = 3,      ///< we could not do our part: name or route not found, permission, output lost
  nonsense = 4,  ///< the peer broke the protocol
};

/// Over several targets the worst wins.
inline exit_code worse(exit_code a, exit_code b) {
  return std::max(a, b);
}

}  // namespace diag::tools
