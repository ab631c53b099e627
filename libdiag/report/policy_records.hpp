// The records of a policy run (--report json): their keys and tables (diag-json(5)).
#pragma once

#include <span>
#include <string_view>

#include "libdiag/report/field.hpp"

namespace diag::report {

/// Keys of a test and of the summary of all; the tables in policy_records.cpp say what each means.
namespace policy_key {
inline constexpr std::string_view file = "file", line = "line", name = "name", target = "target",
                                  ports = "ports", expectation = "expectation", passed = "passed",
                                  outcome = "outcome", evidence = "evidence", pairs = "pairs",
                                  decided = "decided", states = "states", unexpected = "unexpected",
                                  shown = "shown", elapsed_ms = "elapsed_ms";
// members of shown
inline constexpr std::string_view address = "address", port = "port", state = "state", reason = "reason",
                                  from = "from", ttl = "ttl", rtt_ms = "rtt_ms", attempts = "attempts",
                                  answered_attempt = "answered_attempt", icmp_type = "icmp_type",
                                  icmp_code = "icmp_code", source_port = "source_port", errno_name = "errno";
// summary
inline constexpr std::string_view tests = "tests", failed = "failed", errors = "errors", skipped = "skipped";
}  // namespace policy_key

extern const schema policy_test, policy_summary;
extern const std::span<const field> policy_pair_fields;  ///< of shown

}  // namespace diag::report
