// How far a run is, in one line.
#pragma once

#include <string>

#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_run.hpp"

namespace diag::tcp {

/// "asked 12,345 of 65,535 (18%), 3 open; 45,000 a second, 1.2 s left". Precondition: elapsed > 0.
std::string progress_text(const probe::tcp_course& course, const probe::tcp_summary& totals,
                          duration elapsed);

}  // namespace diag::tcp
