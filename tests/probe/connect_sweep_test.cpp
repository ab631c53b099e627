// Connections from the question to the result: retries, shortages, rounds, the end, and that nothing is lost.
#include "libdiag/probe/connect_sweep.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "libdiag/core/random.hpp"

#include "tests/probe/connect_rig.hpp"

using namespace diag;
using namespace diag::probe;
using manner = close_stream::manner;

TEST_CASE("connect sweep: an open port, by the kernel's own measure", "[probe][tcp]") {
  connect_rig rig;
  rig.begin();
  REQUIRE(rig.opens.size() == 1);
  CHECK(rig.opens[0].destination == connect_rig::there);
  CHECK(rig.opens[0].port == 443);
  CHECK(rig.opens[0].source_port == 0);
  rig.start(1);
  rig.pass(7ms);
  rig.open(1, {.rtt = 5ms});
  const auto& result = rig.only();
  CHECK(result.state == tcp_state::open);
  CHECK(result.why == reason::syn_ack);
  CHECK(result.from == connect_rig::there);
  CHECK(result.rtt == duration{5ms});
  CHECK(result.kernel_rtt);
  CHECK(result.source == stamp_source::user);
  CHECK(result.source_port == 50001);
  CHECK(result.attempts == 1);
  CHECK(result.answered == 1);
  CHECK(result.odd == 0);
  CHECK(result.dialogue == nullptr);
  REQUIRE(rig.closes.size() == 1);
  CHECK(rig.closes[0].how == manner::release);
  CHECK(rig.finished());
  REQUIRE(rig.summaries.size() == 1);
  CHECK(rig.summaries[0].sent == 1);
}

TEST_CASE("connect sweep: without TCP_INFO our own clock is the measure", "[probe][tcp]") {
  connect_rig rig;
  rig.begin();
  rig.start(1);
  rig.pass(7ms);
  rig.open(1);
  CHECK(rig.only().rtt == duration{7ms});
  CHECK_FALSE(rig.only().kernel_rtt);
}

TEST_CASE("connect sweep: the kernel's second SYN counts, and leaves the RTT unknown", "[probe][tcp]") {
  connect_rig rig;
  rig.config.pacing.timeout = 3s;
  rig.begin();
  rig.start(1);
  rig.pass(1010ms);
  rig.open(1, {.retransmits = 1});
  CHECK(rig.only().attempts == 2);
  CHECK(rig.only().answered == 2);
  CHECK_FALSE(rig.only().rtt);
  CHECK(has(rig.only().odd, tcp_oddity::answered_retry));
  CHECK(rig.machine->totals().sent == 2);
}

TEST_CASE("connect sweep: closed, rejected, not sent", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2, 3})};
  rig.begin();
  for (probe_token token = 1; token <= 2; ++token) rig.start(token);
  rig.pass(3ms);
  rig.fail(1, ECONNREFUSED);
  rig.fail(2, ECONNREFUSED, icmp_notice(3, 3, *parse_ip("203.0.113.9")));
  rig.feed(stream_failed{3, EPERM, false, rig.now, {}});
  REQUIRE(rig.results.size() == 3);
  CHECK(rig.results[0].state == tcp_state::closed);
  CHECK(rig.results[0].rtt == duration{3ms});
  CHECK(rig.results[0].answered == 1);
  CHECK(rig.results[1].state == tcp_state::rejected);
  CHECK(rig.results[1].from == *parse_ip("203.0.113.9"));
  CHECK(rig.results[2].state == tcp_state::error);
  CHECK(rig.results[2].error == EPERM);
  CHECK(rig.results[2].attempts == 0);
  CHECK(rig.results[2].answered == 0);
  CHECK(rig.machine->totals().sent == 2);
  CHECK(rig.closes.empty());  // the host has let go of what failed
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: silence is asked again by a new connection, then filtered", "[probe][tcp]") {
  connect_rig rig;
  rig.config.pacing.retries = 2;
  rig.begin();
  for (probe_token token = 1; token <= 3; ++token) {
    REQUIRE(rig.opens.size() == token);
    CHECK(rig.opens.back().token == token);
    rig.start(token);
    rig.pass(token < 3 ? 1s : 1125ms);      // the last is given an eighth more
    CHECK(rig.closes.size() == token - 1);  // what takes exactly the timeout is in time
    rig.pass(1ns);
    REQUIRE(rig.closes.size() == token);
    CHECK(rig.closes.back().token == token);
    CHECK(rig.closes.back().how == manner::reset);
  }
  CHECK(rig.only().state == tcp_state::filtered);
  CHECK(rig.only().why == reason::connection_timeout);
  CHECK(rig.only().attempts == 3);
  CHECK(rig.only().answered == 0);
  CHECK_FALSE(rig.only().rtt);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: the kernel's own timeout is silence too", "[probe][tcp]") {
  connect_rig rig;
  rig.config.pacing.retries = 1;
  rig.config.pacing.timeout = 10s;
  rig.begin();
  rig.start(1);
  rig.pass(3s);
  rig.fail(1, ETIMEDOUT);
  CHECK(rig.results.empty());
  REQUIRE(rig.opens.size() == 2);
  rig.start(2);
  rig.pass(1ms);
  rig.open(2, {.rtt = 1ms});
  CHECK(rig.only().state == tcp_state::open);
  CHECK(rig.only().rtt == duration{1ms});
  CHECK(rig.only().attempts == 2);
  CHECK(rig.only().answered == 2);
  CHECK(has(rig.only().odd, tcp_oddity::answered_retry));
  CHECK(has(rig.summaries.at(0).found, tcp_finding::loss));
}

