// Exit status, verdicts and the Nagios line of diag-arping.
#include <list>

#include "tools/arping/judge.hpp"
#include "tools/arping/verdict.hpp"

#include "tests/tools/arping_stage.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using arping::test::account_of;
using arping::test::host_a;
using arping::test::host_b;
using finding = probe::neighbor_finding;

struct court {
  explicit court(std::vector<const char*> argv) : set{std::move(argv)}, held{*set.on, *set.records} {}

  target_result take(probe::neighbor_summary account, std::vector<finding> findings = {}) {
    accounts.push_back(std::move(account));
    const auto& one = accounts.back();
    const finding_index index{std::move(findings), set.plan.targets.size() == 1};
    target_result result;
    result.account = &one;
    result.findings = index.of(one);
    result.what = verdict_of(one, result.findings);
    held.take(result);
    result.findings.clear();  // they go with the index
    return result;
  }
  int end() {
    held.close();
    return held.status();
  }

  arping::test::scene set;
  judge held;
  std::list<probe::neighbor_summary> accounts;
};

int status_of(std::vector<const char*> argv, std::vector<mac_address> owners,
              std::vector<finding> findings = {}) {
  court c{std::move(argv)};
  c.take(account_of(std::move(owners)), std::move(findings));
  return c.end();
}

finding about(finding::kind what, std::uint32_t target = 0) {
  finding made;
  made.what = what;
  made.target = target;
  made.mac = host_a;
  made.other = host_b;
  return made;
}

}  // namespace

TEST_CASE("arping judge: one owner is good, none or two are not", "[tools][arping]") {
  CHECK(status_of({"192.0.2.7"}, {host_a}) == 0);
  CHECK(status_of({"192.0.2.7"}, {}) == 1);
  CHECK(status_of({"192.0.2.7"}, {host_a, host_b}) == 1);
}

TEST_CASE("arping judge: two hardware addresses of one host, or one after the other, are no conflict",
          "[tools][arping]") {
  CHECK(status_of({"192.0.2.7"}, {host_a, host_b}, {about(finding::kind::flux)}) == 0);
  CHECK(status_of({"192.0.2.7"}, {host_a, host_b}, {about(finding::kind::moved)}) == 0);
  CHECK(status_of({"192.0.2.7"}, {host_a, host_b},
                  {about(finding::kind::conflict), about(finding::kind::announced)}) == 1);
}

TEST_CASE("arping judge: what never left this host is never called free", "[tools][arping]") {
  court c{{"--expect-free", "192.0.2.7"}};
  auto account = account_of({});
  account.not_sent = account.sent;
  account.lost = 0;
  account.last_error = probe::reason::interface_down;
  const auto result = c.take(account);
  CHECK(result.what == verdict::cannot_tell);
  CHECK(result.why == "interface-down");
  CHECK_FALSE(result.expected.has_value());
  CHECK(c.end() == 3);
}

TEST_CASE("arping judge: what is expected decides", "[tools][arping]") {
  CHECK(status_of({"--expect-free", "192.0.2.7"}, {}) == 0);
  CHECK(status_of({"--expect-free", "192.0.2.7"}, {host_a}) == 1);
  CHECK(status_of({"--expect-mac", "00:00:5e:00:53:0a", "192.0.2.7"}, {host_a}) == 0);
  CHECK(status_of({"--expect-mac", "00:00:5e:00:53:0a", "192.0.2.7"}, {host_b}) == 1);
  CHECK(status_of({"--expect-mac", "00:00:5e:00:53:0a", "192.0.2.7"}, {host_a, host_b}) == 1);
  CHECK(status_of({"--expect-mac", "00:00:5e:00:53:0a", "192.0.2.7"}, {}) == 1);
  court c{{"--expect-mac", "00:00:5e:00:53:0a", "192.0.2.7"}};
  CHECK(c.take(account_of({host_b})).why == "expected 00:00:5e:00:53:0a");
}

