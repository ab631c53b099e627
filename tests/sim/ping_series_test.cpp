// Ping as a series: when probes go out, when the run ends, and what it amounts to.
#include <algorithm>
#include <cerrno>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::ping_condition;
using probe::ping_error;
using probe::ping_reply;
using probe::ping_rhythm;
using probe::ping_summary;
using probe::ping_timeout;

namespace {

street_config rtt_of(duration whole) {
  street_config config;
  config.hops = 0;
  config.wire.delay = latency::fixed(whole / 2);
  return config;
}

void runs_lawfully(stage& trial, bool cut_short = false) {
  INFO("seed " << trial.net.seed());
  trial.run();
  CHECK(trial.result.finished);
  CHECK_FALSE(trial.result.spinning);
  CHECK(trial.book.breach(cut_short) == "");
}

}  // namespace

TEST_CASE("ping: the schedule is absolute, whatever the answers do", "[sim][ping]") {
  auto street = rtt_of(30ms);
  street.wire.delay = latency::uniform(1ms, 400ms);
  stage trial{5, street};
  trial.config.count = 1000;
  trial.config.interval = 100ms;
  trial.options.read_delay = latency::uniform(0ms, 5ms);
  runs_lawfully(trial);
  REQUIRE(trial.departures.size() == 1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    CHECK(trial.departures[i] == after(static_cast<std::int64_t>(i) * 100ms));
    if (trial.departures[i] != after(static_cast<std::int64_t>(i) * 100ms)) break;
  }
}

TEST_CASE("ping: a stall keeps the phase and is not made up for", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.count = 10;
  config.interval = 100ms;
  by_hand bench{"198.51.100.1", config};
  const auto start = bench.now;
  bench.request();
  bench.now = start + 730ms;  // suspended
  bench.feed(probe::wakeup{});
  bench.request();
  CHECK_FALSE(bench.machine().next_effect(bench.now).has_value());
  CHECK(bench.machine().deadline() == start + 800ms);
}

TEST_CASE("ping: ends at its count, its deadline, or when told", "[sim][ping]") {
  stage trial{1, rtt_of(20ms)};
  trial.config.count = 0;
  trial.config.interval = 100ms;
  SECTION("count: with the last answer") {
    trial.config.count = 5;
    runs_lawfully(trial);
    CHECK(trial.result.ended == after(420ms));
    CHECK(trial.book.summary().received == 5);
  }
  SECTION("count: with the last timeout") {
    trial.way.out[0]->config.loss = 1;
    trial.config.count = 5;
    runs_lawfully(trial);
    CHECK(trial.result.ended == after(1400ms + 1ns));
    CHECK(trial.book.summary().lost == 5);
  }
  SECTION("deadline, with one under way") {
    trial.config.deadline = 1010ms;
    runs_lawfully(trial, true);
    CHECK(trial.result.ended == after(1010ms));
    CHECK(trial.book.summary().sent == 11);
    CHECK(trial.book.summary().received == 10);
    CHECK(trial.book.summary().pending == 1);
    CHECK(trial.book.summary().elapsed == 1010ms);
  }
  SECTION("interrupt") {
    trial.options.interrupt_at = after(555ms);
    runs_lawfully(trial, true);
    CHECK(trial.result.ended == after(555ms));
    CHECK(trial.book.summary().received == 6);
  }
  SECTION("interrupt before anything") {
    trial.options.interrupt_at = mono_time{};
    runs_lawfully(trial, true);
    CHECK(trial.book.of(0).summaries.size() == 1);
  }
}

TEST_CASE("ping: until up and until down", "[sim][ping]") {
  stage trial{1, rtt_of(20ms)};
  trial.config.count = 0;
  trial.config.interval = 1s;
  trial.targets = target("198.51.100.1");
  SECTION("up: three answers in a row") {
    trial.way.out[0]->config.outages = {{after(0s), after(9500ms)}, {after(11500ms), after(12500ms)}};
    trial.config.until = {ping_condition::kind::up, 3};
    runs_lawfully(trial, true);
    CHECK(trial.result.ended == after(15020ms));
  }
  SECTION("down: two losses in a row") {
    trial.way.out[0]->config.outages = {{after(4500ms), after(5500ms)}, {after(9500ms), after(60s)}};
    trial.config.until = {ping_condition::kind::down, 2};
    runs_lawfully(trial, true);
    CHECK(trial.result.ended == after(12s + 1ns));
  }
  CHECK(trial.machine->condition_met());
}

