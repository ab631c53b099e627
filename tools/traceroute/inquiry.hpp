// What the command line leaves to be read once privileges are gone: services by name, a profile, expected
// paths.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "libdiag/craft/tcp_profile.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/traceroute/baseline.hpp"
#include "tools/traceroute/plan.hpp"

namespace diag::traceroute {

struct inquiry {
  question_list questions{};
  craft::tcp_profile profile{};
  std::optional<path_baseline> expected{};              ///< the file of --expect
  tools::exit_code worst = tools::exit_code::positive;  ///< not positive: do not run
};

/// Every complaint is one line.
inquiry gather(const trace_options& options, const std::function<void(const std::string&)>& complain);

}  // namespace diag::traceroute
