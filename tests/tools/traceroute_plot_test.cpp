// Pictures of paths as text: what must be in them.
#include "tools/traceroute/path_plot.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using Catch::Matchers::Contains;
using traceroute::plotted_report;
using traceroute::plotted_trace;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", target = "192.0.2.99";

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}
probe::path_answer after(probe::path_answer what, duration rtt) {
  what.rtt = rtt;
  return what;
}
std::string trace(const made_path& made, const traceroute::address_labels& labels = {}) {
  const auto path = made.done();
  const std::vector<plotted_trace> all{{"www.example (192.0.2.99)", &path}};
  return trace_plot(all, labels, "of 2026");
}

probe::hop_figures figures(std::uint8_t hop, std::uint64_t answered, std::uint64_t lost) {
  probe::hop_figures out;
  out.hop = hop;
  out.sent = answered + lost;
  out.answered = answered;
  out.lost = lost;
  if (answered != 0)
    out.addresses.push_back({.address = address("198.51.100." + std::to_string(hop)), .answers = answered});
  for (std::uint64_t i = 0; i < answered; ++i) out.rtt.add(hop * 1ms + static_cast<int>(i) * 10us);
  return out;
}

}  // namespace

TEST_CASE("path plot: a dot for each probe and a row for each hop", "[tools][traceroute]") {
  made_path path;
  path.hop({after(expired(a), 300us), after(expired(a), 400us), silence()}).hop({silence(), silence()});
  path.hop({after(arrived(target), 900us), after(arrived(target), 950us)})
      .spare(30, after(arrived(target), 980us));
  const auto svg = trace(path);
  CHECK(occurrences(svg, "<circle") == 5);
  CHECK(occurrences(svg, "fill=\"#2c7a3f\"") == 3);  // the target's
  CHECK_THAT(svg, Contains(">198.51.100.1</text>") && Contains(">192.0.2.99</text>"));
  CHECK_THAT(svg, Contains(">2 of 3 answered</text>") && Contains(">median 0.95 ms</text>"));
  CHECK_THAT(svg, Contains(">silent</text>") && Contains(">*</text>"));
  CHECK(occurrences(svg, "stroke-dasharray=\"4 4\"") == 1);  // over the silent hop
  CHECK_THAT(svg, Contains("<title>of 2026</title>") && Contains("RTT, ms"));
}

TEST_CASE("path plot: silence to the end is one row", "[tools][traceroute]") {
  const auto svg = trace(made_path{}.hop({expired(a)}).silent(23));
  CHECK_THAT(svg, Contains(">2-24</text>"));
  CHECK(occurrences(svg, ">silent</text>") == 1);
  CHECK_THAT(svg, Contains("not reached, hop 1 is the last"));
  const auto nothing = trace(made_path{}.silent(5));
  CHECK_THAT(nothing, Contains("no answer") && Contains("nothing answers") && !Contains("RTT, ms"));
}

TEST_CASE("path plot: late answers, refusals and several addresses", "[tools][traceroute]") {
  auto late = after(expired(b), 3ms);
  late.late = true;
  made_path path;
  path.hop({after(expired(a), 1ms), late}).hop({after(refused(b, probe::reason::admin_prohibited), 2ms)});
  const auto svg = trace(path);
  CHECK_THAT(svg, Contains(">198.51.100.1 +1</text>"));
  CHECK_THAT(svg, Contains("stroke=\"#c76b00\"") && Contains("fill=\"#d1242f\""));
}

TEST_CASE("path plot: a name without room is cut, an address is not", "[tools][traceroute]") {
  traceroute::label_sources from;
  from.find_name = [](const ip_address&) {
    return std::optional<std::optional<std::string>>{"<b>&" + std::string(80, 'x') + ".example"};
  };
  const traceroute::address_labels labels{from};
  const auto svg = trace(made_path{}.hop({expired(a)}), labels);
  CHECK_THAT(svg, Contains("&lt;b&gt;&amp;xxx") && Contains("x... (198.51.100.1)</text>"));
  CHECK_THAT(svg, !Contains("<b>"));
}

TEST_CASE("path plot: rounds show spread and loss", "[tools][traceroute]") {
  std::vector<probe::hop_figures> hops;
  hops.push_back(figures(1, 100, 0));
  hops.push_back(figures(2, 0, 100));
  hops.push_back(figures(3, 40, 60));  // answers less than it forwards
  hops.push_back(figures(4, 100, 0));
  const std::vector<plotted_report> all{{target, hops}};
  const auto svg = report_plot(all, {}, "of 2026");
  CHECK(occurrences(svg, "fill-opacity=\"0.35\"") == 4);  // three bars and the legend's
  CHECK_THAT(svg, Contains("hop 4: 100 sent, 100 received, 0% loss, min 4, p50 4.49, p95 4.94, max 4.99 ms"));
  CHECK_THAT(svg,
             Contains(">limited, 60.0%</text>") && Contains(">silent</text>") && Contains(">0.0%</text>"));

  SECTION("loss that goes on is red") {
    std::vector<probe::hop_figures> lossy;
    lossy.push_back(figures(1, 100, 0));
    for (std::uint8_t hop = 2; hop <= 4; ++hop) lossy.push_back(figures(hop, 80, 20));
    const std::vector<plotted_report> red{{target, lossy}};
    const auto text = report_plot(red, {}, "");
    CHECK(occurrences(text, "fill=\"#d1242f\">20.0%</text>") == 3);
  }
  SECTION("no hops at all") {
    const std::vector<plotted_report> none{{target, {}}};
    CHECK_THAT(report_plot(none, {}, ""), Contains("no hop answers"));
  }
}

TEST_CASE("path plot: no more panels than a picture holds", "[tools][traceroute]") {
  const auto path = made_path{}.hop({expired(a)}).done();
  const std::vector<plotted_trace> all(traceroute::most_plotted_paths + 5, {"x", &path});
  CHECK(occurrences(trace_plot(all, {}, ""), ">x</text>") == traceroute::most_plotted_paths);
}
