// Time: attempts, timeouts, rounds, deadlines, interrupts and what is resumed after them.
#include <algorithm>
#include <cerrno>
#include <set>

#include "tests/catch.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using namespace diag::sim::tcp_flag;
using probe::reason;
using probe::reject_reason;
using probe::tcp_oddity;
using probe::tcp_state;
using reasons = std::vector<reject_reason>;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

probe::tcp_sweep_config with_retries(std::uint32_t retries) {
  auto config = quiet_tcp();
  config.pacing.retries = retries;
  return config;
}

/// Loses the first `count` packets of each flow to a port; nothing else is on the way.
struct forgetful {
  unsigned count = 0;
  unsigned seen = 0;
  void operator()(packet& answer) {
    if (seen++ < count) answer.clear();
  }
};

}  // namespace

TEST_CASE("tcp: the time told is that of the attempt that was answered", "[sim][tcp]") {
  const auto family = either();
  const auto lost = GENERATE(0U, 1U, 2U);
  tcp_street_config street;
  street.wire.delay = latency::fixed(3ms);
  street.host.mangle = forgetful{lost};
  tcp_stage trial{tcp_questions(far_address(family)), street};
  trial.config = with_retries(2);
  trial.run();
  CHECK(trial.breach() == "");
  const auto result = trial.result();
  CHECK(result.state == tcp_state::open);
  CHECK(result.attempts == lost + 1);
  CHECK(result.answered == lost + 1);
  CHECK(result.rtt == 18ms);
  CHECK(has(result.odd, tcp_oddity::answered_retry) == (lost > 0));
  CHECK(has(trial.machine->totals().found, probe::tcp_finding::loss) == (lost > 0));
}

TEST_CASE("tcp: the timeout runs for each attempt from when it was sent", "[sim][tcp]") {
  tcp_stage trial{tcp_questions(far_address(either()))};
  trial.way.out[0]->config.loss = 1;
  trial.config = with_retries(2);
  trial.config.pacing.timeout = 400ms;
  trial.run();
  CHECK(trial.breach() == "");
  REQUIRE(trial.departures.size() == 3);
  for (std::size_t i = 1; i < 3; ++i) {
    const auto gap = trial.departures[i] - trial.departures[i - 1];
    CHECK(gap > 400ms);
    CHECK(gap < 401ms);
  }
  // The last of several is given an eighth more, for what neighbor discovery has to say.
  CHECK(trial.result_of_run.ended - trial.departures[2] > 450ms);
  CHECK(trial.result_of_run.ended - trial.departures[2] < 451ms);
}

TEST_CASE("tcp: an answer that takes exactly the timeout is in time, a nanosecond more is late",
          "[sim][tcp]") {
  const auto flags = GENERATE(std::uint16_t{syn | ack}, std::uint16_t{rst | ack});
  const auto wait = GENERATE(duration{1s} - 1ns, duration{1s}, duration{1s} + 1ns);
  INFO("after " << wait.count() << " ns");
  tcp_by_hand bench{far_address(either())};
  bench.feed(answer_with(bench.request(), flags), wait);
  bench.finish();
  const auto in_time = wait <= 1s;
  const auto answer = flags == (syn | ack) ? tcp_state::open : tcp_state::closed;
  CHECK(bench.result().state == (in_time ? answer : tcp_state::filtered));
  CHECK(bench.anomalies() == (in_time ? reasons{} : reasons{reject_reason::late_answer}));
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: the kernel's time of arrival counts, however late it is read", "[sim][tcp]") {
  tcp_street_config street;
  street.wire.delay = latency::fixed(50ms);
  tcp_stage trial{tcp_questions(far_address(either())), street};
  trial.options.read_delay = latency::fixed(200ms);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result().rtt == 300ms);
}

