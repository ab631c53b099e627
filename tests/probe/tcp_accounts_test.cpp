// What the results of a target say together.
#include "libdiag/probe/tcp_accounts.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

tcp_plan plan_of(std::uint16_t ports, const char* prefix = "192.0.2.1/32") {
  tcp_plan plan;
  std::vector<std::uint16_t> list;
  for (std::uint16_t port = 1; port <= ports; ++port) list.push_back(port);
  plan.add(*parse_prefix(prefix), list);
  plan.seal();
  return plan;
}

tcp_result answer(std::uint16_t port, tcp_state state, reason why, std::uint8_t ttl, duration rtt = 5ms) {
  tcp_result result;
  result.port = port;
  result.state = state;
  result.why = why;
  result.hop_limit = ttl;
  result.rtt = rtt;
  result.attempts = result.answered = 1;
  return result;
}
tcp_result syn_ack(std::uint16_t port, std::uint8_t ttl) {
  return answer(port, tcp_state::open, reason::syn_ack, ttl);
}
tcp_result reset(std::uint16_t port, std::uint8_t ttl) {
  return answer(port, tcp_state::closed, reason::reset, ttl);
}

struct seen {
  std::vector<tcp_result> results;
  std::vector<tcp_summary> summaries;
};
seen drain(tcp_accounts& accounts) {
  seen out;
  while (auto event = accounts.next_event()) {
    if (auto* result = std::get_if<tcp_result>(&*event)) out.results.push_back(*result);
    if (auto* summary = std::get_if<tcp_summary>(&*event)) out.summaries.push_back(*summary);
  }
  return out;
}
seen run(const tcp_plan& plan, std::vector<tcp_result> results) {
  tcp_accounts accounts{plan, 1};
  for (auto& one : results) {
    accounts.asked(one.target);
    accounts.sent(one.target, one.attempts);
    accounts.take(std::move(one));
  }
  accounts.conclude({});
  return drain(accounts);
}

}  // namespace

TEST_CASE("tcp accounts: distance from the TTL of an answer", "[probe][tcp]") {
  CHECK(hops_away(64) == 0);
  CHECK(hops_away(61) == 3);
  CHECK(hops_away(128) == 0);
  CHECK(hops_away(120) == 8);
  CHECK(hops_away(65) == 63);
  CHECK(hops_away(255) == 0);
  CHECK(hops_away(240) == 15);
  CHECK(hops_away(0) == 64);
}

TEST_CASE("tcp accounts: a RST from nearer than the host is a device's", "[probe][tcp]") {
  const auto plan = plan_of(3);
  const auto out = run(plan, {syn_ack(1, 61), reset(2, 63), reset(3, 61)});
  REQUIRE(out.results.size() == 3);
  CHECK(out.results[1].why == reason::reset_by_device);
  CHECK(out.results[1].state == tcp_state::closed);
  CHECK(out.results[1].device_hops == 1);
  CHECK(out.results[1].host_hops == 3);
  CHECK(out.results[2].why == reason::reset);
  REQUIRE(out.summaries.size() == 1);
  CHECK(has(out.summaries[0].found, tcp_finding::reset_by_device));
  CHECK(out.summaries[0].example_port == 2);
  CHECK(out.summaries[0].device_hops == 1);
}

TEST_CASE("tcp accounts: a RST that came before the host's distance was known is told in the summary",
          "[probe][tcp]") {
  const auto plan = plan_of(2);
  const auto out = run(plan, {reset(1, 64), syn_ack(2, 62)});
  CHECK(out.results[0].why == reason::reset);
  CHECK(out.results[1].why == reason::syn_ack);
  REQUIRE(out.summaries.size() == 1);
  CHECK(has(out.summaries[0].found, tcp_finding::reset_by_device));
  CHECK(out.summaries[0].host_hops == 2);
}

TEST_CASE("tcp accounts: a SYN-ACK from nearer than the host's RSTs is a proxy's", "[probe][tcp]") {
  const auto plan = plan_of(2);
  const auto out = run(plan, {reset(1, 125), syn_ack(2, 255)});
  CHECK(out.results[1].why == reason::syn_ack_by_device);
  CHECK(out.results[1].state == tcp_state::open);
  CHECK(has(out.summaries[0].found, tcp_finding::syn_ack_by_device));
}

TEST_CASE("tcp accounts: one distance is no finding", "[probe][tcp]") {
  const auto plan = plan_of(3);
  const auto out = run(plan, {reset(1, 255), syn_ack(2, 64), reset(3, 128)});
  for (const auto& result : out.results) CHECK_FALSE(result.device_hops.has_value());
  CHECK(out.summaries[0].found == 0);
}

TEST_CASE("tcp accounts: a summary follows the last result of its target", "[probe][tcp]") {
  const auto plan = plan_of(2, "192.0.2.0/31");
  tcp_accounts accounts{plan, 1};
  for (std::uint32_t target = 0; target < 2; ++target)
    for (int i = 0; i < 2; ++i) {
      accounts.asked(target);
      accounts.sent(target);
    }
  auto first = syn_ack(1, 64);
  first.rtt = 2ms;
  accounts.take(first);
  CHECK(drain(accounts).summaries.empty());
  auto second = reset(2, 64);
  second.rtt = 4ms;
  accounts.take(second);
  const auto out = drain(accounts);
  REQUIRE(out.summaries.size() == 1);
  const auto& summary = out.summaries[0];
  CHECK(summary.target == 0U);
  CHECK(summary.states[0] == 1);
  CHECK(summary.states[1] == 1);
  CHECK(summary.pending == 0);
  CHECK(summary.sent == 2);
  CHECK(summary.rtt_min == 2ms);
  CHECK(summary.rtt_mean == 3ms);
  CHECK(summary.rtt_max == 4ms);
  REQUIRE(summary.rtt != nullptr);
  CHECK(summary.rtt->count() == 2);
  accounts.conclude({});
  const auto rest = drain(accounts);
  REQUIRE(rest.summaries.size() == 1);
  CHECK(rest.summaries[0].target == 1U);
  CHECK(rest.summaries[0].pending == 2);
  CHECK(accounts.totals().pending == 2);
}

