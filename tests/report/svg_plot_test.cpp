// Pictures as text: what must be in them, and that they stay small and well-formed.
#include "libdiag/report/svg_plot.hpp"

#include <string_view>

#include "tests/catch.hpp"

using namespace diag::report;
using Catch::Matchers::Contains;

namespace {

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

plot_panel run_of(std::size_t samples) {
  plot_panel panel{.target = "192.0.2.1", .samples = {}, .sent = samples, .received = samples};
  for (std::size_t i = 0; i < samples; ++i)
    panel.samples.push_back({static_cast<double>(i), 1.0 + static_cast<double>(i % 7), plot_state::answered});
  return panel;
}

/// Every `<` opens a tag that is closed in order; enough for what the writer makes.
bool balanced(std::string_view svg) {
  std::vector<std::string> open;
  for (auto at = svg.find('<'); at != std::string_view::npos; at = svg.find('<', at + 1)) {
    const auto end = svg.find('>', at);
    if (end == std::string_view::npos) return false;
    const auto tag = svg.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos) return false;
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

}  // namespace

TEST_CASE("svg_plot: draws a point for each answer and a mark for each loss", "[report][plot]") {
  auto panel = run_of(5);
  panel.samples[2] = {2, std::nullopt, plot_state::lost};
  panel.samples.push_back({4, 9.0, plot_state::duplicate});
  panel.p50_ms = 2;
  panel.p95_ms = 4;
  const auto svg = svg_plot(std::span{&panel, 1}, "caption");
  CHECK(balanced(svg));
  CHECK(occurrences(svg, "r=\"2.6\"") == 4);
  CHECK_THAT(svg, Contains(">lost</text>") && Contains(">duplicate</text>") && Contains(">p50 2</text>"));
  CHECK(occurrences(svg, ">late</text>") == 0);
  // The line breaks at the loss: two pieces.
  CHECK(occurrences(svg, "path d=\"M") + occurrences(svg, " M") == 2);
}

TEST_CASE("svg_plot: text from outside cannot leave its place", "[report][plot]") {
  auto panel = run_of(1);
  panel.target = "</text><script>alert(1)</script>&\"\x1b\xff" + std::string(300, 'x');
  const auto svg = svg_plot(std::span{&panel, 1}, "<b>\x07");
  CHECK(balanced(svg));
  CHECK(occurrences(svg, "<script") == 0);
  CHECK(occurrences(svg, std::string(100, 'x')) == 0);
  CHECK_THAT(svg, Contains("&lt;b&gt;\\x07"));
}

TEST_CASE("svg_plot: says so when nothing came", "[report][plot]") {
  plot_panel panel{.target = "dead", .samples = {{0, std::nullopt, plot_state::lost}}, .sent = 1};
  CHECK_THAT(svg_plot(std::span{&panel, 1}, ""), Contains("no answer in time"));
  CHECK(balanced(svg_plot({}, "no target")));
}

TEST_CASE("svg_plot: a long run stays a small picture", "[report][plot]") {
  auto panel = run_of(200'000);
  for (std::size_t i = 0; i < panel.samples.size(); i += 2)
    panel.samples[i] = {static_cast<double>(i), std::nullopt, plot_state::lost};
  for (std::size_t i = 1; i < panel.samples.size(); i += 8) panel.samples[i].state = plot_state::late;
  const auto svg = svg_plot(std::span{&panel, 1}, "");
  CHECK(balanced(svg));
  CHECK(svg.size() < 600'000);
}