TEST_CASE("tcp: a late answer decides while its pair is still being asked", "[sim][tcp]") {
  const auto flags = GENERATE(std::uint16_t{syn | ack}, std::uint16_t{rst | ack});
  tcp_by_hand bench{far_address(either()), with_retries(1)};
  const auto start = bench.now;
  bench.pass_time(start + 1200ms);
  REQUIRE(bench.requests.size() == 2);
  bench.feed(answer_with(bench.requests[0], flags));
  const auto result = bench.result();
  CHECK(result.state == (flags == (syn | ack) ? tcp_state::open : tcp_state::closed));
  CHECK(result.rtt == 1201ms);
  CHECK(result.attempts == 2);
  CHECK(result.answered == 1);
  CHECK(has(result.odd, tcp_oddity::late_attempt));
  CHECK_FALSE(has(result.odd, tcp_oddity::answered_retry));
  // Nothing is left to wait for.
  bench.finish();
  CHECK(bench.now - start < 1300ms);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: after a late answer no retry is sent", "[sim][tcp]") {
  auto config = with_retries(1);
  config.pacing.rate = 1;
  tcp_by_hand bench{tcp_questions("198.51.100.1", {80, 443}), config};
  // The second question takes the slot of a second; the retry to the first waits for the third.
  bench.pass_time(bench.now + 1500ms);
  REQUIRE(bench.requests.size() == 2);
  bench.feed(answer_with(bench.requests[0], syn | ack));
  bench.feed(answer_with(bench.requests[1], syn | ack));
  bench.finish();
  CHECK(bench.requests.size() == 2);
  CHECK(bench.results().size() == 2);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: an answer after the end is an anomaly and changes nothing", "[sim][tcp]") {
  auto config = quiet_tcp();
  config.pacing.linger = 5s;
  tcp_by_hand bench{far_address(either()), config};
  bench.pass_time(bench.now + 1100ms);
  CHECK(bench.result().state == tcp_state::filtered);
  bench.feed(answer_with(bench.requests[0], syn | ack));
  CHECK(bench.anomalies() == reasons{reject_reason::late_answer});
  const auto late = bench.seen<probe::tcp_anomaly>().front();
  CHECK(late.target == 0U);
  CHECK(late.port == 443);
  CHECK(late.rtt == 1101ms);
  bench.finish();
  CHECK(bench.results().size() == 1);
  CHECK(bench.machine().totals().late == 1);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: lingers as long as told, and no longer", "[sim][tcp]") {
  const auto linger = GENERATE(duration{0}, duration{2s});
  tcp_stage trial{tcp_questions(far_address(either()))};
  trial.config.pacing.linger = linger;
  trial.run();
  CHECK(trial.breach() == "");
  const auto answered = trial.events.front().at;
  CHECK(trial.result_of_run.ended - answered == linger);
}

TEST_CASE("tcp: rounds begin an interval apart, each with its results", "[sim][tcp]") {
  const auto family = either();
  tcp_stage trial{tcp_questions(far_address(family), {80, 443})};
  trial.config.pacing.rounds = 4;
  trial.config.pacing.interval = 250ms;
  trial.config.pacing.unlimited = true;
  trial.run();
  CHECK(trial.breach() == "");
  REQUIRE(trial.departures.size() == 8);
  for (std::size_t i = 2; i < 8; ++i) CHECK(trial.departures[i] - trial.departures[i - 2] == 250ms);
  std::multiset<std::uint64_t> rounds;
  for (const auto& one : trial.seen<probe::tcp_result>()) rounds.insert(one.event.round);
  CHECK(rounds == std::multiset<std::uint64_t>{1, 1, 2, 2, 3, 3, 4, 4});
}

TEST_CASE("tcp: without end until interrupted", "[sim][tcp]") {
  tcp_stage trial{tcp_questions(far_address(either()))};
  trial.config.pacing.rounds = 0;
  trial.options.interrupt_at = after(10500ms);
  trial.run();
  CHECK(trial.breach(true) == "");
  CHECK(trial.book->results() == 11);
  CHECK(trial.result_of_run.ended == after(10500ms));
}

TEST_CASE("tcp: the deadline ends a run, and what was under way is pending", "[sim][tcp]") {
  tcp_stage trial{tcp_questions(far_address(either()), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})};
  trial.way.out[0]->config.loss = 1;
  trial.config.pacing.rate = 10;
  trial.config.pacing.deadline = 1500ms;
  trial.run();
  CHECK(trial.breach(true) == "");
  CHECK(trial.result_of_run.ended == after(1500ms));
  // Sent every 100 ms from 0 on; a second each.
  CHECK(trial.book->count(tcp_state::filtered) == 5);
  CHECK(trial.machine->totals().pending == 5);
}

