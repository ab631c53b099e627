// What was found, in a sentence each: the same in text and in records.
#pragma once

#include <string>

#include "libdiag/probe/header_change.hpp"
#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

/// "DSCP 46 becomes 0", "MSS 1460 becomes 1380", "SACK is taken out".
std::string change_words(const probe::header_change& change);

/// A sentence without a full stop; it names its hops itself. With `path`, which the finding is of, also their
/// addresses: "DSCP 46 becomes 0 between hop 4 (198.51.100.4) and hop 5 (198.51.100.5)".
std::string finding_sentence(const probe::path_finding& what, const address_labels& labels,
                             const probe::traced_path* path = nullptr);

/// "tcp/445 is dropped after hop 3 (192.0.2.9); tcp/443 passes to the target at hop 6".
std::string location_sentence(const probe::location& what);

}  // namespace diag::traceroute
