// A week of virtual clock, one probe a second: nothing drifts, nothing grows.
#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;

TEST_CASE("ping: a week of probes with an outage in it", "[sim][ping]") {
  constexpr std::uint64_t week = 604'800;
  street_config street;
  street.hops = 0;
  street.wire.delay = latency::normal(10ms, 1ms);
  street.wire.outages = {{after(100'000s - 500ms), after(103'600s - 500ms)}};
  world net{20};
  INFO("seed " << net.seed());
  auto way = build_street(net, street);
  const auto targets = target("198.51.100.1");
  auto config = by_hand::quiet();
  config.count = week;
  probe::ping machine{config, targets};
  std::uint64_t events = 0;
  std::uint64_t answered = 0;
  std::size_t early = 0;
  std::size_t late = 0;
  mono_time last_reply{};
  std::optional<probe::ping_summary> summary;
  const auto result = run(machine, net, *way.here, {}, [&](mono_time now, const probe::ping_event& event) {
    if (++events == 5000) early = live_heap();
    if (events == week) late = live_heap();
    if (const auto* reply = std::get_if<probe::ping_reply>(&event)) {
      if (reply->what == probe::ping_reply::kind::in_time) ++answered;
      last_reply = now;
    }
    if (const auto* said = std::get_if<probe::ping_summary>(&event)) summary = *said;
  });
  CHECK(result.finished);
  REQUIRE(summary.has_value());
  CHECK(summary->sent == week);
  CHECK(summary->lost == 3600);
  CHECK(summary->received == week - 3600);
  CHECK(answered == summary->received);
  CHECK(last_reply - after(604'799s) < 30ms);
  REQUIRE(summary->loss->outages().size() == 1);
  CHECK(summary->loss->outages()[0].start == after(100'000s));
  CHECK(summary->loss->outages()[0].end == after(103'600s));
  // The histogram is within 0.4 % of the sample it stands for.
  CHECK(milliseconds(summary->rtt->quantiles().quantile(0.5)) == Approx(20).epsilon(0.005));
  CHECK(milliseconds(summary->rtt->stddev()) == Approx(1.414).epsilon(0.02));
  CHECK(late <= early + 1024);
}