TEST_CASE("tcp: an interrupted run and the one that resumes it cover everything", "[sim][tcp]") {
  const auto cut = GENERATE(range(0, 2400, 77));
  const bool shuffled = GENERATE(true, false);
  INFO("cut short at " << cut << " ms");
  const auto questions = [] { return tcp_questions("198.51.100.0", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 8); };
  tcp_street_config street;
  street.wire.delay = latency::uniform(1ms, 150ms);
  street.wire.loss = 0.05;
  street.host.ports = [](const ip_address&, std::uint16_t port) {
    return port % 3 == 0 ? tcp_manner::silent : port % 3 == 1 ? tcp_manner::open : tcp_manner::closed;
  };
  const auto pacing = [&](probe::tcp_sweep_config& config) {
    config = with_retries(1);
    config.pacing.timeout = 700ms;
    config.pacing.rate = 100;
    config.pacing.shuffled = shuffled;
    config.pacing.order_seed = 99;
  };
  tcp_stage first{questions(), street, 3};
  pacing(first.config);
  first.options.interrupt_at = after(duration{std::chrono::milliseconds{cut}});
  first.run();
  CHECK(first.breach(true) == "");
  const auto from = first.machine->undecided_from();
  const probe::permutation order{first.plan.size(), 99};
  const auto pair_at = [&](std::uint64_t place) { return first.plan.at(shuffled ? order.at(place) : place); };
  for (std::uint64_t place = 0; place < from; ++place) CHECK(first.book->asked(pair_at(place)));

  tcp_stage second{questions(), street, 4};
  pacing(second.config);
  second.config.pacing.start = from;
  second.run();
  CHECK(second.breach() == "");
  for (std::uint64_t place = 0; place < second.plan.size(); ++place)
    CHECK(second.book->asked(pair_at(place)) == (place >= from));
}

TEST_CASE("tcp: a retry that waits is in the resume token, though its attempt is forgotten", "[sim][tcp]") {
  auto config = with_retries(1);
  config.segment.max_slots = 64;
  config.pacing.unlimited = true;
  tcp_by_hand bench{tcp_questions("198.51.100.0", {443}, 100), config};
  for (int i = 0; i < 63; ++i) bench.request();
  // The queue is full: this one's retry waits before all those that go unanswered.
  const auto refused = bench.machine().next_effect(bench.now);
  REQUIRE(refused);
  bench.feed(probe::send_failed{std::get<probe::transmit>(*refused).token, ENOBUFS});
  bench.feed(probe::wakeup{}, 1001ms);
  // Its record takes the slot of the first attempt, whose retry is next.
  bench.request();
  CHECK(bench.machine().undecided_from() == 0);
  bench.finish();
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: cut short, a pair that was decided while its retry waited is not pending", "[sim][tcp]") {
  tcp_by_hand bench{tcp_questions("198.51.100.0", {443}, 10), with_retries(1)};
  bench.pass_time(bench.now + 500ms);
  REQUIRE(bench.requests.size() == 10);
  // Several expire together, and their retries wait for one another.
  bench.now = *bench.machine().deadline();
  bench.feed(probe::wakeup{});
  bench.request();
  bench.feed(answer_with(bench.requests[2], syn | ack), 0ns);
  CHECK(bench.results().size() == 1);
  bench.feed(probe::interrupt{});
  CHECK(bench.machine().totals().pending == 9);
  CHECK(bench.breach(true) == "");
}

TEST_CASE("tcp: an answer to an attempt whose first one is forgotten decides once", "[sim][tcp]") {
  auto config = with_retries(2);
  config.segment.max_slots = 64;
  config.pacing.unlimited = true;
  config.pacing.timeout = 1s;
  config.pacing.linger = 10s;
  // So many that the table holds two attempts of a pair, not three.
  probe::tcp_plan plan = tcp_questions("198.51.100.0", {443}, 25);
  tcp_by_hand bench{std::move(plan), config};
  bench.pass_time(bench.now + 2500ms);
  REQUIRE(bench.requests.size() == 75);
  for (std::size_t i = 0; i < 25; ++i) {
    bench.feed(answer_with(bench.requests[50 + i], syn | ack), 1us);
    bench.feed(answer_with(bench.requests[25 + i], syn | ack), 1us);
    bench.feed(answer_with(bench.requests[i], rst | ack), 1us);
  }
  bench.finish();
  CHECK(bench.results().size() == 25);
  CHECK(bench.breach() == "");
}