TEST_CASE("connect sweep: a neighbour that never resolved has answered nothing", "[probe][tcp]") {
  connect_rig rig;
  rig.config.pacing.retries = 1;
  rig.begin();
  rig.start(1);
  rig.pass(1s + 1ns);
  rig.start(2);
  rig.fail(2, EHOSTUNREACH, icmp_notice(3, 1, connect_rig::here));
  CHECK(rig.only().state == tcp_state::unreachable);
  CHECK(rig.only().answered == 0);
  CHECK_FALSE(rig.only().rtt);
  CHECK(rig.summaries.at(0).found == 0);
}

TEST_CASE("connect sweep: told late by a busy host, open is open", "[probe][tcp]") {
  connect_rig rig;
  rig.begin();
  rig.start(1);
  rig.now += 1s + 5ms;  // nobody woke the machine
  rig.open(1);
  CHECK(rig.only().state == tcp_state::open);
  CHECK(has(rig.only().odd, tcp_oddity::late_attempt));
}

TEST_CASE("connect sweep: after the timeout nothing more is believed", "[probe][tcp]") {
  connect_rig rig;
  rig.begin();
  rig.start(1);
  rig.pass(1s + 1ns);
  rig.open(1);
  rig.fail(1, ECONNREFUSED);
  CHECK(rig.only().state == tcp_state::filtered);
}

TEST_CASE("connect sweep: no more streams at a time than allowed", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.0/24", {443})};
  rig.config.most_streams = 8;
  rig.begin();
  CHECK(rig.opens.size() == 8);
  rig.start(3);
  rig.fail(3, ECONNREFUSED);
  CHECK(rig.opens.size() == 9);
}

TEST_CASE("connect sweep: between eight questions the host may look at the answers", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.0/24", {443})};
  rig.begin();
  CHECK(rig.opens.size() == 8);
  CHECK(rig.machine->deadline() <= rig.now);  // at once
  rig.start(1);
  CHECK(rig.opens.size() == 8);  // that was the question's own echo
  rig.feed(wakeup{});
  CHECK(rig.opens.size() == 16);
}

TEST_CASE("connect sweep: a fixed rate is kept", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.0/24", {443})};
  rig.config.pacing.unlimited = false;
  rig.config.pacing.rate = 100;
  rig.config.pacing.timeout = 10s;
  rig.begin();
  CHECK(rig.opens.size() == 1);
  rig.pass(500ms);
  CHECK(rig.opens.size() == 51);
}

