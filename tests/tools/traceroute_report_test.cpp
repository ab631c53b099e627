// The table of --report, to the letter.
#include <sstream>
#include <string>
#include <vector>

#include "tools/traceroute/hop_table.hpp"
#include "tools/traceroute/report_view.hpp"

#include "tests/catch.hpp"
#include "tests/tools/hop_stage.hpp"

using namespace diag;
using namespace diag::traceroute;
using probe::hop_loss;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<duration> times(std::size_t count, duration each) {
  return std::vector<duration>(count, each);
}

std::vector<std::string> table(const std::vector<probe::hop_figures>& hops, const address_labels& labels = {},
                               bool extensions = false) {
  const report::style plain;
  return lines_of(report_table(hops, {labels, plain, extensions}));
}

hop_line line_of(const probe::hop_figures& figures, hop_loss what, double forwarding = 0) {
  return {&figures, figures.hop, {what, forwarding}};
}

}  // namespace

TEST_CASE("hop table: a cell is milliseconds with three figures, or a dash", "[tools][traceroute]") {
  const auto figures = hop_of(3, "192.0.2.1", {10ms, 20ms, 12ms}, 1);
  CHECK(cell_text(hop_column::loss, figures) == "25.0%");
  CHECK(cell_text(hop_column::sent, figures) == "4");
  CHECK(cell_text(hop_column::last, figures) == "12.0");
  CHECK(cell_text(hop_column::mean, figures) == "14.0");
  CHECK(cell_text(hop_column::best, figures) == "10.0");
  CHECK(cell_text(hop_column::worst, figures) == "20.0");
  CHECK(cell_text(hop_column::stddev, figures) == "4.32");
  CHECK(cell_text(hop_column::p95, figures) == "20.0");
  CHECK(cell_text(hop_column::jitter, figures) != "-");

  const auto silent = hop_of(3, "", {}, 2);
  CHECK(cell_text(hop_column::loss, silent) == "100%");
  CHECK(cell_text(hop_column::sent, silent) == "2");
  for (const auto column : {hop_column::last, hop_column::mean, hop_column::best, hop_column::worst,
                            hop_column::stddev, hop_column::p95, hop_column::jitter, hop_column::jitter_last,
                            hop_column::jitter_mean, hop_column::jitter_worst})
    CHECK(cell_text(column, silent) == "-");
  CHECK(cell_text(hop_column::loss, hop_of(3, "", {})) == "-");
}

TEST_CASE("hop table: jitter is between neighboring answers", "[tools][traceroute]") {
  hop_jitter jitter;
  jitter.add(10ms);
  CHECK(jitter.count == 0);
  jitter.add(13ms);
  jitter.add(12ms);
  CHECK(jitter.last == 1ms);
  CHECK(jitter.worst == 3ms);
  CHECK(jitter.mean() == 2ms);
  const auto figures = hop_of(1, "192.0.2.1", {10ms, 13ms, 12ms});
  CHECK(cell_text(hop_column::jitter_last, figures, jitter) == "1.00");
  CHECK(cell_text(hop_column::jitter_mean, figures, jitter) == "2.00");
  CHECK(cell_text(hop_column::jitter_worst, figures, jitter) == "3.00");
}

TEST_CASE("hop table: every verdict on loss has its words", "[tools][traceroute]") {
  const auto figures = hop_of(3, "192.0.2.1", {1ms}, 1);
  CHECK(loss_words(line_of(figures, hop_loss::none)).empty());
  CHECK(loss_words(line_of(figures, hop_loss::rate_limited)) == "rate-limited");
  CHECK(loss_words(line_of(figures, hop_loss::forwarding, 0.1)) == "forwarding loss 10%");
  CHECK(loss_words(line_of(figures, hop_loss::forwarding, 0.0125)) == "forwarding loss 1.2%");
  CHECK(loss_words(line_of(figures, hop_loss::unclear)) == "unclear");
  CHECK(loss_words(line_of(figures, hop_loss::silent)) == "silent, passes on");
  CHECK(loss_words(line_of(figures, hop_loss::beyond)) == "nothing answers from here on");
  const auto undecided = hop_of(3, "", {});
  CHECK(loss_words(line_of(undecided, hop_loss::beyond)).empty());
}

TEST_CASE("hop table: silent hops at the end of the path are one line", "[tools][traceroute]") {
  auto hops = hops_of(hop_of(1, "192.0.2.1", times(20, 1ms)), hop_of(2, "", {}, 20),
                      hop_of(3, "192.0.2.3", times(20, 2ms)));
  for (int hop = 4; hop <= 19; ++hop) hops.push_back(hop_of(hop, "", {}, 20));
  const auto lines = hop_lines(hops);
  REQUIRE(lines.size() == 4);
  CHECK(hop_numbers(lines[1]) == "2");
  CHECK(lines[1].loss.what == hop_loss::silent);
  CHECK(hop_numbers(lines[3]) == "4-19");
  CHECK(hop_lines({}).empty());
}

