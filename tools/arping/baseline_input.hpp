// The file of --compare, read before anything is sent.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/arping/neighbor_baseline.hpp"
#include "tools/arping/options.hpp"
#include "tools/common/exit_code.hpp"

namespace diag::arping {

struct baseline_input {
  std::optional<known_neighbors> known{};               ///< none: not asked for
  tools::exit_code worst = tools::exit_code::positive;  ///< usage: bad lines; ours: it cannot be read
};

/// Every complaint is one line for the user.
baseline_input read_baseline(const arping_options& options,
                             const std::function<void(const std::string&)>& complain);

}  // namespace diag::arping
