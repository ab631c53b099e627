// The parts that live views are made of: grid, history, graph, lines, terminal.
#include <cstdlib>
#include <string>

#include "tools/common/live_graph.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/common/live_history.hpp"
#include "tools/common/live_lines.hpp"
#include "tools/common/live_terminal.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::tools;

namespace {

constexpr auto unicode = live_grid::glyph_set::unicode;
constexpr auto ascii = live_grid::glyph_set::ascii;

}  // namespace

TEST_CASE("live grid: clips what lies outside", "[tools][live]") {
  live_grid grid{2, 4, unicode};
  CHECK(grid.put(0, 2, "abc") == 5);
  grid.put(-1, 0, "x");
  grid.put(2, 0, "x");
  grid.set(0, -1, U'x');
  CHECK(grid.text(0) == "  ab");
  CHECK(grid.text(1).empty());
}

TEST_CASE("live grid: a glyph that is not one column wide becomes a question mark", "[tools][live]") {
  live_grid grid{1, 8, unicode};
  grid.put(0, 0, "é語e\xcc\x81█");
  CHECK(grid.text(0) == "é?e?█");
  live_grid plain{1, 8, ascii};
  plain.put(0, 0, "aé█");
  CHECK(plain.text(0) == "a??");
}

TEST_CASE("live lines: a text that is too long ends in a mark", "[tools][live]") {
  live_grid grid{3, 12, unicode};
  CHECK(put_clipped(grid, 0, 1, 5, "abcdef") == 6);
  CHECK(grid.text(0) == " abcd…");
  CHECK(put_clipped(grid, 1, 0, 6, "abcdéf") == 6);
  CHECK(grid.text(1) == "abcdéf");
  CHECK(put_clipped(grid, 2, 4, 0, "abc") == 4);
  CHECK(grid.text(2).empty());
  live_grid plain{1, 12, ascii};
  put_clipped(plain, 0, 0, 3, "abcdef");
  CHECK(plain.text(0) == "ab~");
}

TEST_CASE("live lines: figures wrap between, not within", "[tools][live]") {
  live_grid grid{3, 12, unicode};
  CHECK(flow(grid, 0, 3, {{"loss 0%"}, {"up"}, {"sent 10"}}) == 2);
  CHECK(grid.text(0) == "loss 0%  up");
  CHECK(grid.text(1) == "sent 10");
}

TEST_CASE("live lines: the title gives way from the right", "[tools][live]") {
  live_grid wide{1, 40, unicode};
  draw_title(wide, "192.0.2.1", 61s, "q quit", false);
  CHECK(wide.text(0) == "192.0.2.1                   1:01  q quit");
  live_grid narrow{1, 18, unicode};
  draw_title(narrow, "192.0.2.1", 61s, "q quit", false);
  CHECK(narrow.text(0) == "192.0.2.1   q quit");
}

TEST_CASE("live history: remembers no more than its share", "[tools][live]") {
  live_history one{1};
  CHECK(one.capacity() == live_history::most);
  live_history many{65'536};
  CHECK(many.capacity() == live_history::least);
  for (int i = 0; i < 1000; ++i)
    many.add(0, {mono_time{std::chrono::seconds{i}}, {}, live_sample::fate::lost});
  CHECK(many.size(0) == live_history::least);
  CHECK(many.size(1) == 0);
}

TEST_CASE("live history: a line outside the run is ignored", "[tools][live]") {
  live_history history{1};
  history.add(7, {});
  CHECK(history.size(0) == 0);
  CHECK(history.down() == 0);
}

TEST_CASE("live history: one column a probe although probes leave a little late", "[tools][live]") {
  live_history history{1};
  for (int i = 0; i < 20; ++i)
    history.add(0, {mono_time{std::chrono::seconds{i} + std::chrono::milliseconds{i % 3}}, 10ms,
                    live_sample::fate::answered});
  const auto bins = history.bins(0, mono_time{19s + 100ms}, 20);
  CHECK(bins.step == 1s);
  for (const auto& bin : bins.columns) CHECK(bin.answered == 1);
}

TEST_CASE("live history: forgets when told to", "[tools][live]") {
  live_history history{2};
  history.add(1, {mono_time{1s}, {}, live_sample::fate::lost});
  CHECK(history.is_down(1));
  history.clear();
  CHECK(history.size(1) == 0);
  CHECK(history.down() == 0);
  history.add(1, {mono_time{2s}, 1ms, live_sample::fate::answered});
  CHECK(history.size(1) == 1);
}

TEST_CASE("live graph: a round scale holds the longest time", "[tools][live]") {
  CHECK(round_top(0ns) == 1ms);
  CHECK(round_top(41us) == 50us);
  CHECK(round_top(20ms) == 20ms);
  CHECK(round_top(20ms + 1ns) == 30ms);
  CHECK(round_top(999ms) == 1s);
}

TEST_CASE("live graph: times have three figures", "[tools][live]") {
  CHECK(short_ms(41us) == "0.041");
  CHECK(short_ms(12'345us) == "12.3");
  CHECK(short_ms(1'234ms) == "1234");
  CHECK(short_ms(21'900ns) == "0.021");  // as rows and verdicts have it
  CHECK(clock_text(7s) == "0:07");
  CHECK(clock_text(3'661s) == "1:01:01");
  CHECK(clock_text(1'500ms) == "1.5s");
}

TEST_CASE("live terminal: a dumb or unnamed terminal is refused in one sentence", "[tools][live]") {
  const char* const before = std::getenv("TERM");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TERM", "dumb", 1);
  auto opened = live_terminal::open(true);
  REQUIRE(opened.has_error());
  CHECK(describe(opened.error()) ==
        "cannot show the live view: a dumb terminal cannot place its cursor (TERM=dumb) (run without "
        "--live)");
  ::unsetenv("TERM");
  opened = live_terminal::open(true);
  REQUIRE(opened.has_error());
  CHECK(describe(opened.error()).find("TERM is not set") != std::string::npos);
  if (before != nullptr) ::setenv("TERM", kept.c_str(), 1);
}
