// Conditions of --warn and --crit.
#include "libdiag/report/threshold.hpp"

#include "libdiag/core/random.hpp"
#include "libdiag/report/ping_records.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

record measured() {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::sent, 12).set(ping_key::received, 8).set(ping_key::late, 0).set(ping_key::jitter_ms, 10ms);
  r.set(ping_key::loss_percent, 100.0 / 3);
  r.set(ping_key::rtt_ms, object{ping_rtt_fields}.set(ping_key::avg, 40ms).set(ping_key::p95, 60'500us));
  r.set(ping_key::rejected, counts{{"wrong-id", 2}, {"bad-checksum", 1}});
  return r;
}

std::string crossed(std::string_view expression, const record& summary = measured()) {
  const auto parsed = threshold::parse(expression, ping_summary);
  if (!parsed) return "error: " + parsed.error().why;
  return parsed->crossed(summary).value_or("");
}

std::size_t error_column(std::string_view expression) {
  const auto parsed = threshold::parse(expression, ping_summary);
  return parsed ? 0 : parsed.error().column;
}

}  // namespace

TEST_CASE("threshold: says which condition holds and what was measured", "[report][threshold]") {
  const auto [expression, said] = GENERATE(table<std::string, std::string>({
      {"rtt.p95>50ms", "rtt.p95 60.500 ms > 50ms"},
      {"rtt.p95>60500us", ""},
      {"rtt.p95>=60500us", "rtt.p95 60.500 ms >= 60500us"},
      {"rtt > 0.03s", "rtt 40.000 ms > 0.03s"},
      {"loss>5%", "loss 33.3333% > 5%"},
      {"loss>5", "loss 33.3333% > 5%"},
      {"loss>34%", ""},
      {"jitter>=10ms", "jitter 10.000 ms >= 10ms"},
      {"late>0", ""},
      {"late=0", "late 0 == 0"},
      {"received<10", "received 8 < 10"},
      {"sent!=12", ""},
      {"rejected>2", "rejected 3 > 2"},
      {"outages>0", ""},
      {"outages<=0", "outages 0 <= 0"},
  }));
  INFO(expression);
  CHECK(crossed(expression) == said);
}

TEST_CASE("threshold: or takes either, and binds tighter", "[report][threshold]") {
  CHECK(crossed("late>0, loss>5%") == "loss 33.3333% > 5%");
  CHECK(crossed("late>0 or loss>5%") == "loss 33.3333% > 5%");
  CHECK(crossed("late>0||loss>5%") == "loss 33.3333% > 5%");
  CHECK(crossed("late>0 and loss>5%").empty());
  CHECK(crossed("jitter>1ms&&loss>5%") == "jitter 10.000 ms > 1ms and loss 33.3333% > 5%");
  CHECK(crossed("late>0 and loss>5% or sent>1") == "sent 12 > 1");
  CHECK(crossed("sent>1 or late>0 and late>1") == "sent 12 > 1");
}

TEST_CASE("threshold: an RTT without any answer is endless, other absent values decide nothing",
          "[report][threshold]") {
  record dead{ping_summary, wall_time{}};
  dead.set(ping_key::sent, 3).set(ping_key::received, 0).set(ping_key::loss_percent, 100.0);
  CHECK(crossed("rtt.p95>50ms", dead) == "rtt.p95 not measured > 50ms");
  CHECK(crossed("rtt.p95<50ms", dead).empty());
  CHECK(crossed("path_mtu<1500", dead).empty());

  record one_answer{ping_summary, wall_time{}};
  one_answer.set(ping_key::received, 1);
  CHECK(crossed("jitter>1ms", one_answer).empty());
}

TEST_CASE("threshold: an error names the column", "[report][threshold]") {
  const auto [expression, column] = GENERATE(table<std::string, std::size_t>({
      {"", 1},
      {">5", 1},
      {"nonsense>5", 1},
      {"target>5", 1},
      {"rtt.p96>5ms", 1},
      {"loss.avg>5", 1},
      {"loss", 5},
      {"loss~5", 5},
      {"loss>", 6},
      {"loss>x", 6},
      {"loss>5ms", 7},
      {"loss>1e5", 7},
      {"late>5%", 7},
      {"rtt.p95>50", 11},
      {"rtt.p95>50%", 11},
      {"rtt.p95>50 ms", 11},
      {"loss>5 late>0", 8},
      {"loss>5 or", 10},
      {"loss>5,", 8},
      {"loss>-1", 6},
      {"loss>1.2.3", 6},
  }));
  INFO(expression);
  CHECK(error_column(expression) == column);
}

TEST_CASE("threshold: gives the limits of simple conditions for performance data", "[report][threshold]") {
  const auto parsed = threshold::parse("rtt.avg>50ms,loss>=5%,jitter<1ms", ping_summary);
  REQUIRE(parsed.has_value());
  CHECK(parsed->limit_of("rtt.avg") == "50");
  CHECK(parsed->limit_of("loss") == "5");
  CHECK(parsed->limit_of("jitter").empty());
  CHECK(parsed->limit_of("late").empty());
}

TEST_CASE("threshold: reads any text without harm", "[report][threshold]") {
  seeded_random random{55};
  constexpr std::string_view likely = "rtloswae.p95>=<!5 0ms%,|&ornd";
  std::size_t refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text(random.below(20), '\0');
    for (auto& c : text) c = likely[random.below(likely.size())];
    const auto parsed = threshold::parse(text, ping_summary);
    if (parsed) continue;
    ++refused;
    if (parsed.error().column < 1 || parsed.error().column > text.size() + 1) FAIL(text);
  }
  CHECK(refused > 40'000);
}

TEST_CASE("threshold: a count inside an object may stand alone", "[report][threshold]") {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::loss_bursts, object{ping_loss_burst_fields}.set(ping_key::longest, 3));
  CHECK(crossed("longest>2", r) == "longest 3 > 2");
  CHECK(crossed("loss_bursts.longest>2", r) == "loss_bursts.longest 3 > 2");
  CHECK(crossed("longest>3", r).empty());
  CHECK(crossed("p95>1ms", r).starts_with("error: no metric 'p95'"));
}
