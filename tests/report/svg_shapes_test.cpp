// Elements of pictures, and text that must not become markup.
#include "libdiag/report/svg_shapes.hpp"

#include "tests/catch.hpp"

using namespace diag::report;
using Catch::Matchers::Contains;

TEST_CASE("svg shapes: text is no markup", "[report][svg]") {
  CHECK(svg::text_at(1, 2.25, "start", 12, svg::ink, "<a href=\"x\">&") ==
        "<text x=\"1.0\" y=\"2.2\" text-anchor=\"start\" font-size=\"12\" fill=\"#1f2328\">&lt;a "
        "href=&quot;x&quot;&gt;&amp;</text>\n");
}

TEST_CASE("svg shapes: text is cut between characters and made safe", "[report][svg]") {
  CHECK(svg::shortened("short", 8) == "short");
  CHECK(svg::shortened("0123456789", 8) == "01234...");
  CHECK(svg::shortened("\x1b[0m", 20) == "\\x1b[0m");
  // Two octets a character: a cut in the middle of one goes back to its begin.
  CHECK(svg::shortened("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 8) == "\xc3\xa4\xc3\xa4...");
}

TEST_CASE("svg shapes: a sheet is a whole file", "[report][svg]") {
  const auto file = svg::sheet(100, 50, 90, "a & b", svg::line(0, 1, 2, 3, svg::grid));
  CHECK_THAT(file, Catch::StartsWith("<?xml") && Contains("width=\"100\" height=\"50\"") &&
                       Contains("<title>a &amp; b</title>") && Contains("<line x1=\"0.0\"") &&
                       Catch::EndsWith("</svg>\n"));
}
