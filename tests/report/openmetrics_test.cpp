// OpenMetrics text. That promtool takes it is held by tests/shell.
#include "libdiag/report/openmetrics.hpp"

#include "libdiag/report/ping_records.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;
using Catch::Matchers::Contains;

namespace {

record summary_of(std::string_view target) {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::target, target).set(ping_key::address, "192.0.2.1").set(ping_key::state, "alive");
  r.set(ping_key::sent, 4).set(ping_key::received, 3).set(ping_key::loss_percent, 25.0);
  r.set(ping_key::rtt_ms, object{ping_rtt_fields}
                              .set(ping_key::min, 1ms)
                              .set(ping_key::avg, 2ms)
                              .set(ping_key::p50, 1'500us)
                              .set(ping_key::p95, 3ms));
  r.set(ping_key::rejected, counts{{"wrong-id", 2}});
  return r;
}

std::string text_of(std::initializer_list<std::string_view> targets) {
  openmetrics_writer writer{ping_summary};
  for (const auto target : targets) writer.add(summary_of(target));
  return writer.text();
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("openmetrics: gives base units, labels and a summary with quantiles", "[report][openmetrics]") {
  const auto text = text_of({"gw"});
  const std::string labels = R"(target="gw",address="192.0.2.1")";
  CHECK_THAT(text, Contains("# TYPE diag_ping_rtt_seconds summary\n"));
  CHECK_THAT(text, Contains("diag_ping_rtt_seconds{" + labels + ",quantile=\"0.5\"} 0.0015\n"));
  CHECK_THAT(text, Contains("diag_ping_rtt_seconds{" + labels + ",quantile=\"0.95\"} 0.003\n"));
  CHECK_THAT(text, Contains("diag_ping_rtt_seconds_sum{" + labels + "} 0.006\n"));
  CHECK_THAT(text, Contains("diag_ping_rtt_seconds_count{" + labels + "} 3\n"));
  CHECK_THAT(text, Contains("diag_ping_rtt_min_seconds{" + labels + "} 0.001\n"));
  CHECK_THAT(text, Contains("diag_ping_loss_ratio{" + labels + "} 0.25\n"));
  CHECK_THAT(text, Contains("diag_ping_sent_packets{" + labels + "} 4\n"));
  CHECK_THAT(text, Contains("diag_ping_state{" + labels + ",state=\"alive\"} 1\n"));
  CHECK_THAT(text, Contains("diag_ping_rejected_packets{" + labels + ",reason=\"wrong-id\"} 2\n"));
  CHECK_THAT(
      text, Contains("# HELP diag_ping_rtt_min_seconds round-trip times of the answers in time: shortest\n"));
  CHECK(text.ends_with("\n# EOF\n"));
}

TEST_CASE("openmetrics: samples of a metric stand together under one head", "[report][openmetrics]") {
  const auto text = text_of({"a", "b"});
  CHECK(occurrences(text, "# TYPE diag_ping_sent_packets ") == 1);
  CHECK_THAT(text, Contains("diag_ping_sent_packets{target=\"a\",address=\"192.0.2.1\"} 4\n"
                            "diag_ping_sent_packets{target=\"b\",address=\"192.0.2.1\"} 4\n"));
}

TEST_CASE("openmetrics: a metric nobody measured is not mentioned", "[report][openmetrics]") {
  CHECK(occurrences(text_of({"a"}), "jitter") == 0);
  CHECK(openmetrics_writer{ping_summary}.text() == "# EOF\n");
}

TEST_CASE("openmetrics: label values are escaped", "[report][openmetrics]") {
  CHECK_THAT(text_of({"a\"b\nc"}), Contains(R"(target="a\"b\\x0ac")"));
}

TEST_CASE("openmetrics: events other than the summary are ignored", "[report][openmetrics]") {
  openmetrics_writer writer{ping_summary};
  writer.add(record{ping_reply, wall_time{}});
  CHECK(writer.text() == "# EOF\n");
}