TEST_CASE("ping: adaptive and flood follow the answers", "[sim][ping]") {
  stage trial{1, rtt_of(2ms)};
  trial.config.count = 100;
  SECTION("adaptive: one a round trip") {
    trial.config.rhythm = ping_rhythm::adaptive;
    runs_lawfully(trial);
    CHECK(trial.result.ended == after(200ms));
  }
  SECTION("adaptive, never closer than its floor") {
    trial.config.rhythm = ping_rhythm::adaptive;
    trial.config.adaptive_floor = 5ms;
    runs_lawfully(trial);
    CHECK(trial.result.ended == after(99 * 5ms + 2ms));
  }
  SECTION("adaptive into silence: one an interval") {
    trial.config.rhythm = ping_rhythm::adaptive;
    trial.config.count = 5;
    trial.way.out[0]->config.loss = 1;
    runs_lawfully(trial);
    CHECK(trial.departures.back() == after(4s));
  }
  SECTION("flood into silence: a hundred a second") {
    trial.config.rhythm = ping_rhythm::flood;
    trial.way.out[0]->config.loss = 1;
    runs_lawfully(trial);
    CHECK(trial.departures.back() == after(990ms));
  }
  CHECK(trial.book.summary().sent == trial.config.count);
}

TEST_CASE("ping: many targets share the interval and a rate cap", "[sim][ping]") {
  stage trial{1, rtt_of(20ms)};
  trial.targets = {};
  trial.targets.add(*parse_ip("198.51.100.0"), 200);
  trial.config.count = 3;
  SECTION("spread evenly") {
    runs_lawfully(trial);
    REQUIRE(trial.departures.size() == 600);
    CHECK(trial.departures[1] - trial.departures[0] == 5ms);
    CHECK(trial.departures[200] == after(1s));
  }
  SECTION("capped") {
    trial.config.rate = 50;
    runs_lawfully(trial);
    REQUIRE(trial.departures.size() == 600);
    CHECK(trial.departures.back() >= after(11900ms));
    CHECK(trial.departures.back() <= after(13s));
  }
  CHECK(trial.book.targets() == 200);
  for (std::uint32_t i = 0; i < 200; ++i) CHECK(trial.book.summary(i).received == 3);
}

TEST_CASE("ping P19: reordering by a hundred still gives each probe its own RTT", "[sim][ping]") {
  stage trial{1, rtt_of(10ms)};
  trial.config.count = 100;
  trial.config.interval = 1ms;
  trial.config.timeout = 10s;
  // The nth answer comes after 1 s minus 2n ms: all of them backwards.
  trial.way.back[0]->config.loss = 1;
  int n = 0;
  trial.strangers.for_each_probe([&](const packet& request) {
    return std::vector<injector::forgery>{{1s - 2ms * n++, echo_reply(request)}};
  });
  runs_lawfully(trial);
  const auto replies = trial.seen<ping_reply>();
  REQUIRE(replies.size() == 100);
  for (const auto& [at, reply] : replies)
    CHECK(reply.rtt == 1s - 2ms * static_cast<std::int64_t>(reply.number - 1));
  CHECK(trial.book.summary().reordered == 99);
}

TEST_CASE("ping P22: three wraps of the sequence mix nothing up", "[sim][ping]") {
  auto street = rtt_of(2ms);
  street.wire.delay = latency::uniform(1ms, 3ms);
  street.wire.duplicate = 0.001;
  stage trial{9, street};
  trial.config.echo.identifiers = 1;
  trial.config.echo.memory = 1s;
  trial.config.count = 3 * 65536 + 100;
  trial.config.interval = 1ms;
  trial.config.timeout = 100ms;
  runs_lawfully(trial);
  CHECK(trial.book.summary().received == trial.config.count);
  CHECK(trial.book.rejected() == 0);
  CHECK(trial.rtt().max() <= 6ms);
}

TEST_CASE("ping P22: a reply from the wrap before is forgotten, not believed", "[sim][ping]") {
  stage trial{1, rtt_of(2ms)};
  trial.config.echo.identifiers = 1;
  trial.config.echo.memory = 1s;
  trial.config.count = 65536 + 10;
  trial.config.interval = 1ms;
  trial.config.timeout = 100ms;
  int n = 0;
  trial.strangers.for_each_probe([&](const packet& request) {
    std::vector<injector::forgery> out;
    if (++n == 5) out.push_back({65536ms + 500us, echo_reply(request)});
    return out;
  });
  runs_lawfully(trial);
  CHECK(trial.book.rejected(probe::reject_reason::forgotten) == 1);
  CHECK(trial.book.summary().received == trial.config.count);
}

