// Results to verdicts of rows: overlaps, evidence, what was not decided, and at size.
#include "tools/tcp/policy_suite.hpp"

#include "libdiag/core/random.hpp"
#include "tools/tcp/suite_index.hpp"

#include "tests/tools/policy_stage.hpp"

namespace {

using namespace diag;
using probe::tcp_state;
using tcp::test_outcome;
using test::policy_of;
using test::result_of;
using tools::exit_code;

}  // namespace

TEST_CASE("policy suite: a row passes when every pair is as expected", "[tools][policy]") {
  const auto what = policy_of("192.0.2.0/30 80 open|closed\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  for (const auto* address : {"192.0.2.0", "192.0.2.1", "192.0.2.2"})
    suite.take(result_of(what.asked.plan, {address, 80}));
  suite.take(result_of(what.asked.plan, {"192.0.2.3", 80, tcp_state::closed}));
  CHECK(suite.accounts()[0].outcome() == test_outcome::passed);
  CHECK(suite.evidence(0) == "3 open, 1 closed");
  CHECK(suite.status() == exit_code::positive);
}

TEST_CASE("policy suite: one pair is shown with who said so", "[tools][policy]") {
  const auto what = policy_of(
      "192.0.2.1 80 open\n192.0.2.1 81 rejected\n192.0.2.1 82 filtered\n"
      "192.0.2.1 83 error\n2001:db8::1 84 open\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 80}));
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 81, tcp_state::rejected}));
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 82, tcp_state::filtered}));
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 83, tcp_state::error}));
  auto late = result_of(what.asked.plan, {"2001:db8::1", 84});
  late.answered = 2;
  suite.take(late);
  CHECK(suite.evidence(0) == "open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms");
  CHECK(suite.evidence(1) == "rejected (admin-prohibited, ICMP 3/13) from 192.0.2.254 ttl 63 in 0.400 ms");
  CHECK(suite.evidence(2) == "filtered (no-answer) after 3 attempts");
  CHECK(suite.evidence(3) == "error (no-route): no route from this host");
  CHECK(suite.evidence(4) == "open (syn-ack) from 2001:db8::1 ttl 64 in 0.100 ms, attempt 2");
  CHECK(suite.status() == exit_code::positive);
}

TEST_CASE("policy suite: every row that covers a pair judges it", "[tools][policy]") {
  const auto what = policy_of(
      "192.0.2.0/24 1-100 open|closed\n"
      "192.0.2.7 80 open\n"
      "192.0.2.0/29 all closed|open|filtered\n"
      "192.0.2.7 81 open\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  CHECK(suite.take(result_of(what.asked.plan, {"192.0.2.7", 80, tcp_state::closed})));
  CHECK(suite.accounts()[0].decided == 1);
  CHECK(suite.accounts()[1].unexpected == 1);
  CHECK(suite.accounts()[2].decided == 1);
  CHECK(suite.accounts()[3].decided == 0);
  CHECK(suite.accounts()[0].due == 25'600);
  CHECK(suite.outcomes() == std::array<std::uint64_t, 4>{0, 1, 2, 1});
}

TEST_CASE("policy suite: ten offending pairs are shown, the lowest, whatever the order", "[tools][policy]") {
  const auto what = policy_of("192.0.2.0/27 80 closed\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  for (int last = 31; last >= 0; --last)
    suite.take(result_of(what.asked.plan, {"192.0.2." + std::to_string(last), 80}));
  const auto& account = suite.accounts()[0];
  REQUIRE(account.offending.size() == 10);
  CHECK(to_string(account.offending.front().address) == "192.0.2.0");
  CHECK(to_string(account.offending.back().address) == "192.0.2.9");
  CHECK(account.further() == 22);
  CHECK(suite.evidence(0) == "32 of 32 not as expected: 32 open");
  CHECK(suite.status() == exit_code::negative);
}

TEST_CASE("policy suite: what was not decided never passes", "[tools][policy]") {
  const auto what = policy_of("192.0.2.0/31 80 open\n192.0.2.8 80 open\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  suite.take(result_of(what.asked.plan, {"192.0.2.0", 80}));
  CHECK(suite.accounts()[0].outcome() == test_outcome::error);
  CHECK(suite.evidence(0) == "1 open, 1 not decided");
  CHECK(suite.accounts()[1].outcome() == test_outcome::skipped);
  CHECK(suite.evidence(1) == "the run ended before any of it was decided");
  CHECK(suite.status() == exit_code::ours);
}

TEST_CASE("policy suite: an error of ours is not the network's failure", "[tools][policy]") {
  const auto what = policy_of("192.0.2.1 80 open\n192.0.2.1-2 81 open\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 80, tcp_state::error}));
  CHECK(suite.accounts()[0].outcome() == test_outcome::error);
  // Beside a pair that is truly wrong the row has failed; the worse status still wins.
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 81, tcp_state::error}));
  suite.take(result_of(what.asked.plan, {"192.0.2.2", 81, tcp_state::closed}));
  CHECK(suite.accounts()[1].outcome() == test_outcome::failed);
  CHECK(suite.status() == exit_code::ours);
}

TEST_CASE("policy suite: a reason that was asked for decides", "[tools][policy]") {
  const auto what = policy_of(
      "192.0.2.1 80 rejected:admin-prohibited\n192.0.2.1 80 rejected:port-unreachable|"
      "rejected:admin-prohibited\n192.0.2.1 81 rejected:port-unreachable\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 80, tcp_state::rejected}));
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 81, tcp_state::rejected}));
  CHECK(suite.outcomes() == std::array<std::uint64_t, 4>{2, 1, 0, 0});
}

