// Which keys of the summary a run can have, so that no condition of --warn or --crit waits in vain.
#pragma once

#include <string_view>

#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

/// Why a run with these options never has this key: "needs --mtu"; empty: it may have it.
std::string_view why_never(std::string_view key, const trace_options& options);

}  // namespace diag::traceroute