TEST_CASE("tcp accounts: one pair to each of many targets, and no account is kept", "[probe][tcp]") {
  const auto plan = plan_of(1, "198.18.0.0/16");
  const auto out = run(plan, {syn_ack(1, 64)});
  REQUIRE(out.summaries.size() == 1);
  CHECK(out.summaries[0].target == 0U);
  CHECK(out.summaries[0].states[0] == 1);
  CHECK(out.summaries[0].rtt_mean == 5ms);
}

TEST_CASE("tcp accounts: too many targets share one account", "[probe][tcp]") {
  const auto plan = plan_of(2, "10.0.0.0/8");
  const auto out = run(plan, {syn_ack(1, 64), reset(2, 60)});
  REQUIRE(out.summaries.size() == 1);
  CHECK_FALSE(out.summaries[0].target.has_value());
  CHECK(out.summaries[0].decided() == 2);
}

TEST_CASE("tcp accounts: findings of silence, of openness and of loss", "[probe][tcp]") {
  SECTION("every port of many answers") {
    const auto plan = plan_of(16);
    std::vector<tcp_result> all;
    for (std::uint16_t port = 1; port <= 16; ++port) all.push_back(syn_ack(port, 64));
    CHECK(has(run(plan, all).summaries[0].found, tcp_finding::open_everywhere));
    all.back() = reset(16, 64);
    CHECK_FALSE(has(run(plan, all).summaries[0].found, tcp_finding::open_everywhere));
  }
  SECTION("flows to one port are not ports") {
    tcp_plan plan;
    plan.add(*parse_ip("192.0.2.1"), 1, std::vector<std::uint16_t>{443});
    plan.set_flows(16);
    plan.seal();
    const auto out = run(plan, std::vector<tcp_result>(16, syn_ack(443, 64)));
    REQUIRE(out.summaries.size() == 1);
    CHECK_FALSE(has(out.summaries[0].found, tcp_finding::open_everywhere));
  }
  SECTION("some rejected, many silent") {
    const auto plan = plan_of(10);
    std::vector<tcp_result> all{answer(1, tcp_state::rejected, reason::admin_prohibited, 64)};
    for (std::uint16_t port = 2; port <= 10; ++port) {
      tcp_result silent;
      silent.port = port;
      silent.attempts = 3;
      all.push_back(silent);
    }
    CHECK(has(run(plan, all).summaries[0].found, tcp_finding::icmp_rate_limited));
  }
  SECTION("an answer to a retry") {
    const auto plan = plan_of(2);
    auto late = syn_ack(1, 64);
    late.odd = late.odd | tcp_oddity::answered_retry;
    CHECK(has(run(plan, {late, reset(2, 64)}).summaries[0].found, tcp_finding::loss));
  }
}

TEST_CASE("tcp accounts: anomalies are counted by what they are", "[probe][tcp]") {
  const auto plan = plan_of(2);
  tcp_accounts accounts{plan, 1};
  accounts.asked(0);
  tcp_anomaly what;
  what.target = 0;
  what.why = reject_reason::duplicate_answer;
  accounts.take(what);
  what.why = reject_reason::late_answer;
  accounts.take(what);
  what.why = reject_reason::conflicting_answer;
  accounts.take(what);
  what.target.reset();
  what.why = reject_reason::wrong_ack;
  accounts.take(what);
  accounts.conclude({});
  tcp_summary summary;
  int anomalies = 0;
  while (auto event = accounts.next_event()) {
    if (std::holds_alternative<tcp_anomaly>(*event)) ++anomalies;
    if (auto* last = std::get_if<tcp_summary>(&*event)) summary = *last;
  }
  CHECK(anomalies == 4);
  CHECK(summary.anomalies == 3);
  CHECK(summary.duplicates == 1);
  CHECK(summary.late == 1);
  CHECK(has(summary.found, tcp_finding::conflict));
  CHECK(accounts.totals().anomalies == 4);
}

TEST_CASE("tcp accounts: a summary waits for what comes after the last result when asked to",
          "[probe][tcp]") {
  for (const std::uint16_t ports : {std::uint16_t{1}, std::uint16_t{2}}) {
    const auto plan = plan_of(ports);
    tcp_accounts accounts{plan, 1, true};
    for (std::uint16_t port = 1; port <= ports; ++port) {
      accounts.asked(0);
      accounts.sent(0);
      accounts.take(syn_ack(port, 64));
    }
    CHECK(drain(accounts).summaries.empty());
    tcp_anomaly what;
    what.target = 0;
    what.why = reject_reason::duplicate_answer;
    accounts.take(what);
    accounts.conclude({});
    const auto summaries = drain(accounts).summaries;
    REQUIRE(summaries.size() == 1);
    CHECK(summaries[0].duplicates == 1);
    CHECK(summaries[0].states[0] == ports);
    CHECK(summaries[0].sent == ports);
  }
}
