// The sweep: every target's verdict once and right, retries only where silence was, and a rate that follows.
#include "libdiag/probe/sweep.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::ping_reply;
using probe::ping_summary;

namespace {

/// A sweep on a street without hops, 10 ms there and back unless told otherwise.
struct trial {
  explicit trial(std::uint64_t count, const street_config& config = near())
      : net{4}, way{build_street(net, config)} {
    targets.add(*parse_ip("198.18.0.0"), count);
    settings.echo = test_echo();
    way.here->tap = [this](mono_time now, const packet&) { departures.push_back(now); };
  }
  static street_config near() {
    street_config config;
    config.hops = 0;
    config.wire.delay = latency::fixed(5ms);
    return config;
  }
  void run(bool cut_short = false) {
    INFO("seed " << net.seed());
    probe::sweep machine{settings, targets};
    result = sim::run(machine, net, *way.here, options, [&](mono_time, const probe::ping_event& event) {
      book.take(event);
      if (const auto* reply = std::get_if<ping_reply>(&event)) kinds[static_cast<std::size_t>(reply->what)]++;
      rate = std::max(rate, machine.rate());
    });
    totals = machine.totals();
    slots = machine.slots();
    CHECK(result.finished);
    CHECK_FALSE(result.spinning);
    CHECK(book.breach(cut_short) == "");
    CHECK(totals.sent == totals.received + totals.lost + totals.errors + totals.not_sent + totals.pending);
    if (!cut_short) CHECK(totals.targets == machine.asked());
    if (!cut_short) CHECK(totals.targets == book.targets());
  }
  [[nodiscard]] std::uint64_t alive() const {
    std::uint64_t count = 0;
    for (std::uint32_t i = 0; i < book.targets(); ++i)
      if (book.summary(i).received + book.summary(i).late > 0) ++count;
    return count;
  }

  world net;
  street way;
  probe::target_list targets;
  probe::sweep_config settings;
  run_options options;
  ledger book;
  probe::sweep_totals totals;
  std::array<std::uint64_t, 3> kinds{};
  std::vector<mono_time> departures;
  run_result result;
  double rate = 0;
  std::uint32_t slots = 0;
};

bool odd(const ip_address& address) {
  return address.v4_value() % 2 == 1;
}

}  // namespace

