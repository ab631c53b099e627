// Tables and colours.
#include "libdiag/report/table.hpp"

#include "libdiag/report/style.hpp"

#include "tests/catch.hpp"

using namespace diag::report;

TEST_CASE("table: aligns columns and leaves no blanks at the ends", "[report][table]") {
  text_table table{{{"target"}, {"loss", text_table::align::right}, {"note"}}};
  table.row({"192.0.2.1", "0%", "alive"});
  table.row({"gw", "100%"});
  CHECK(table.rows() == 2);
  CHECK(table.text() ==
        "target     loss  note\n"
        "192.0.2.1    0%  alive\n"
        "gw         100%\n");
}

TEST_CASE("table: colours and UTF-8 do not shift columns", "[report][table]") {
  const style colour{color_when::always, false, {}};
  text_table table{{{"a"}, {"b"}}};
  table.row({colour.bad("down"), "x"});
  table.row({"h\xC3\xB6she", "y"});
  CHECK(table.text() ==
        "a      b\n"
        "\033[31mdown\033[39m   x\n"
        "h\xC3\xB6she  y\n");
  CHECK(display_width(colour.good("abc")) == 3);
}

TEST_CASE("style: automatic colour asks the terminal, NO_COLOR and TERM", "[report][style]") {
  using enum color_when;
  CHECK(style{automatic, true, {nullptr, "xterm"}}.on());
  CHECK(style{automatic, true, {"", "xterm"}}.on());
  CHECK_FALSE(style{automatic, false, {nullptr, "xterm"}}.on());
  CHECK_FALSE(style{automatic, true, {"1", "xterm"}}.on());
  CHECK_FALSE(style{automatic, true, {nullptr, "dumb"}}.on());
  CHECK_FALSE(style{automatic, true, {}}.on());
  CHECK(style{always, false, {"1", "dumb"}}.on());
  CHECK_FALSE(style{never, true, {nullptr, "xterm"}}.on());
  CHECK(style{}.bad("x") == "x");
  CHECK(parse_color("auto") == automatic);
  CHECK_FALSE(parse_color("red").has_value());
}