TEST_CASE("connect sweep: when descriptors run out, fewer at a time", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.0/28", {443})};
  rig.config.most_streams = 4;
  rig.begin();
  REQUIRE(rig.opens.size() == 4);
  for (probe_token token = 1; token <= 3; ++token) rig.start(token);
  rig.feed(stream_failed{4, EMFILE, false, rig.now, {}});
  CHECK(rig.results.empty());
  CHECK(rig.opens.size() == 4);  // three are under way: that is the limit now
  rig.pass(200ms);
  CHECK(rig.opens.size() == 4);
  rig.fail(1, ECONNREFUSED);
  REQUIRE(rig.opens.size() == 5);
  CHECK(rig.opens[4].destination == rig.opens[3].destination);
  rig.start(5);
  rig.fail(5, ECONNREFUSED);
  REQUIRE(rig.results.size() == 2);
  CHECK(rig.results[1].attempts == 1);
  CHECK(rig.results[1].odd == 0);
}

TEST_CASE("connect sweep: a shortage with nothing else under way is an error", "[probe][tcp]") {
  connect_rig rig;
  rig.begin();
  rig.feed(stream_failed{1, EADDRNOTAVAIL, false, rig.now, {}});
  CHECK(rig.only().state == tcp_state::error);
  CHECK(rig.only().error == EADDRNOTAVAIL);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: a shortage that does not end is an error", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2})};
  rig.config.pacing.timeout = 1h;
  rig.begin();
  rig.start(1);
  rig.feed(stream_failed{2, EADDRINUSE, false, rig.now, {}});
  // The limit is one by now, and that one hangs: nothing is tried in vain.
  rig.pass(30min);
  CHECK(rig.opens.size() == 2);
  rig.fail(1, ECONNREFUSED);
  REQUIRE(rig.opens.size() == 3);
  rig.feed(stream_failed{3, EADDRINUSE, false, rig.now, {}});
  REQUIRE(rig.results.size() == 2);
  CHECK(rig.results[1].state == tcp_state::error);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: source ports are taken in turn", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2, 3})};
  rig.config.source_port_base = 40000;
  rig.config.source_port_count = 2;
  rig.config.hop_limit = 7;
  rig.begin();
  REQUIRE(rig.opens.size() == 3);
  CHECK(rig.opens[0].source_port == 40000);
  CHECK(rig.opens[1].source_port == 40001);
  CHECK(rig.opens[2].source_port == 40000);
  CHECK(rig.opens[2].hop_limit == std::uint8_t{7});
}

TEST_CASE("connect sweep: each flow keeps its source port", "[probe][tcp]") {
  tcp_plan plan;
  plan.set_flows(3);
  plan.add(connect_rig::there, 1, std::vector<std::uint16_t>{443});
  plan.seal();
  connect_rig rig{plan};
  rig.config.source_port_base = 40000;
  rig.config.source_port_count = 3;
  rig.config.pacing.retries = 1;
  rig.begin();
  rig.pass(1s + 1ns);
  REQUIRE(rig.opens.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(rig.opens[i].source_port == 40000 + i % 3);
}

TEST_CASE("connect sweep: rounds begin by the clock", "[probe][tcp]") {
  connect_rig rig;
  rig.config.pacing.rounds = 3;
  rig.config.pacing.interval = 2s;
  rig.begin();
  for (probe_token round = 1; round <= 3; ++round) {
    REQUIRE(rig.opens.size() == round);
    rig.start(round);
    rig.open(round);
    CHECK(rig.results.back().round == round);
    rig.pass(2s);
  }
  CHECK(rig.results.size() == 3);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: an interrupt tells what is known and where to go on", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2, 3, 4, 5})};
  rig.config.most_streams = 3;
  rig.config.pacing.retries = 1;
  rig.begin();
  for (probe_token token = 1; token <= 3; ++token) rig.start(token);
  rig.fail(1, ECONNREFUSED);
  rig.start(4);
  rig.open(3);
  rig.start(5);
  CHECK(rig.machine->undecided_from() == 1);
  rig.feed(interrupt{});
  CHECK(rig.finished());
  CHECK(rig.machine->undecided_from() == 1);
  CHECK(rig.results.size() == 2);
  CHECK(rig.machine->totals().pending == 3);
  REQUIRE(rig.summaries.size() == 1);
  CHECK(rig.summaries[0].pending == 3);
  CHECK(rig.summaries[0].decided() == 2);
  std::set<probe_token> reset;
  for (const auto& close : rig.closes)
    if (close.how == manner::reset) reset.insert(close.token);
  CHECK(reset == std::set<probe_token>{2, 4, 5});
}

TEST_CASE("connect sweep: a resumed run begins where it was cut", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2, 3})};
  rig.config.pacing.start = 2;
  rig.begin();
  REQUIRE(rig.opens.size() == 1);
  CHECK(rig.opens[0].port == 3);
  rig.start(1);
  rig.fail(1, ECONNREFUSED);
  CHECK(rig.finished());
  CHECK(rig.machine->undecided_from() == 3);
}