TEST_CASE("report: the table has mtr's shape and says what loss means", "[tools][traceroute][report]") {
  const auto hops =
      hops_of(hop_of(1, "198.51.100.1", times(20, 345us)), hop_of(2, "", {}, 20),
              hop_of(3, "198.51.100.9", times(10, 1ms), 10), hop_of(4, "192.0.2.9", times(20, 12'345us)));
  const auto text = table(hops, labels_of({{"198.51.100.1", "gw.example"}}));
  REQUIRE(text.size() == 5);
  CHECK(text[0] ==
        "HOST                                Loss%     Snt    Last     Avg    Best    Wrst   StDev     P95   "
        " Jttr");
  CHECK(text[1] ==
        "  1.|-- gw.example (198.51.100.1)    0.0%      20   0.345   0.345   0.345   0.345   0.000   0.345   "
        "0.000");
  CHECK(text[2] ==
        "  2.|-- ???                          100%      20       -       -       -       -       -       -   "
        "    -"
        "  silent, passes on");
  CHECK(text[3] ==
        "  3.|-- 198.51.100.9                50.0%      20    1.00    1.00    1.00    1.00   0.000    1.00   "
        "0.000"
        "  rate-limited");
  CHECK(text[4].substr(0, 42) == "  4.|-- 192.0.2.9                    0.0% ");
}

TEST_CASE("report: loss that later hops share is said to be on the way", "[tools][traceroute][report]") {
  const auto hops =
      hops_of(hop_of(1, "198.51.100.1", times(200, 1ms)), hop_of(2, "198.51.100.5", times(160, 1ms), 40),
              hop_of(3, "192.0.2.9", times(160, 1ms), 40));
  const auto text = table(hops);
  CHECK(text[1].find("loss") == std::string::npos);
  CHECK(text[2].ends_with("  forwarding loss 20%"));
  CHECK(text[3].ends_with("  forwarding loss 20%"));
  const address_labels labels;
  const report::style colored{report::color_when::always, false, {}};
  const auto painted = lines_of(report_table(hops, {labels, colored}));
  CHECK(painted[2].find("\033[31m   20.0%\033[39m") != std::string::npos);
  CHECK(painted[1].find('\033') == std::string::npos);
}

TEST_CASE("report: several addresses of a hop and what routers append have lines of their own",
          "[tools][traceroute][report]") {
  auto hop = hop_of(2, "198.51.100.5", times(10, 1ms));
  hop.addresses.push_back({*parse_ip("198.51.100.6"), 5});
  hop.latest.mpls.push_back({100, 0, true, 1});
  const auto hops = hops_of(std::move(hop));
  const auto text = table(hops, {}, true);
  REQUIRE(text.size() == 4);
  CHECK(text[2] == "    |   198.51.100.6");
  CHECK(text[3].starts_with("    |   <MPLS:L=100"));
  CHECK(table(hops).size() == 3);
}

TEST_CASE("report: a refusal stands beside the address", "[tools][traceroute][report]") {
  auto hop = hop_of(2, "198.51.100.5", times(10, 1ms));
  hop.latest.state = probe::hop_state::unreachable;
  hop.latest.why = probe::reason::admin_prohibited;
  hop.latest.icmp_type = 3;
  hop.latest.icmp_code = 13;
  CHECK(table(hops_of(std::move(hop)))[1].starts_with("  2.|-- 198.51.100.5 !X "));
}

TEST_CASE("report: a hostile name stays one line of harmless text", "[tools][traceroute][report]") {
  const auto text =
      table(hops_of(hop_of(1, "198.51.100.1", {1ms})), labels_of({{"198.51.100.1", "a\x1b[2J\nb\x07"}}));
  REQUIRE(text.size() == 2);
  CHECK(text[1].find("a\\x1b[2J\\x0ab\\x07 (198.51.100.1)") != std::string::npos);
}

TEST_CASE("report: wide names widen the column for all", "[tools][traceroute][report]") {
  const std::string name(70, 'x');
  const auto text = table(hops_of(hop_of(1, "2001:db8::1", {1ms}), hop_of(2, "2001:db8::2", {1ms})),
                          labels_of({{"2001:db8::2", name}}));
  CHECK(text[0].size() == text[1].size());
  CHECK(text[1].size() == text[2].size());
  CHECK(text[2].find(name + " (2001:db8::2)") != std::string::npos);
}

TEST_CASE("report: a whole report names target, method and verdict", "[tools][traceroute][report]") {
  trace_options options;
  const tools::target_set nobody;
  const std::vector<probe::path_target> paths{{*parse_ip("192.0.2.9"), *parse_ip("192.0.2.1")}};
  const address_labels labels;
  report::output out{-1};
  const stage on{options, nobody, paths, labels, out};
  const auto hops =
      hops_of(hop_of(1, "198.51.100.1", times(10, 1ms)), hop_of(2, "192.0.2.9", times(10, 2ms)));
  probe::path_end end;
  end.began = mono_time{100s};
  end.at = mono_time{109s + 20ms};
  end.why = probe::path_stop::reached;
  end.hops = 2;
  end.asked_to = 2;
  end.target_rtt = 2ms;
  const auto reached = lines_of(report_text(on, hops, 10, end));
  REQUIRE(reached.size() == 5);
  CHECK(reached.front() == "192.0.2.9, udp 33434, 10 rounds in 9.0 s");
  CHECK(reached.back().starts_with("reached 192.0.2.9 at hop 2"));

  auto failing = hops_of(hop_of(1, "198.51.100.1", {1ms}), hop_of(2, "192.0.2.9", {1ms}));
  failing[0].errors = 3;
  failing[1].errors = 2;
  CHECK(lines_of(report_text(on, failing, 10, end))[4] == "not sent: 5 probes");

  end.why = probe::path_stop::silence;
  end.hops = 1;
  end.target_rtt.reset();
  const auto silent =
      hops_of(hop_of(1, "198.51.100.1", times(10, 1ms)), hop_of(2, "", {}, 10), hop_of(3, "", {}, 10));
  const auto lost = lines_of(report_text(on, silent, 1, end));
  CHECK(lost.front() == "192.0.2.9, udp 33434, 1 round in 9.0 s");
  CHECK(lost[3].starts_with("2-3.|-- ???"));
  CHECK(lost.back().starts_with("not reached: nothing answers beyond hop 1 (198.51.100.1)"));
}
