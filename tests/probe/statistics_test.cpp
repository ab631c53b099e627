// RTT statistics against plain references, loss runs whatever the order of ends.
#include "libdiag/probe/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;
using outcome = diag::probe::loss_runs::outcome;

namespace {
mono_time at(duration d) {
  return mono_time{} + d;
}
duration nearest_rank(std::vector<duration> samples, double share) {
  std::sort(samples.begin(), samples.end());
  const auto rank = std::max(1.0, std::ceil(share * static_cast<double>(samples.size())));
  return samples[static_cast<std::size_t>(rank) - 1];
}
}  // namespace

TEST_CASE("distribution: exact up to 1,024 samples, close beyond", "[probe][statistics]") {
  const auto count = GENERATE(1U, 2U, 10U, 1023U, 1024U, 1025U, 50'000U);
  seeded_random random{count};
  distribution under_test;
  std::vector<duration> samples;
  for (std::uint32_t i = 0; i < count; ++i) {
    // From nanoseconds to an hour, evenly over the magnitudes.
    samples.emplace_back(static_cast<std::int64_t>(std::exp(random.unit() * 28.9)));
    under_test.add(samples.back());
  }
  CHECK(under_test.count() == count);
  for (const auto share : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto truth = nearest_rank(samples, share);
    const auto said = under_test.quantile(share);
    INFO("share " << share << " of " << count);
    if (count <= 1024)
      CHECK(said == truth);
    else
      CHECK(std::abs(static_cast<double>((said - truth).count())) <=
            std::max(1.0, 0.004 * static_cast<double>(truth.count())));
  }
}

TEST_CASE("distribution: empty, negative and enormous samples", "[probe][statistics]") {
  distribution under_test;
  CHECK(under_test.quantile(0.5) == 0ns);
  for (int i = 0; i < 2000; ++i) under_test.add(i % 2 == 0 ? duration{-5} : duration::max());
  CHECK(under_test.quantile(0.5) == 0ns);
  CHECK(static_cast<double>(under_test.quantile(1).count()) == Approx(9.22e18).epsilon(0.01));
}

TEST_CASE("rtt statistics: mean and deviation of a long run lose nothing", "[probe][statistics]") {
  rtt_statistics under_test;
  CHECK_FALSE(under_test.jitter().has_value());
  CHECK(under_test.stddev() == 0ns);
  for (int i = 0; i < 1'000'000; ++i) under_test.add(i % 2 == 0 ? 1h - 1us : 1h + 1us);
  CHECK(under_test.mean() == 1h);
  CHECK(under_test.stddev() == 1us);
  CHECK(under_test.min() == 1h - 1us);
  CHECK(under_test.max() == 1h + 1us);
}

TEST_CASE("rtt statistics: jitter and moving average by their formulas", "[probe][statistics]") {
  rtt_statistics under_test;
  under_test.add(10ms);
  CHECK_FALSE(under_test.jitter().has_value());
  CHECK(under_test.ewma() == 10ms);
  under_test.add(26ms);
  CHECK(under_test.jitter() == 1ms);  // |16| / 16
  CHECK(under_test.ewma() == 12ms);   // 10 + 16 / 8
  under_test.add(26ms);
  CHECK(under_test.jitter() == 937500ns);
  under_test.add(2ms);
  CHECK(under_test.jitter() == 2378906ns);  // 0.9375 + (24 - 0.9375) / 16
}

TEST_CASE("loss runs: counted in sending order, ended in any", "[probe][statistics]") {
  // 1 answered, 2-4 lost, 5 not sent, 6 lost, 7 answered, 8 lost.
  const std::vector<outcome> fates{outcome::answered, outcome::lost, outcome::lost,     outcome::lost,
                                   outcome::not_sent, outcome::lost, outcome::answered, outcome::lost};
  std::vector<std::uint32_t> order(fates.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  seeded_random random{5};
  for (int turn = 0; turn < 200; ++turn) {
    for (auto i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
    loss_runs under_test;
    for (const auto i : order) under_test.settle(i + 1, at((i + 1) * 1s), fates[i]);
    REQUIRE(under_test.outages().size() == 2);
    CHECK(under_test.outages()[0].start == at(2s));
    CHECK(under_test.outages()[0].end == at(7s));
    CHECK(under_test.outages()[0].lost == 4);
    CHECK(under_test.outages()[1].start == at(8s));
    CHECK_FALSE(under_test.outages()[1].end.has_value());
    CHECK(under_test.longest() == 4);
    CHECK(under_test.count() == 2);
    CHECK(under_test.current() == 1);
  }
}

TEST_CASE("loss runs: what waits for a probe that never ends is counted at the end", "[probe][statistics]") {
  loss_runs under_test;
  under_test.settle(2, at(2s), outcome::lost);
  under_test.settle(3, at(3s), outcome::lost);
  CHECK(under_test.count() == 0);
  under_test.flush();
  CHECK(under_test.count() == 1);
  CHECK(under_test.longest() == 2);
}

TEST_CASE("loss runs: ten thousand waiting cost no more than a pass", "[probe][statistics]") {
  loss_runs under_test;
  constexpr std::uint32_t count = 200'000;
  for (std::uint32_t block = 0; block < count; block += 10'000) {
    for (std::uint32_t i = 2; i <= 10'000; ++i) under_test.settle(block + i, at(0s), outcome::answered);
    under_test.settle(block + 1, at(0s), outcome::lost);
  }
  CHECK(under_test.count() == count / 10'000);
  CHECK(under_test.longest() == 1);
}

TEST_CASE("loss runs: the outages kept are bounded, the count is not", "[probe][statistics]") {
  loss_runs under_test;
  for (std::uint32_t i = 1; i <= 5000; ++i)
    under_test.settle(i, at(i * 1s), i % 2 == 0 ? outcome::answered : outcome::lost);
  CHECK(under_test.outages().size() == loss_runs::kept);
  CHECK(under_test.count() == 2500);
  CHECK(under_test.outages().back().end == at(2000s));
}