TEST_CASE("ping P37: a storm of strangers hides no answer, and drops of ours are called ours",
          "[sim][ping]") {
  stage trial{1, rtt_of(20ms)};
  trial.config.count = 20;
  trial.config.interval = 50ms;
  ip_header header;
  header.source = *parse_ip("203.0.113.77");
  header.destination = *parse_ip("192.0.2.1");
  const auto junk = make_icmp(header, 0, 0, 0x99990001, packet(56));
  for (int i = 0; i < 100'000; ++i) trial.strangers.at(after(i * 10us), junk);
  SECTION("read in time") {
    runs_lawfully(trial);
    CHECK(trial.book.summary().received == 20);
    CHECK(trial.machine->dropped_by_receiver() == 0);
  }
  SECTION("read too late") {
    trial.options.receive_buffer = 50;
    trial.options.read_delay = latency::fixed(1ms);
    runs_lawfully(trial);
    CHECK(trial.machine->dropped_by_receiver() == trial.result.dropped);
    CHECK(trial.result.dropped > 10'000);
  }
  CHECK(trial.book.rejected() == 0);
}

TEST_CASE("ping P40: ten thousand outstanding probes, a bounded table", "[sim][ping]") {
  stage trial{1, rtt_of(10s)};
  trial.config.count = 30'000;
  trial.config.interval = 1ms;
  trial.config.timeout = 20s;
  SECTION("room for all") {
    runs_lawfully(trial);
    CHECK(trial.book.summary().received == 30'000);
  }
  SECTION("room for 4,096: the others wait their turn") {
    trial.config.echo.max_slots = 4096;
    trial.config.count = 10'000;
    runs_lawfully(trial);
    CHECK(trial.book.summary().received == 10'000);
    CHECK(trial.result.ended < after(40s));
  }
}

TEST_CASE("ping: kernel stamps measure the path, not the process", "[sim][ping]") {
  stage trial{3, rtt_of(20ms)};
  trial.config.count = 50;
  trial.config.interval = 10ms;
  trial.config.timeout = 100ms;
  trial.options.read_delay = latency::uniform(0ms, 200ms);
  SECTION("both stamps: exact, though read after the timeout") {
    // The wakeup of the timeout may come first; what is read late counts as late.
    trial.config.timeout = 500ms;
    runs_lawfully(trial);
    CHECK(trial.rtt().min() == 20ms);
    CHECK(trial.rtt().max() == 20ms);
    for (const auto& [at, reply] : trial.seen<ping_reply>())
      CHECK(reply.source == probe::stamp_source::socket);
  }
  SECTION("no transmit stamp: both ends from the process") {
    trial.config.timeout = 500ms;
    trial.options.transmit_stamps = false;
    runs_lawfully(trial);
    CHECK(trial.rtt().min() >= 20ms);
    CHECK(trial.rtt().max() > 60ms);
    for (const auto& [at, reply] : trial.seen<ping_reply>()) CHECK(reply.source == probe::stamp_source::user);
  }
}

TEST_CASE("ping: a step of the wall clock spoils no RTT", "[sim][ping]") {
  stage trial{3, rtt_of(20ms)};
  trial.config.count = 10;
  trial.config.interval = 100ms;
  const auto step = GENERATE(duration{24h}, duration{-24h}, duration{5ms} * -5, duration{30ms});
  trial.options.wall_step = [&](mono_time at) { return at < after(310ms) ? duration{0} : step; };
  runs_lawfully(trial);
  CHECK(trial.rtt().count() == 10);
  CHECK(trial.rtt().min() == 20ms);
  CHECK(trial.rtt().max() == 20ms);
  const auto replies = trial.seen<ping_reply>();
  CHECK(std::count_if(replies.begin(), replies.end(),
                      [](const auto& one) { return has(one.event.odd, probe::anomaly::clock_step); }) == 1);
}

TEST_CASE("ping: a full local queue is not loss", "[sim][ping]") {
  stage trial{3, rtt_of(20ms)};
  trial.config.count = 100;
  trial.config.interval = 10ms;
  trial.options.send_error = [](probe::probe_token token, mono_time) { return token % 4 == 0 ? ENOBUFS : 0; };
  runs_lawfully(trial);
  CHECK(trial.book.summary().not_sent == 25);
  CHECK(trial.book.summary().received == 75);
  CHECK(trial.book.summary().loss_percent() == 0);
  CHECK(trial.loss().count() == 0);
}

TEST_CASE("ping: outages are whole though answers overtake timeouts", "[sim][ping]") {
  stage trial{3, rtt_of(20ms)};
  trial.config.count = 100;
  trial.config.interval = 100ms;
  trial.config.timeout = 2s;
  trial.way.out[0]->config.outages = {
      {after(950ms), after(1950ms)}, {after(4950ms), after(5050ms)}, {after(9750ms), after(60s)}};
  runs_lawfully(trial);
  const auto& outages = trial.loss().outages();
  REQUIRE(outages.size() == 3);
  CHECK(outages[0].start == after(1s));
  CHECK(outages[0].end == after(2s));
  CHECK(outages[0].lost == 10);
  CHECK(outages[1].lost == 1);
  CHECK(outages[2].start == after(9800ms));
  CHECK(outages[2].end == std::nullopt);
  CHECK(trial.loss().longest() == 10);
  CHECK(trial.loss().current() == 2);
}

TEST_CASE("ping: percentiles, jitter and reordering agree with a reference", "[sim][ping]") {
  street_config street;
  street.hops = 1;
  street.wire.delay = latency::pareto(3ms, 2);
  street.wire.loss = 0.02;
  stage trial{77, street};
  trial.config.count = 1000;
  trial.config.interval = 5ms;
  trial.config.timeout = 2s;
  runs_lawfully(trial);
  std::vector<duration> rtts;
  double jitter = 0;
  std::uint64_t reordered = 0;
  std::uint64_t highest = 0;
  for (const auto& [at, reply] : trial.seen<ping_reply>()) {
    if (reply.what != ping_reply::kind::in_time) continue;
    if (!rtts.empty())
      jitter += (std::abs(static_cast<double>((reply.rtt - rtts.back()).count())) - jitter) / 16;
    rtts.push_back(reply.rtt);
    if (reply.number < highest) ++reordered;
    highest = std::max(highest, reply.number);
  }
  CHECK(trial.rtt().jitter()->count() == std::llround(jitter));
  CHECK(trial.book.summary().reordered == reordered);
  CHECK(reordered > 10);
  std::sort(rtts.begin(), rtts.end());
  for (const auto percent : {1, 50, 90, 95, 99, 100}) {
    const auto rank = (rtts.size() * static_cast<std::size_t>(percent) + 99) / 100;
    CHECK(trial.rtt().quantiles().quantile(percent / 100.0) == rtts[rank - 1]);
  }
}

TEST_CASE("ping: a timestamp reply tells the other clock's offset", "[sim][ping]") {
  const auto offset = GENERATE(duration{0}, duration{1500ms}, duration{-3600s}, duration{11h});
  const auto midnight = GENERATE(0.0, 86'399'950.0);
  auto street = rtt_of(20ms);
  street.host.clock_offset = offset;
  street.host.ut_midnight_ms = midnight;
  stage trial{1, street};
  trial.config.echo.timestamp = true;
  trial.config.echo.ut_midnight_ms = midnight;
  trial.config.count = 3;
  trial.config.interval = 40ms;
  runs_lawfully(trial);
  REQUIRE(trial.book.summary().received == 3);
  REQUIRE(trial.book.summary().clock_offset.has_value());
  CHECK(std::abs(milliseconds(*trial.book.summary().clock_offset - offset)) <= 1.0);
}

TEST_CASE("ping: names the hop where the hop limit ends, and the firewall that refuses", "[sim][ping]") {
  street_config street;
  street.hops = 3;
  stage trial{1, street};
  trial.config.count = 2;
  SECTION("hop limit") {
    trial.options.hop_limit = 2;
    runs_lawfully(trial);
    CHECK(trial.book.summary().last_error == probe::reason::hop_limit_exceeded);
    CHECK(trial.book.summary().last_error_from == parse_ip("203.0.113.2"));
  }
  SECTION("firewall") {
    filter_rule rule;
    rule.to = *parse_prefix("198.51.100.0/24");
    rule.what = filter_rule::verdict::reject;
    trial.way.routers[2]->filter(rule);
    runs_lawfully(trial);
    CHECK(trial.book.summary().last_error == probe::reason::admin_prohibited);
  }
  CHECK(trial.book.summary().errors == 2);
}
