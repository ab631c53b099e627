// What each key of a policy's test means.
#include "libdiag/report/policy_records.hpp"

namespace diag::report {
namespace {

namespace key = policy_key;
using enum field_type;

constexpr field file{key::file, text, "", "the policy file"};
constexpr field elapsed_ms{key::elapsed_ms, elapsed, "ms",
                           "from the start of the run until the last result of the test"};

constexpr field pair_fields[] = {
    {key::address, text, "", "the address that was probed"},
    {key::port, integer, "", "the port that was probed"},
    {key::state, text, "", "what the port is, seen from here"},
    {key::reason, text, "", "why"},
    {key::from, text, "", "who answered; absent: nobody, or this host"},
    {key::ttl, integer, "hops", "hop limit the answer had left on arrival"},
    {key::rtt_ms, elapsed, "ms", "round-trip time of the attempt that was answered"},
    {key::attempts, integer, "", "how often it was asked"},
    {key::answered_attempt, integer, "", "which of them was answered, from 1"},
    {key::icmp_type, integer, "", "type of the ICMP error"},
    {key::icmp_code, integer, "", "code of the ICMP error"},
    {key::source_port, integer, "", "the port it was asked from"},
    {key::errno_name, text, "", "name of the system's error (EHOSTUNREACH, ...)"},
};

constexpr field test_fields[] = {
    file,
    {key::line, integer, "", "line of the row in that file, from 1"},
    {key::name, text, "", "name of the row, where it has one"},
    {key::target, text, "", "target of the row, as written"},
    {key::ports, text, "", "ports of the row"},
    {key::expectation, text, "", "what they should be"},
    {key::passed, boolean, "", "every port of every address is as it should be"},
    {key::outcome, text, "", "passed, failed, error (our part failed) or skipped (never asked)"},
    {key::evidence, text, "", "one line that says why"},
    {key::pairs, integer, "", "results the test waits for"},
    {key::decided, integer, "", "results that came"},
    {key::unexpected, integer, "", "results that are not as they should be"},
    {key::states, counts, "", "how many results of each state"},
    {key::shown, object_list, "",
     "up to 10 results that are not as they should be, the lowest addresses first; of a test that passed, "
     "one result",
     metric_kind::none, pair_fields},
    elapsed_ms,
};

constexpr field summary_fields[] = {
    file,
    {key::tests, integer, "", "tests of the policy"},
    {key::passed, integer, "", "tests that passed"},
    {key::failed, integer, "", "tests that failed"},
    {key::errors, integer, "", "tests for which our part failed"},
    {key::skipped, integer, "", "tests that were never asked"},
    elapsed_ms,
};

}  // namespace

const schema policy_test{"tcp", "test", "one row of a policy was judged", test_fields};
const schema policy_summary{"tcp", "summary", "a whole policy was judged", summary_fields};
const std::span<const field> policy_pair_fields{pair_fields};

}  // namespace diag::report