TEST_CASE("arping judge: of a count it is the whole that is judged", "[tools][arping]") {
  const auto status = [](const char* wanted) {
    court c{{"--expect-count", wanted, "192.0.2.8-10"}};
    auto account = account_of({host_a});
    c.take(account);
    account.target = 1;
    account.owners[0].mac = host_b;
    c.take(account);
    auto silent = account_of({});
    silent.target = 2;
    c.take(silent);
    return c.end();
  };
  CHECK(status("2") == 0);
  CHECK(status(">=2") == 0);
  CHECK(status("3") == 1);
  CHECK(status("<=1") == 1);
}

TEST_CASE("arping judge: a target that cannot be asked is our own failure", "[tools][arping]") {
  court c{{"192.0.2.7", "192.88.99.1"}};
  c.take(account_of({host_a}));
  REQUIRE(c.set.plan.refused.size() == 1);
  c.held.take(c.set.plan.refused[0]);
  CHECK(c.end() == 3);
}

TEST_CASE("arping judge: thresholds speak of the summary", "[tools][arping]") {
  const auto odd = about(finding::kind::spoofed);
  CHECK(status_of({"--warn", "findings>0", "192.0.2.7"}, {host_a}) == 0);
  CHECK(status_of({"--warn", "findings>0", "192.0.2.7"}, {host_a}, {odd}) == 1);
  CHECK(status_of({"--crit", "loss>5%", "192.0.2.7"}, {host_a}) == 0);
}

TEST_CASE("arping judge: a claim is free, refused, or cannot be told", "[tools][arping]") {
  const auto status = [](probe::claim_verdict verdict) {
    court c{{"-D", "-I", "eth0", "192.0.2.50"}};
    probe::claim_summary claim;
    claim.verdict = verdict;
    c.held.take(claim);
    return c.end();
  };
  CHECK(status(probe::claim_verdict::free) == 0);
  CHECK(status(probe::claim_verdict::in_use) == 1);
  CHECK(status(probe::claim_verdict::conflict) == 1);
  CHECK(status(probe::claim_verdict::cannot_tell) == 3);
}

TEST_CASE("arping judge: an announcement that never left is our own failure", "[tools][arping]") {
  const auto status = [](std::uint64_t announcements) {
    court c{{"-U", "192.0.2.1"}};
    probe::claim_summary claim;
    claim.announcements = announcements;
    c.held.take(claim);
    return c.end();
  };
  CHECK(status(2) == 0);
  CHECK(status(0) == 3);
}

TEST_CASE("arping judge: a search wants an address", "[tools][arping]") {
  const auto status = [](bool present, std::vector<ip_address> addresses, std::uint64_t not_sent = 0) {
    court c{{"-I", "eth0", "192.0.2.7"}};
    c.set.options.wanted = host_a;
    probe::mac_search_summary search;
    search.sent = 5;
    search.not_sent = not_sent;
    search.present = present;
    search.addresses = std::move(addresses);
    c.held.take(search);
    return c.end();
  };
  CHECK(status(true, {arping::test::ip("192.0.2.7")}) == 0);
  CHECK(status(true, {}) == 1);
  CHECK(status(false, {}) == 1);
  CHECK(status(false, {}, 5) == 3);
}

TEST_CASE("arping judge: Nagios gets one line with performance data", "[tools][arping]") {
  court one{{"--format", "nagios", "192.0.2.7"}};
  one.take(account_of({host_a, host_b}));
  CHECK(one.end() == 2);
  CHECK(one.held.nagios_line() ==
        "ARPING CRITICAL - 192.0.2.7: loss 0% (conflict 00:00:5e:00:53:0a 00:00:5e:00:53:0b) | rta=U;;;0 "
        "pl=0%;;;0;100");
  court many{{"--format", "nagios", "192.0.2.8-9"}};
  many.take(account_of({host_a}));
  auto silent = account_of({});
  silent.target = 1;
  many.take(silent);
  CHECK(many.end() == 2);
  CHECK(many.held.nagios_line() ==
        "ARPING CRITICAL - 1 of 2 in use (192.0.2.9: no-answer) | in_use=1;;;0;2 conflicts=0;;;0;2 "
        "differences=0;;;0");
}
