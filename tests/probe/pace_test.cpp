// Sending slots: how many, how evenly, and how the rate follows.
#include "libdiag/probe/pace.hpp"

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

/// Sends whenever allowed until `end`; the host wakes up to `lateness` late. Gives back the packets sent.
std::uint64_t send_until(pace& under_test, mono_time& now, mono_time end, duration lateness = 0ns,
                         bool answers = false) {
  seeded_random random{1};
  std::uint64_t sent = 0;
  while (now < end) {
    while (under_test.ready(now)) {
      under_test.take();
      if (answers) under_test.answered();
      ++sent;
    }
    now = under_test.next();
    if (lateness > 0ns)
      now += duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(lateness.count())))};
  }
  return sent;
}

}  // namespace

TEST_CASE("pace: a fixed rate is kept, also by a host that wakes late", "[probe][pace]") {
  const auto rate = GENERATE(1.0, 7.5, 1000.0, 99'999.0, 1e6);
  const auto lateness = GENERATE(duration{0}, duration{200us}, duration{900us});
  auto under_test = pace::fixed(rate);
  mono_time now{};
  const auto sent = send_until(under_test, now, mono_time{} + 10s, lateness);
  // Above 255 packets a millisecond the bucket is smaller than what falls due meanwhile.
  if (rate < 256'000 || lateness == 0ns)
    CHECK(static_cast<double>(sent) == Approx(rate * 10).epsilon(0.001).margin(1.1));
  CHECK(static_cast<double>(sent) <= rate * 10 * 1.001 + 2);
}

TEST_CASE("pace: a stall is not made up for", "[probe][pace]") {
  auto under_test = pace::fixed(1000);
  mono_time now{};
  send_until(under_test, now, mono_time{} + 1s);
  now += 60s;
  std::uint64_t burst = 0;
  for (; under_test.ready(now); ++burst) under_test.take();
  CHECK(burst == 2);
}

TEST_CASE("pace: no cap means always now", "[probe][pace]") {
  auto under_test = pace::unlimited();
  for (int i = 0; i < 1000; ++i) {
    CHECK(under_test.ready(mono_time{} + 5s));
    under_test.take();
  }
  CHECK(under_test.next() <= mono_time{} + 5s);
  CHECK(under_test.rate() == 0);
}

TEST_CASE("pace: following answers doubles, drops halve, silence goes back", "[probe][pace]") {
  auto under_test = pace::following();
  mono_time now{};
  send_until(under_test, now, mono_time{} + 100ms);
  CHECK(under_test.rate() == pace::adaptive_start);
  send_until(under_test, now, mono_time{} + 122ms, 0ns, true);
  CHECK(under_test.rate() >= 8 * pace::adaptive_start);
  send_until(under_test, now, mono_time{} + 1s, 0ns, true);
  CHECK(under_test.rate() == pace::adaptive_ceiling);
  under_test.overrun();
  send_until(under_test, now, now + 5ms, 0ns, true);
  CHECK(under_test.rate() == pace::adaptive_ceiling / 2);
  send_until(under_test, now, now + 100ms);
  CHECK(under_test.rate() == pace::adaptive_start);
  for (int i = 0; i < 50; ++i) {
    under_test.overrun();
    send_until(under_test, now, now + 5ms);
  }
  CHECK(under_test.rate() == pace::adaptive_start / 10);
}
