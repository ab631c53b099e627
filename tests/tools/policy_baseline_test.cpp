// What was seen as a policy, there and back again.
#include "tools/tcp/baseline.hpp"

#include "tests/tools/policy_stage.hpp"

namespace {

using namespace diag;
using probe::tcp_state;
using test::policy_of;
using test::result_of;
using test::written;

constexpr wall_time when{std::chrono::seconds{1'800'000'000}};

}  // namespace

TEST_CASE("baseline: one row for each target and state, ports merged", "[tools][policy]") {
  const auto what = policy_of("192.0.2.1-2 20-30 open|closed|filtered|rejected\n2001:db8::1 443 open\n");
  tcp::seen_pairs seen;
  for (std::uint16_t port = 30; port >= 20; --port)
    seen.take(
        result_of(what.asked.plan, {"192.0.2.1", port, port == 22 ? tcp_state::open : tcp_state::closed}));
  seen.take(result_of(what.asked.plan, {"2001:db8::1", 443}));
  seen.take(result_of(what.asked.plan, {"192.0.2.2", 20, tcp_state::filtered}));
  seen.take(result_of(what.asked.plan, {"192.0.2.2", 21, tcp_state::rejected}));
  CHECK(written([&](report::output& out) { write_baseline(out, seen, what.asked, when); }) ==
        "# What diag-tcp saw until 2027-01-15T08:00:00.000000000Z: 14 pairs\n"
        "# Not decided, and not here: 9 pairs\n"
        "# Again: diag-tcp --policy FILE    What changed: diag-tcp --compare FILE\n"
        "192.0.2.1 20-21,23-30 closed\n"
        "192.0.2.1 22 open\n"
        "192.0.2.2 20 filtered\n"
        "192.0.2.2 21 rejected:admin-prohibited\n"
        "2001:db8::1 443 open\n");
}

TEST_CASE("baseline: a name is kept as the row's name", "[tools][policy]") {
  tcp::gathered_plan asked;
  const std::vector<std::uint16_t> ports{80};
  asked.plan.add(*parse_ip("192.0.2.1"), 1, ports);
  asked.plan.seal();
  asked.names.add(*parse_ip("192.0.2.1"), "www.example");
  asked.names.seal();
  tcp::seen_pairs seen;
  seen.take(result_of(asked.plan, {"192.0.2.1", 80}));
  const auto text = written([&](report::output& out) { write_baseline(out, seen, asked, when); });
  CHECK(text.ends_with("192.0.2.1 80 open \"www.example\"\n"));
  CHECK(policy_of(text).rules.rows[0].name == "www.example");
}

TEST_CASE("baseline: flows and rounds that differ are alternatives", "[tools][policy]") {
  const auto what = policy_of("192.0.2.1 80-82 open\n");
  tcp::seen_pairs seen;
  seen.take(result_of(what.asked.plan, {"192.0.2.1", 80}));
  seen.take(result_of(what.asked.plan, {"192.0.2.1", 80, tcp_state::filtered}));
  seen.take(result_of(what.asked.plan, {"192.0.2.1", 81}));
  seen.take(result_of(what.asked.plan, {"192.0.2.1", 81}));
  // Asked for once already, then another round comes.
  CHECK(seen.sorted().size() == 2);
  auto other = result_of(what.asked.plan, {"192.0.2.1", 82, tcp_state::rejected});
  seen.take(other);
  other.why = probe::reason::host_unreachable;
  seen.take(other);
  const auto text = written([&](report::output& out) { write_baseline(out, seen, what.asked, when); });
  CHECK(text.find("192.0.2.1 80 open|filtered\n192.0.2.1 81 open\n192.0.2.1 82 rejected\n") != text.npos);
}

TEST_CASE("baseline: it reads back as a policy and passes at once", "[tools][policy]") {
  const auto what = policy_of("198.18.0.0/28 1-500 open|closed|filtered|rejected|unreachable|error\n");
  tcp::seen_pairs seen;
  std::vector<probe::tcp_result> results;
  for (std::uint64_t at = 0; at < what.asked.plan.size(); ++at) {
    const auto pair = what.asked.plan.at(at);
    // Alternating states: the most intervals there can be, so rows must be divided to stay short enough.
    const auto state = static_cast<tcp_state>((pair.port + pair.target) % probe::tcp_state_count);
    auto one =
        result_of(what.asked.plan, {to_string(what.asked.plan.address(pair.target)), pair.port, state});
    seen.take(one);
    results.push_back(one);
  }
  const auto text = written([&](report::output& out) { write_baseline(out, seen, what.asked, when); });
  const auto back = policy_of(text);
  CHECK(back.asked.plan.size() == what.asked.plan.size());
  tcp::policy_suite suite{back.rules, what.asked.plan};
  for (const auto& one : results) suite.take(one);
  CHECK(suite.status() == tools::exit_code::positive);
  CHECK(suite.outcomes()[0] == back.rules.rows.size());
}

TEST_CASE("baseline: a path that cannot be is known before anything is sent", "[tools][policy]") {
  CHECK_FALSE(tcp::baseline::open("/nonexistent/baseline").has_value());
  const test::scratch dir;
  const auto what = policy_of("192.0.2.1 80 open\n");
  auto file = tcp::baseline::open(dir.in("base"));
  REQUIRE(file.has_value());
  file->take(result_of(what.asked.plan, {"192.0.2.1", 80}));
  CHECK_FALSE(file->close(what.asked, when).has_value());
  CHECK(dir.text("base").ends_with("192.0.2.1 80 open\n"));
}
