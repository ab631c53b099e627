// A file of the user's, read in one piece.
#pragma once

#include <cstddef>
#include <string>

#include "libdiag/core/result.hpp"

namespace diag::tools {

/// `path` "-" is standard input. `what` is for the message: "cannot read <what> <path>: ...". Fails above
/// `most` octets.
result<std::string> read_whole_file(const std::string& path, const std::string& what, std::size_t most);

}  // namespace diag::tools