TEST_CASE("policy suite: flows and rounds are all due", "[tools][policy]") {
  const auto what = policy_of("192.0.2.1 80 open\n", 2);
  tcp::policy_suite suite{what.rules, what.asked.plan, {.flows = 2, .rounds = 3}};
  for (int i = 0; i < 5; ++i) suite.take(result_of(what.asked.plan, {"192.0.2.1", 80}));
  CHECK(suite.accounts()[0].outcome() == test_outcome::error);
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 80}));
  CHECK(suite.accounts()[0].outcome() == test_outcome::passed);
}

TEST_CASE("policy suite: link-local rows judge their own link", "[tools][policy]") {
  const auto what = policy_of("fe80::1%1 80 open\nfe80::1%2 80 open\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  for (std::uint32_t target = 0; target < what.asked.plan.target_count(); ++target) {
    probe::tcp_result result;
    result.target = target;
    result.port = 80;
    result.state = what.asked.plan.address(target).scope() == 1 ? tcp_state::open : tcp_state::closed;
    result.why = probe::reason::syn_ack;
    suite.take(result);
  }
  CHECK(suite.accounts()[0].outcome() == test_outcome::passed);
  CHECK(suite.accounts()[1].outcome() == test_outcome::failed);
}

TEST_CASE("suite index: finds what a search through all rows finds", "[tools][policy]") {
  seeded_random random{7};
  std::vector<tcp::policy_row> rows(300);
  for (auto& row : rows) {
    const bool v6 = random.below(3) == 0;
    const auto base = v6 ? parse_ip("2001:db8::ffff:ff00")->plus(random.below(512))
                         : ip_address::v4(0xffff'fe00).plus(random.below(512));
    // Up to the very top of the IPv4 space, where the next address would be 0.0.0.0.
    const std::uint64_t room = v6 ? 600 : 0x1'0000'0000ULL - base.v4_value();
    row.blocks = {{base, 1 + random.below(std::min<std::uint64_t>(room, 300))}};
    std::vector<std::uint16_t> ports;
    for (auto i = 1 + random.below(4); i > 0; --i)
      for (auto from = 1 + random.below(60), n = 1 + random.below(9); n > 0; --n)
        ports.push_back(static_cast<std::uint16_t>(from + n));
    row.ports = tcp::port_set{ports};
  }
  const tcp::suite_index index{rows};
  for (int i = 0; i < 3000; ++i) {
    const auto address = random.below(2) == 0 ? ip_address::v4(0xffff'fd00).plus(random.below(768))
                                              : parse_ip("2001:db8::ffff:fe00")->plus(random.below(1600));
    const auto port = static_cast<std::uint16_t>(random.below(80));
    std::vector<std::uint32_t> found, expected;
    index.find(address, port, [&](std::uint32_t row) { found.push_back(row); });
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      const auto& block = rows[row].blocks[0];
      const auto last = block.first.plus(block.count - 1);
      if (address.family() == block.first.family() && !(address < block.first) && !(last < address) &&
          rows[row].ports.contains(port))
        expected.push_back(row);
    }
    std::sort(found.begin(), found.end());
    INFO(to_string(address) << " port " << port);
    REQUIRE(found == expected);
  }
}

TEST_CASE("policy suite: a thousand rows and a hundred thousand results", "[tools][policy]") {
  // Every row covers the same addresses, each its own ports: the worst case of a search by address alone.
  std::string text;
  for (int row = 0; row < 1000; ++row)
    text += "198.18.0.0/24 " + std::to_string(1 + row * 2) + "," + std::to_string(2 + row * 2) + " open\n";
  const auto what = policy_of(text);
  tcp::policy_suite suite{what.rules, what.asked.plan};
  probe::tcp_result result;
  result.state = tcp_state::open;
  result.why = probe::reason::syn_ack;
  for (std::uint64_t at = 0; at < 100'000; ++at) {
    const auto pair = what.asked.plan.at(at);
    result.target = pair.target;
    result.port = pair.port;
    suite.take(result);
  }
  std::uint64_t decided = 0;
  for (const auto& account : suite.accounts()) decided += account.decided;
  CHECK(decided == 100'000);
}
