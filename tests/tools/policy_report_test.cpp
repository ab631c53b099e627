// The five reports, to the letter; and text from outside in each of them.
#include "tools/tcp/policy_report.hpp"

#include "tests/tools/policy_stage.hpp"

namespace {

using namespace diag;
using probe::tcp_state;
using tcp::report_kind;
using test::policy_of;
using test::result_of;
using test::written;

constexpr std::string_view rows =
    "192.0.2.1 22 open\n"
    "192.0.2.0/30 443 filtered|rejected \"db from dmz\"\n"
    "192.0.2.9 80 open\n"
    "192.0.2.10 81 open\n";

/// One row passed, one failed, one ended in an error of ours, one was never asked.
std::string told(report_kind kind, bool quiet = false, bool paint = false) {
  const auto what = policy_of(rows);
  tcp::policy_suite suite{what.rules, what.asked.plan};
  const auto& plan = what.asked.plan;
  suite.take(result_of(plan, {"192.0.2.1", 22}));
  suite.take(result_of(plan, {"192.0.2.0", 443, tcp_state::filtered}));
  suite.take(result_of(plan, {"192.0.2.1", 443, tcp_state::rejected}));
  suite.take(result_of(plan, {"192.0.2.2", 443}));
  suite.take(result_of(plan, {"192.0.2.3", 443, tcp_state::closed}));
  suite.take(result_of(plan, {"192.0.2.9", 80, tcp_state::error}));
  tcp::report_context context;
  context.kind = kind;
  context.quiet = quiet;
  if (paint) context.paint = report::style{report::color_when::always, true, {}};
  context.started = wall_time{std::chrono::seconds{1'800'000'000}};
  context.elapsed = 1500ms;
  return written([&](report::output& out) { write_report(out, suite, context); });
}

/// A name and a file that hold what each format must escape.
std::string hostile(report_kind kind) {
  auto what = policy_of("192.0.2.1 22 open\n");
  what.rules.files[0] = "a/b&c<d>.policy";
  what.rules.rows[0].name = "1 # SKIP \\ \"<b>'\x1b[31m\xff\n</testcase>";
  tcp::policy_suite suite{what.rules, what.asked.plan};
  suite.take(result_of(what.asked.plan, {"192.0.2.1", 22, tcp_state::closed}));
  tcp::report_context context;
  context.kind = kind;
  return written([&](report::output& out) { write_report(out, suite, context); });
}

}  // namespace

TEST_CASE("policy report: text, a line a row and what is wrong under it", "[tools][policy]") {
  CHECK(told(report_kind::text) ==
        "pass  dmz.policy:1  192.0.2.1 22 open: open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms\n"
        "FAIL  dmz.policy:2  \"db from dmz\" 192.0.2.0/30 443 filtered|rejected: 2 of 4 not as expected: 1 "
        "open, "
        "1 closed, 1 filtered, 1 rejected\n"
        "        192.0.2.2:443 open (syn-ack) from 192.0.2.2 ttl 64 in 0.100 ms\n"
        "        192.0.2.3:443 closed (reset) from 192.0.2.3 ttl 64 in 0.100 ms\n"
        "ERR   dmz.policy:3  192.0.2.9 80 open: error (no-route): no route from this host\n"
        "skip  dmz.policy:4  192.0.2.10 81 open: the run ended before any of it was decided\n"
        "4 rows: 1 passed, 1 failed, 1 error, 1 skipped in 1.5 s\n");
}

TEST_CASE("policy report: quiet text tells only what did not pass", "[tools][policy]") {
  const auto text = told(report_kind::text, true);
  CHECK(text.find("pass") == text.find("passed"));
  CHECK(text.starts_with("FAIL  dmz.policy:2"));
  CHECK(text.ends_with("1 skipped in 1.5 s\n"));
}

TEST_CASE("policy report: colour when asked for", "[tools][policy]") {
  const auto text = told(report_kind::text, false, true);
  CHECK(text.starts_with("\033[32mpass\033[39m  dmz.policy:1"));
  CHECK(text.find("\033[31mFAIL\033[39m  dmz.policy:2") != text.npos);
}

TEST_CASE("policy report: TAP 13 with the evidence as YAML", "[tools][policy]") {
  CHECK(told(report_kind::tap) ==
        "TAP version 13\n"
        "1..4\n"
        "ok 1 - 192.0.2.1 22 open\n"
        "  ---\n"
        "  outcome: \"passed\"\n"
        "  file: \"dmz.policy\"\n"
        "  line: 1\n"
        "  expected: \"open\"\n"
        "  evidence: \"open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms\"\n"
        "  ...\n"
        "not ok 2 - db from dmz: 192.0.2.0/30 443 filtered|rejected\n"
        "  ---\n"
        "  outcome: \"failed\"\n"
        "  file: \"dmz.policy\"\n"
        "  line: 2\n"
        "  expected: \"filtered|rejected\"\n"
        "  evidence: \"2 of 4 not as expected: 1 open, 1 closed, 1 filtered, 1 rejected\"\n"
        "  pairs:\n"
        "    - \"192.0.2.2:443 open (syn-ack) from 192.0.2.2 ttl 64 in 0.100 ms\"\n"
        "    - \"192.0.2.3:443 closed (reset) from 192.0.2.3 ttl 64 in 0.100 ms\"\n"
        "  ...\n"
        "not ok 3 - 192.0.2.9 80 open\n"
        "  ---\n"
        "  outcome: \"error\"\n"
        "  file: \"dmz.policy\"\n"
        "  line: 3\n"
        "  expected: \"open\"\n"
        "  evidence: \"error (no-route): no route from this host\"\n"
        "  pairs:\n"
        "    - \"192.0.2.9:80 error (no-route): no route from this host\"\n"
        "  ...\n"
        "not ok 4 - 192.0.2.10 81 open\n"
        "  ---\n"
        "  outcome: \"skipped\"\n"
        "  file: \"dmz.policy\"\n"
        "  line: 4\n"
        "  expected: \"open\"\n"
        "  evidence: \"the run ended before any of it was decided\"\n"
        "  ...\n");
}

TEST_CASE("policy report: JUnit, with failure, error and skipped", "[tools][policy]") {
  CHECK(told(report_kind::junit) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="diag-tcp" tests="4" failures="1" errors="1" skipped="1" time="1.5">
  <testsuite name="dmz.policy" tests="4" failures="1" errors="1" skipped="1" time="1.5" timestamp="2027-01-15T08:00:00">
    <testcase classname="dmz" name="192.0.2.1 22 open" time="0.002">
      <system-out>dmz.policy:1: 192.0.2.1 22 open: open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms</system-out>
    </testcase>
    <testcase classname="dmz" name="db from dmz" time="0.002">
      <failure type="unexpected" message="2 of 4 not as expected: 1 open, 1 closed, 1 filtered, 1 rejected">dmz.policy:2: expected filtered|rejected
192.0.2.2:443 open (syn-ack) from 192.0.2.2 ttl 64 in 0.100 ms
192.0.2.3:443 closed (reset) from 192.0.2.3 ttl 64 in 0.100 ms</failure>
      <system-out>dmz.policy:2: 192.0.2.0/30 443 filtered|rejected: 2 of 4 not as expected: 1 open, 1 closed, 1 filtered, 1 rejected</system-out>
    </testcase>
    <testcase classname="dmz" name="192.0.2.9 80 open" time="0.002">
      <error type="not-decided" message="error (no-route): no route from this host">dmz.policy:3: expected open
192.0.2.9:80 error (no-route): no route from this host</error>
      <system-out>dmz.policy:3: 192.0.2.9 80 open: error (no-route): no route from this host</system-out>
    </testcase>
    <testcase classname="dmz" name="192.0.2.10 81 open" time="0">
      <skipped message="the run ended before any of it was decided"/>
      <system-out>dmz.policy:4: 192.0.2.10 81 open: the run ended before any of it was decided</system-out>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("policy report: JSON, a test record a row and a summary", "[tools][policy]") {
  const auto text = told(report_kind::json);
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK(text.starts_with(
      R"({"tool":"tcp","event":"test","time":"2027-01-15T08:00:00.002000000Z","file":"dmz.policy","line":1,)"
      R"("target":"192.0.2.1","ports":"22","expectation":"open","passed":true,"outcome":"passed",)"
      R"("evidence":"open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms","pairs":1,"decided":1,"unexpected":0,)"
      R"("states":{"open":1},"shown":[{"address":"192.0.2.1","port":22,"state":"open","reason":"syn-ack",)"
      R"("from":"192.0.2.1","ttl":64,"rtt_ms":0.1,"attempts":1,"answered_attempt":1,"source_port":40000}],)"
      R"("elapsed_ms":2})"
      "\n"));
  CHECK(text.find(R"("name":"db from dmz","target":"192.0.2.0/30","ports":"443",)"
                  R"("expectation":"filtered|rejected","passed":false,"outcome":"failed")") != text.npos);
  CHECK(text.find(R"("errno":"ENETUNREACH")") != text.npos);
  CHECK(text.ends_with(
      R"({"tool":"tcp","event":"summary","time":"2027-01-15T08:00:01.500000000Z","file":"dmz.policy","tests":4,)"
      R"("passed":1,"failed":1,"errors":1,"skipped":1,"elapsed_ms":1500})"
      "\n"));
}

TEST_CASE("policy report: HTML stands alone", "[tools][policy]") {
  const auto text = told(report_kind::html);
  CHECK(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  CHECK(text.find("<p>4 rows: 1 passed, 1 failed, 1 error, 1 skipped in 1.5 s, 2027-01-15T08:00:00Z</p>") !=
        text.npos);
  CHECK(
      text.find("<tr class=\"passed\"><td>passed</td><td>dmz.policy:1</td><td></td><td>192.0.2.1</td>"
                "<td>22</td><td>open</td><td>open (syn-ack) from 192.0.2.1 ttl 64 in 0.100 ms</td></tr>\n") !=
      text.npos);
  CHECK(text.find("<pre>\n192.0.2.2:443 open (syn-ack)") != text.npos);
  for (const auto* word : {"<script", "http:", "https:", "src=", "href=", "@import", "url("})
    CHECK(text.find(word) == text.npos);
}

TEST_CASE("policy report: text from outside is escaped for where it stands", "[tools][policy]") {
  CHECK(hostile(report_kind::text).find(R"("1 # SKIP \x5c "<b>'\x1b[31m\xff\x0a</testcase>" 192.0.2.1)") !=
        std::string::npos);
  // Nothing that a harness could take for a directive, or for a line of its own.
  CHECK(hostile(report_kind::tap)
            .find("\nnot ok 1 - 1 \\# SKIP \\\\x5c \"<b>'\\\\x1b[31m\\\\xff\\\\x0a</testcase>: ") !=
        std::string::npos);
  CHECK(hostile(report_kind::tap).find("  file: \"a/b&c<d>.policy\"\n") != std::string::npos);
  const auto xml = hostile(report_kind::junit);
  CHECK(xml.find("<testcase classname=\"a.b&amp;c&lt;d&gt;\" name=\"1 # SKIP \\x5c "
                 "&quot;&lt;b&gt;&#39;\\x1b[31m\\xff"
                 "\\x0a&lt;/testcase&gt;\"") != xml.npos);
  CHECK(hostile(report_kind::json).find(R"("name":"1 # SKIP \\x5c \"<b>'\\x1b[31m\\xff\\x0a</testcase>")") !=
        std::string::npos);
  const auto html = hostile(report_kind::html);
  CHECK(html.find("<td>1 # SKIP \\x5c &quot;&lt;b&gt;&#39;\\x1b[31m\\xff\\x0a&lt;/testcase&gt;</td>") !=
        html.npos);
}

TEST_CASE("policy report: more than ten pairs are counted", "[tools][policy]") {
  const auto what = policy_of("192.0.2.0/27 80 closed\n");
  tcp::policy_suite suite{what.rules, what.asked.plan};
  for (int last = 0; last < 32; ++last)
    suite.take(result_of(what.asked.plan, {"192.0.2." + std::to_string(last), 80}));
  for (const auto kind : {report_kind::text, report_kind::tap, report_kind::junit, report_kind::html}) {
    tcp::report_context context;
    context.kind = kind;
    const auto text = written([&](report::output& out) { write_report(out, suite, context); });
    CHECK(text.find("192.0.2.9:80") != text.npos);
    CHECK(text.find("192.0.2.10:80") == text.npos);
    CHECK(text.find("and 22 more") != text.npos);
  }
}

TEST_CASE("policy report: a class is the file without its ending, divided by dots", "[tools][policy]") {
  const auto class_of = [](std::string file) {
    auto what = policy_of("192.0.2.1 22 open\n");
    what.rules.files[0] = std::move(file);
    const tcp::policy_suite suite{what.rules, what.asked.plan};
    tcp::report_context context;
    context.kind = report_kind::junit;
    const auto text = written([&](report::output& out) { write_report(out, suite, context); });
    const auto from = text.find("classname=\"") + 11;
    return text.substr(from, text.find('"', from) - from);
  };
  CHECK(class_of("policies/dmz.policy") == "policies.dmz");
  CHECK(class_of("/etc/diag/dmz") == "etc.diag.dmz");
  CHECK(class_of("../dmz.v2.policy") == "dmz.v2");
  CHECK(class_of(".policy") == "policy");
  CHECK(class_of("standard input") == "standard.input");
  CHECK(class_of("/") == "policy");
}

TEST_CASE("policy report: kinds by their words", "[tools][policy]") {
  CHECK(tcp::parse_report_kind("tap") == report_kind::tap);
  CHECK(tcp::parse_report_kind("html") == report_kind::html);
  CHECK_FALSE(tcp::parse_report_kind("TAP").has_value());
  CHECK_FALSE(tcp::parse_report_kind("").has_value());
}