TEST_CASE("sweep: finds every target, each once", "[sim][sweep]") {
  trial run{20'000};
  run.run();
  CHECK(run.totals.alive == 20'000);
  CHECK(run.totals.sent == 20'000);
  CHECK(run.alive() == 20'000);
}

TEST_CASE("sweep: half silent, each verdict right, only the silent asked again", "[sim][sweep]") {
  auto street = trial::near();
  street.host.alive = odd;
  trial run{20'000, street};
  run.settings.retries = 2;
  run.run();
  CHECK(run.totals.alive == 10'000);
  CHECK(run.totals.sent == 10'000 + 3 * 10'000);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto& account = run.book.summary(i);
    const auto right = odd(run.targets.at(i)) ? account.received == 1 && account.sent == 1
                                              : account.received == 0 && account.lost == 3;
    if (!right) FAIL_CHECK("target " << i);
  }
}

TEST_CASE("sweep: loss costs retries, not verdicts", "[sim][sweep]") {
  auto street = trial::near();
  street.wire.loss = 0.1;
  trial run{5000, street};
  run.settings.retries = 6;
  run.run();
  CHECK(run.totals.alive == 5000);
  CHECK(run.totals.lost > 900);
}

TEST_CASE("sweep: a late answer means alive", "[sim][sweep]") {
  auto street = trial::near();
  trial run{100, street};
  run.settings.timeout = 8ms;  // the answer takes ten
  SECTION("while the retry is under way") {
    run.settings.retries = 1;
    run.run();
    CHECK(run.totals.alive == 100);
    CHECK(run.totals.received == 0);
    CHECK(run.book.summary(7).late >= 1);
  }
  SECTION("after the last timeout it is no more than an event") {
    run.settings.retries = 0;
    run.settings.rate = 1000;
    run.run();
    CHECK(run.totals.alive == 0);
    CHECK(run.kinds[static_cast<std::size_t>(ping_reply::kind::late)] > 50);
  }
}

TEST_CASE("sweep: a target that answers late while its retry waits is not asked again", "[sim][sweep]") {
  auto street = trial::near();
  street.wire.delay = latency::fixed(4500us);
  trial run{1, street};
  run.settings.timeout = 8ms;
  run.settings.rate = 100;  // the retry has to wait until 10 ms
  run.run();
  CHECK(run.totals.sent == 1);
  CHECK(run.totals.alive == 1);
  CHECK(run.book.summary(0).lost == 1);
  CHECK(run.book.summary(0).late == 1);
}

TEST_CASE("sweep: duplicates change no verdict", "[sim][sweep]") {
  auto street = trial::near();
  trial run{1000, street};
  run.way.back[0]->config.duplicate = 1;
  run.run();
  CHECK(run.totals.alive == 1000);
  CHECK(run.totals.duplicates > 900);
  CHECK(run.totals.received == 1000);
}

TEST_CASE("sweep: a refusal concludes without a retry", "[sim][sweep]") {
  auto street = trial::near();
  street.hops = 1;
  trial run{1000, street};
  filter_rule rule;
  rule.to = *parse_prefix("198.18.0.0/25");
  rule.what = filter_rule::verdict::reject;
  run.way.routers[0]->filter(rule);
  run.settings.retries = 3;
  run.run();
  CHECK(run.totals.errors == 128);
  CHECK(run.totals.alive == 872);
  CHECK(run.totals.sent == 1000);
  CHECK(run.book.summary(5).last_error == probe::reason::admin_prohibited);
}

TEST_CASE("sweep: a full local queue is asked again and never called lost", "[sim][sweep]") {
  trial run{1000};
  run.settings.retries = 1;
  run.options.send_error = [](probe::probe_token token, mono_time) { return token <= 300 ? ENOBUFS : 0; };
  run.run();
  CHECK(run.totals.not_sent == 300);
  CHECK(run.totals.lost == 0);
  CHECK(run.totals.alive + (1000 - run.totals.received) == 1000);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    if (run.book.of(i).not_sent == run.book.summary(i).not_sent && run.book.summary(i).lost == 0) continue;
    FAIL_CHECK("target " << i);
  }
}

TEST_CASE("sweep: a route that is gone concludes as not sent", "[sim][sweep]") {
  trial run{100};
  run.options.send_error = [](probe::probe_token, mono_time) { return ENETUNREACH; };
  run.run();
  CHECK(run.totals.not_sent == 100);
  CHECK(run.book.summary(3).last_error == probe::reason::no_route);
}

TEST_CASE("sweep: cut short, the targets under way stay without a verdict", "[sim][sweep]") {
  auto street = trial::near();
  street.host.alive = odd;
  trial run{100'000, street};
  SECTION("interrupt") {
    run.options.interrupt_at = after(100ms);
  }
  SECTION("deadline") {
    run.settings.deadline = 100ms;
  }
  run.run(true);
  CHECK(run.result.ended == after(100ms));
  CHECK(run.totals.pending > 100);
  CHECK(run.totals.targets == run.totals.alive);
  CHECK(run.totals.sent == run.totals.alive + run.totals.pending);
}

TEST_CASE("sweep: the rate doubles while answers come", "[sim][sweep]") {
  trial run{100'000};
  run.run();
  CHECK(run.rate > 200'000);
  CHECK(run.result.ended < after(1500ms));
  // Gently at first: ten thousand a second, with no burst at the start.
  CHECK(run.departures[60] - run.departures[0] > 4ms);
}

TEST_CASE("sweep: the rate stays gentle into silence", "[sim][sweep]") {
  auto street = trial::near();
  street.host.alive = [](const ip_address&) { return false; };
  trial run{20'000, street};
  run.settings.retries = 0;
  run.run();
  CHECK(run.rate <= 10'000);
  CHECK(run.result.ended > after(2900ms));
  CHECK(run.result.ended < after(3100ms));
}

TEST_CASE("sweep: the rate halves when the receiver drops, and nobody is called dead for it",
          "[sim][sweep]") {
  auto street = trial::near();
  street.wire.delay = latency::fixed(200us);
  trial run{100'000, street};
  run.settings.retries = 4;
  // A process that looks at its socket every 2 ms, with room for 256 packets: 128,000 a second.
  run.options.receive_buffer = 256;
  run.options.read_delay = latency::fixed(2ms);
  run.run();
  CHECK(run.totals.receiver_dropped == run.result.dropped);
  CHECK(run.result.dropped > 0);
  CHECK(run.totals.alive == 100'000);
  CHECK(run.rate <= 400'000);
}

TEST_CASE("sweep: a fixed rate is kept to the packet", "[sim][sweep]") {
  const auto rate = GENERATE(100.0, 3000.0, 70'000.0);
  trial run{static_cast<std::uint64_t>(rate / 2)};
  run.settings.rate = rate;
  run.run();
  const auto took = seconds(run.departures.back() - run.departures.front());
  CHECK(static_cast<double>(run.departures.size() - 1) / took == Approx(rate).epsilon(0.001));
}

TEST_CASE("sweep: without a cap the table is the bound", "[sim][sweep]") {
  trial run{50'000};
  run.settings.unlimited = true;
  run.settings.echo.max_slots = 1024;
  run.run();
  CHECK(run.totals.alive == 50'000);
  CHECK(run.slots == 1024);
}

TEST_CASE("sweep: IPv6 and IPv4 in one run", "[sim][sweep]") {
  trial run{100};
  run.targets.add(*parse_ip("2001:db8:1::1"), 100);
  run.run();
  CHECK(run.totals.alive == 200);
}

TEST_CASE("sweep: nothing to do ends at once", "[sim][sweep]") {
  trial run{0};
  run.run();
  CHECK(run.totals.sent == 0);
}