TEST_CASE("connect sweep: the deadline ends the run with what there is", "[probe][tcp]") {
  connect_rig rig{plan_of("198.51.100.1/32", {1, 2})};
  rig.config.pacing.deadline = 300ms;
  rig.begin();
  rig.start(1);
  rig.start(2);
  rig.fail(2, ECONNREFUSED);
  rig.pass(300ms);
  CHECK(rig.finished());
  CHECK(rig.results.size() == 1);
  CHECK(rig.machine->totals().pending == 1);
  CHECK(rig.machine->undecided_from() == 0);
}

TEST_CASE("connect sweep: interrupted before the first question, it is over", "[probe][tcp]") {
  connect_rig rig;
  rig.machine.emplace(rig.config, rig.plan);
  rig.machine->feed(rig.now, interrupt{});
  CHECK_FALSE(rig.machine->next_effect(rig.now));
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: a banner is part of the result", "[probe][tcp]") {
  connect_rig rig;
  rig.config.banner = true;
  rig.begin();
  rig.start(1);
  rig.open(1, {.rtt = 1ms});
  CHECK(rig.results.empty());
  rig.pass(10ms);
  rig.hear(1, "220 ready\r\n");
  REQUIRE(rig.closes.size() == 1);
  CHECK(rig.closes[0].how == manner::finish);
  rig.pass(10ms);
  rig.close(1, stream_closed::manner::finished);
  REQUIRE(rig.closes.size() == 2);
  CHECK(rig.closes[1].how == manner::release);
  const auto& result = rig.only();
  CHECK(result.state == tcp_state::open);
  CHECK(result.rtt == duration{1ms});
  CHECK(result.at == rig.now);  // told when all of it is known
  REQUIRE(result.dialogue);
  CHECK(text_of(result.dialogue->received) == "220 ready\r\n");
  CHECK(result.dialogue->how == tcp_dialogue::ending::fin);
  CHECK(result.dialogue->ended_after == duration{20ms});
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: --data is written, silence is waited out", "[probe][tcp]") {
  connect_rig rig;
  const auto words = as_bytes("PING\r\n");
  rig.config.data.assign(words.begin(), words.end());
  rig.begin();
  rig.start(1);
  rig.open(1);
  CHECK(rig.writes == std::vector<std::string>{"PING\r\n"});
  rig.pass(999ms);
  CHECK(rig.results.empty());
  rig.pass(1ms);
  CHECK(rig.only().dialogue->how == tcp_dialogue::ending::timeout);
  CHECK(rig.closes.back().how == manner::release);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: reset as soon as it stood is open all the same", "[probe][tcp]") {
  connect_rig rig;
  rig.config.banner = true;
  rig.begin();
  rig.start(1);
  rig.open(1);
  rig.close(1, stream_closed::manner::reset);
  CHECK(rig.only().state == tcp_state::open);
  CHECK(has(rig.only().odd, tcp_oddity::reset_after_open));
  CHECK(rig.only().dialogue->how == tcp_dialogue::ending::reset);
  CHECK(rig.closes.empty());
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: reset before we were told that it stood is no silence", "[probe][tcp]") {
  connect_rig rig;
  rig.config.banner = true;
  rig.begin();
  rig.start(1);
  rig.fail(1, ECONNRESET);
  CHECK(rig.only().state == tcp_state::open);
  CHECK(has(rig.only().odd, tcp_oddity::reset_after_open));
  CHECK_FALSE(rig.only().rtt);
  REQUIRE(rig.only().dialogue);
  CHECK(rig.only().dialogue->how == tcp_dialogue::ending::reset);
  CHECK(rig.finished());
}

TEST_CASE("connect sweep: an interrupted dialogue is told as far as it got", "[probe][tcp]") {
  connect_rig rig;
  rig.config.banner = true;
  rig.begin();
  rig.start(1);
  rig.open(1);
  rig.hear(1, "22");
  rig.feed(interrupt{});
  CHECK(rig.only().state == tcp_state::open);
  CHECK(text_of(rig.only().dialogue->received) == "22");
  CHECK(rig.only().dialogue->how == tcp_dialogue::ending::none);
  CHECK(rig.closes.back().how == manner::release);
}

namespace {

/// What may be told of a stream just now; the rest of the stimuli come at any time, right or wrong.
stimulus any_stimulus(seeded_random& random, probe_token token, mono_time now) {
  constexpr std::array errors{ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EMFILE, EADDRNOTAVAIL,
                              EPERM,        EACCES,    ECONNRESET,   EISCONN};
  static constexpr std::string_view words = "HTTP/1.0 200 OK\r\n\r\n";
  switch (random.below(8)) {
    case 0:
    case 1:
      return stream_started{token, connect_rig::here, static_cast<std::uint16_t>(random.below(65536)), now};
    case 2:
      return stream_opened{token, now, {.retransmits = static_cast<std::uint32_t>(random.below(3))}};
    case 3: {
      const auto notice =
          random.below(3) == 0 ? std::optional{icmp_notice(3, 1, connect_rig::here)} : std::nullopt;
      return stream_failed{token, errors[random.below(errors.size())], random.below(2) == 0, now, notice};
    }
    case 4:
      return stream_data{token, as_bytes(words.substr(random.below(words.size()))), now};
    case 5:
      return stream_closed{token, static_cast<stream_closed::manner>(random.below(3)), 0, now};
    case 6:
      return sent{token, {now, stamp_source::capture}};
    default:
      return wakeup{};
  }
}

void drive(std::uint64_t seed) {
  CAPTURE(seed);
  seeded_random random{seed};
  connect_rig rig{plan_of("198.51.100.0/29", {22, 80, 443})};
  rig.config.pacing.rounds = 1 + random.below(2);
  rig.config.pacing.retries = static_cast<std::uint32_t>(random.below(3));
  rig.config.pacing.shuffled = true;
  rig.config.pacing.order_seed = seed;
  rig.config.most_streams = static_cast<std::uint32_t>(1 + random.below(9));
  rig.config.banner = random.below(2) == 0;
  rig.config.captured = random.below(2) == 0;
  rig.config.pacing.linger = random.below(2) == 0 ? 0s : 1s;
  if (random.below(4) == 0) rig.config.pacing.deadline = 5s;
  const auto cut = random.below(4) == 0 ? random.below(300) : 100'000;
  rig.begin();
  std::uint64_t steps = 0;
  for (; !rig.finished() && steps < 100'000; ++steps) {
    if (steps == cut) rig.feed(interrupt{});
    rig.feed(any_stimulus(random, random.below(rig.opens.size() + 2), rig.now));
    rig.pass(duration{static_cast<std::int64_t>(random.below(20'000'000))});
    REQUIRE(rig.machine->totals().decided() + rig.machine->totals().pending == rig.machine->course().taken());
  }
  REQUIRE(rig.finished());
  CHECK_FALSE(rig.machine->next_effect(rig.now));
  CHECK(rig.machine->totals().decided() == rig.results.size());
  CHECK(rig.machine->totals().decided() + rig.machine->totals().pending == rig.machine->course().taken());
  std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint16_t>> ended;
  for (const auto& one : rig.results) CHECK(ended.emplace(one.round, one.target, one.port).second);
  if (cut == 100'000 && !rig.config.pacing.deadline) {
    CHECK(rig.results.size() == 24 * rig.config.pacing.rounds);
    CHECK(rig.machine->totals().pending == 0);
  }
  std::map<probe_token, int> let_go;
  for (const auto& close : rig.closes)
    if (close.how != manner::finish) CHECK(++let_go[close.token] == 1);
  std::uint64_t told = 0;
  for (const auto& one : rig.summaries) told += one.decided() + one.pending;
  CHECK(told == rig.machine->course().taken());
}

}  // namespace

TEST_CASE("connect sweep: whatever the host tells, every pair ends in one state", "[probe][tcp]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) drive(seed);
}
