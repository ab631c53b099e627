// The live view of diag-traceroute on a grid: what a terminal of any size would show.
#include <algorithm>
#include <string>
#include <vector>

#include "tools/traceroute/live_columns.hpp"
#include "tools/traceroute/live_path.hpp"
#include "tools/traceroute/live_screen.hpp"

#include "tests/catch.hpp"
#include "tests/tools/hop_stage.hpp"

using namespace diag;
using namespace diag::traceroute;
using tools::live_grid;
using tools::live_ink;

namespace {

constexpr auto unicode = live_grid::glyph_set::unicode;
constexpr auto ascii = live_grid::glyph_set::ascii;

/// Paths whose hops are asked every second from 100 s on.
struct world {
  static constexpr mono_time start{100s};
  explicit world(std::vector<std::string> subjects, address_labels known = {})
      : labels{std::move(known)},
        paths(subjects.size()),
        screen{subjects, labels, live_paths{subjects.size(), 255, 1s}} {}

  /// The same answers for the figures and for the history; a negative time is a loss.
  void hop(std::uint32_t target, int number, const std::string& address,
           const std::vector<duration>& probes) {
    std::vector<duration> answered;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      probe::path_result result;
      result.asked.target = target;
      result.asked.hop = static_cast<std::uint8_t>(number);
      const bool lost = probes[i] < 0ns;
      result.answer.state = lost ? probe::hop_state::silent : probe::hop_state::time_exceeded;
      result.answer.at = start + std::chrono::seconds{i} + (lost ? 1s : probes[i]);
      if (!lost) {
        result.answer.rtt = probes[i];
        answered.push_back(probes[i]);
      }
      screen.add(result);
    }
    paths[target].push_back(hop_of(number, address, answered, probes.size() - answered.size()));
  }
  live_grid paint(int second, int rows, int columns, live_grid::glyph_set glyphs = unicode) {
    live_grid grid{rows, columns, glyphs};
    const live_moment moment{start + std::chrono::seconds{second}, std::chrono::seconds{second},
                             static_cast<std::uint64_t>(second)};
    screen.paint(grid, moment, [&](std::uint32_t target) { return std::span{paths[target]}; });
    return grid;
  }

  address_labels labels;
  std::vector<std::vector<probe::hop_figures>> paths;
  live_screen screen;
};

std::string all(const live_grid& grid) {
  std::string text;
  for (int row = 0; row < grid.rows(); ++row) text += grid.text(row) + "\n";
  return text;
}

bool holds(const live_grid& grid, const std::string& words) {
  return all(grid).find(words) != std::string::npos;
}

int row_of(const live_grid& grid, const std::string& words) {
  for (int row = 0; row < grid.rows(); ++row)
    if (grid.text(row).find(words) != std::string::npos) return row;
  return -1;
}

int count(const live_grid& grid, char32_t glyph, live_ink ink) {
  int found = 0;
  for (int row = 0; row < grid.rows(); ++row)
    for (int column = 0; column < grid.columns(); ++column)
      found += grid.at(row, column).glyph == glyph && grid.at(row, column).ink == ink ? 1 : 0;
  return found;
}

std::vector<duration> times(std::size_t number, duration each) {
  return std::vector<duration>(number, each);
}

/// Every second probe lost.
std::vector<duration> half(std::size_t number, duration each) {
  auto list = times(number, each);
  for (std::size_t i = 0; i < number; i += 2) list[i] = -1ns;
  return list;
}

/// A path of `length` routers, all of whose probes are answered.
world path_of(int length) {
  world it{{"host.example (192.0.2.9)"}};
  for (int i = 1; i <= length; ++i)
    it.hop(0, i, "198.51.100." + std::to_string(i), times(20, std::chrono::milliseconds{i}));
  return it;
}

}  // namespace

TEST_CASE("live path screen: 80 by 24 shows hops with figures and graphs", "[tools][traceroute][live]") {
  auto it = path_of(6);
  const auto grid = it.paint(20, 24, 80);
  CHECK(grid.text(0) == "host.example (192.0.2.9), round 20                          0:20  h help  q quit");
  CHECK(grid.text(1).starts_with("    Host"));
  for (const auto* words : {"Loss%", "Snt", "Last", "Avg", "Wrst", "0 to 6 ms"}) CHECK(holds(grid, words));
  const auto row = grid.text(4);
  CHECK(row.starts_with(" 3. 198.51.100.3"));
  CHECK(row.find(" 0.0%     20   3.00   3.00") != std::string::npos);
  CHECK(row.find("▄▄▄▄") != std::string::npos);  // half of the 6 ms that a full bar is
  CHECK(holds(grid, "hop 6, 198.51.100.6"));     // the graph of the last hop, below
  CHECK(holds(grid, "6.00 ms"));
  CHECK(grid.text(23).starts_with("arrows hop  d display"));
}

TEST_CASE("live path screen: 200 by 50 has room for all figures, names and addresses",
          "[tools][traceroute][live]") {
  world it{{"2001:db8::9"}, labels_of({{"2001:db8::1", "gw.example"}})};
  it.hop(0, 1, "2001:db8::1", times(20, 1ms));
  it.hop(0, 2, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", times(20, 2ms));
  const auto grid = it.paint(20, 50, 200);
  for (const auto* words : {"Loss%", "Snt", "Last", "Avg", "Best", "Wrst", "StDev", "P95", "Jttr"})
    CHECK(grid.text(1).find(words) != std::string::npos);
  CHECK(holds(grid, "gw.example (2001:db8::1)"));
  CHECK(holds(grid, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff  "));
  // The graph below is twenty rows, not the whole screen.
  CHECK(row_of(grid, "hop 2, ") == 28);
}

TEST_CASE("live path screen: 20 by 5 still tells hop and loss", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.100", times(3, 1ms));
  it.hop(0, 2, "198.51.100.2", {-1ns, 1ms, -1ns, 1ms});
  const auto grid = it.paint(4, 5, 20);
  CHECK(grid.text(0).starts_with("192.0.2.9, round 4"));
  CHECK(grid.text(2) == " 1. 198.51.1…  0.0%");
  CHECK(grid.text(3).starts_with(" 2. 198.51.1… 50.0%?"));
}

TEST_CASE("live path screen: draws at every size without leaving the grid", "[tools][traceroute][live]") {
  for (const int hops : {0, 1, 5, 40, 255}) {
    auto it = path_of(hops);
    for (const auto key :
         {live_key::display, live_key::jitter, live_key::down, live_key::display, live_key::help}) {
      for (int rows = 1; rows <= 30; rows += 4)
        for (int columns = 1; columns <= 130; columns += 9)
          CHECK_FALSE(it.paint(21, rows, columns).text(0).empty());
      it.screen.press(key);
    }
  }
  CHECK(path_of(1).paint(1, 1, 1).text(0) == "h");
}

TEST_CASE("live path screen: loss on the way is red and named, loss of answers is yellow and named",
          "[tools][traceroute][live]") {
  world lossy{{"192.0.2.9"}};
  lossy.hop(0, 1, "198.51.100.1", times(200, 1ms));
  lossy.hop(0, 2, "198.51.100.2", half(200, 1ms));
  lossy.hop(0, 3, "198.51.100.3", half(200, 1ms));
  const auto red = lossy.paint(200, 24, 80);
  CHECK(holds(red, "hop 2: forwarding loss 50%"));
  CHECK_FALSE(holds(red, "hop 3: forwarding"));  // the same loss is not told twice
  const auto row = row_of(red, " 2. 198.51.100.2");
  const auto place = static_cast<int>(red.text(row).find("50.0%!"));
  REQUIRE(place > 0);
  CHECK(red.at(row, place).ink == live_ink::bad);
  CHECK(count(red, U'×', live_ink::bad) > 0);
  CHECK(red.at(row - 1, place + 1).ink == live_ink::plain);

  world limited{{"192.0.2.9"}};
  limited.hop(0, 1, "198.51.100.1", half(200, 1ms));
  limited.hop(0, 2, "198.51.100.2", times(200, 1ms));
  const auto yellow = limited.paint(200, 24, 80);
  CHECK(holds(yellow, "hop 1: rate-limited"));
  CHECK(holds(yellow, "50.0%~"));
  CHECK(count(yellow, U'~', live_ink::note) == 1);
}

TEST_CASE("live path screen: hops that say nothing are faint words", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.1", times(20, 1ms));
  it.hop(0, 2, "", times(20, -1ns));
  it.hop(0, 3, "198.51.100.3", times(20, 1ms));
  it.hop(0, 4, "", {});
  it.hop(0, 5, "", {});
  const auto grid = it.paint(20, 24, 80);
  CHECK(holds(grid, " 2. (silent)"));
  CHECK(holds(grid, "4-5. (waiting)"));
  CHECK(grid.at(row_of(grid, "(silent)"), 6).ink == live_ink::faint);
}

TEST_CASE("live path screen: what this host cannot send is said", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "", {});
  it.hop(0, 2, "", {});
  CHECK(holds(it.paint(1, 24, 80), "1-2. (waiting)"));
  it.paths[0][0].errors = 3;
  it.paths[0][1].errors = 2;
  const auto grid = it.paint(1, 24, 80);
  CHECK(holds(grid, "1-2. (cannot send)"));
  CHECK(holds(grid, "not sent: 5"));
  CHECK(count(grid, U'(', live_ink::bad) == 1);
}

TEST_CASE("live path screen: d goes through table, graph and both", "[tools][traceroute][live]") {
  auto it = path_of(3);
  CHECK(count(it.paint(20, 24, 80), U'█', live_ink::good) > 20);
  it.screen.press(live_key::display);
  const auto table = it.paint(20, 24, 80);
  CHECK(count(table, U'█', live_ink::good) == 0);
  CHECK(holds(table, "StDev"));
  it.screen.press(live_key::display);
  const auto graph = it.paint(20, 24, 80);
  CHECK(count(graph, U'█', live_ink::good) > 20);
  CHECK_FALSE(holds(graph, "Loss%"));
  CHECK(graph.text(4).starts_with(" 3. 198.51.100.3"));
  it.screen.press(live_key::display);
  CHECK(holds(it.paint(20, 24, 80), "Loss%"));
}

TEST_CASE("live path screen: j shows jitter between neighboring answers", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.1", {10ms, 14ms, 12ms});
  it.screen.press(live_key::jitter);
  it.screen.press(live_key::display);
  const auto grid = it.paint(3, 24, 80);
  CHECK(grid.text(1).ends_with("Loss%    Snt   Last    Avg   Jttr  Jlast   Javg   Jmax"));
  CHECK(grid.text(2).find("  2.00   3.00   4.00") != std::string::npos);
}

TEST_CASE("live path screen: n turns names off and on", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}, labels_of({{"198.51.100.1", "gw.example"}})};
  it.hop(0, 1, "198.51.100.1", {1ms});
  CHECK(holds(it.paint(1, 24, 80), " 1. gw.example "));
  it.screen.press(live_key::names);
  const auto grid = it.paint(1, 24, 80);
  CHECK(holds(grid, " 1. 198.51.100.1"));
  CHECK_FALSE(holds(grid, "gw.example"));
}

TEST_CASE("live path screen: e shows what routers append", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.1", {1ms});
  it.paths[0][0].latest.mpls.push_back({100, 0, true, 1});
  CHECK_FALSE(holds(it.paint(1, 24, 80), "MPLS"));
  it.screen.press(live_key::extensions);
  const auto grid = it.paint(1, 24, 80);
  CHECK(grid.text(3).starts_with("    <MPLS:L=100"));
}

TEST_CASE("live path screen: further addresses of a hop stand below it, eight at most",
          "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.1", {1ms});
  for (int i = 2; i <= 12; ++i)
    it.paths[0][0].addresses.push_back({*parse_ip("198.51.100." + std::to_string(i)), 1});
  const auto grid = it.paint(1, 24, 80);
  CHECK(grid.text(3) == "    198.51.100.2");
  CHECK(grid.text(9) == "    198.51.100.8");
  CHECK(grid.text(10) == "    and 4 more");
}

TEST_CASE("live path screen: a refusal is red and has its mark", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}};
  it.hop(0, 1, "198.51.100.1", {1ms});
  auto& latest = it.paths[0][0].latest;
  latest.state = probe::hop_state::unreachable;
  latest.why = probe::reason::admin_prohibited;
  latest.icmp_type = 3;
  latest.icmp_code = 13;
  const auto grid = it.paint(1, 24, 80);
  CHECK(holds(grid, " 1. 198.51.100.1 !X"));
  CHECK(grid.at(2, 5).ink == live_ink::bad);
}

TEST_CASE("live path screen: AS numbers stand before the hosts", "[tools][traceroute][live]") {
  label_sources from;
  from.find_origin = [](const ip_address& address) -> std::optional<as_origin> {
    if (to_string(address) == "198.51.100.2") return std::nullopt;
    return as_origin{64496};
  };
  world it{{"192.0.2.9"}, address_labels{std::move(from)}};
  it.hop(0, 1, "198.51.100.1", {1ms});
  it.hop(0, 2, "198.51.100.2", {1ms});
  const auto grid = it.paint(1, 24, 80);
  CHECK(grid.text(2).starts_with(" 1. AS64496  198.51.100.1"));
  CHECK(grid.text(3).starts_with(" 2. -        198.51.100.2"));
}

TEST_CASE("live path screen: more hops than rows are scrolled with the arrows", "[tools][traceroute][live]") {
  auto it = path_of(30);
  auto grid = it.paint(20, 24, 80);
  CHECK(row_of(grid, " 1. ") == 2);
  CHECK(row_of(grid, "30. ") == -1);
  CHECK(count(grid, U'1', live_ink::plain) > 0);
  it.screen.press(live_key::end);
  grid = it.paint(20, 24, 80);
  const auto last = row_of(grid, "30. ");
  CHECK(last == 22);
  CHECK(grid.at(last, 0).inverse);
  it.screen.press(live_key::down);
  CHECK(it.paint(20, 24, 80).at(22, 0).inverse);
  it.screen.press(live_key::page_up);
  grid = it.paint(20, 24, 80);
  CHECK(grid.at(row_of(grid, " 9. "), 0).inverse);
  it.screen.press(live_key::home);
  it.screen.press(live_key::up);
  grid = it.paint(20, 24, 80);
  CHECK(row_of(grid, " 1. ") == 2);
  CHECK(grid.at(2, 0).inverse);
  it.screen.press(live_key::back);
  CHECK_FALSE(it.paint(20, 24, 80).at(2, 0).inverse);
}

TEST_CASE("live path screen: the graph below is of the hop that was chosen", "[tools][traceroute][live]") {
  auto it = path_of(3);
  CHECK(holds(it.paint(20, 24, 80), "hop 3, 198.51.100.3"));
  it.screen.press(live_key::down);
  CHECK(holds(it.paint(20, 24, 80), "hop 1, 198.51.100.1"));
}

TEST_CASE("live path screen: Tab shows the next target", "[tools][traceroute][live]") {
  world it{{"192.0.2.9", "192.0.2.10"}};
  it.hop(0, 1, "198.51.100.1", {1ms});
  it.hop(1, 1, "198.51.100.2", {1ms});
  CHECK(it.paint(1, 24, 80).text(0).starts_with("[1/2] 192.0.2.9, "));
  it.screen.press(live_key::next_target);
  const auto grid = it.paint(1, 24, 80);
  CHECK(grid.text(0).starts_with("[2/2] 192.0.2.10, "));
  CHECK(holds(grid, "198.51.100.2"));
  CHECK_FALSE(holds(grid, "198.51.100.1 "));
  it.screen.press(live_key::last_target);
  CHECK(it.paint(1, 24, 80).text(0).starts_with("[1/2] 192.0.2.9, "));
}

TEST_CASE("live path screen: pause stops the clock until it is pressed again", "[tools][traceroute][live]") {
  auto it = path_of(2);
  it.paint(20, 24, 80);
  it.screen.press(live_key::pause);
  const auto paused = it.paint(30, 24, 80);
  CHECK(holds(paused, "round 20 "));
  CHECK(holds(paused, "0:20  PAUSED  p go on"));
  it.screen.press(live_key::pause);
  CHECK(holds(it.paint(30, 24, 80), "round 30 "));
}

TEST_CASE("live path screen: reset forgets the graphs", "[tools][traceroute][live]") {
  auto it = path_of(2);
  CHECK(count(it.paint(20, 24, 80), U'█', live_ink::good) > 0);
  it.screen.reset();
  CHECK(count(it.paint(20, 24, 80), U'█', live_ink::good) == 0);
}

TEST_CASE("live path screen: help lists every key and goes away again", "[tools][traceroute][live]") {
  auto it = path_of(2);
  it.screen.press(live_key::help);
  const auto help = it.paint(20, 24, 80);
  for (const auto* words : {"d  ", "j  ", "n  ", "e  ", "p Space", "r  ", "arrows", "Tab", "q  "})
    CHECK(holds(help, std::string{"\n"} + words));
  it.screen.press(live_key::back);
  CHECK(holds(it.paint(20, 24, 80), "198.51.100.1"));
}

TEST_CASE("live path screen: a name from outside cannot drive the terminal", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}, labels_of({{"198.51.100.1", "a\x1b[2J\n\xe2\x80\xae"}})};
  it.hop(0, 1, "198.51.100.1", {1ms});
  const auto grid = it.paint(1, 24, 100);
  CHECK(grid.text(2).starts_with(" 1. a\\x1b[2J\\x0a\\xe2\\x80\\xae "));
}

TEST_CASE("live path screen: a long name is clipped before the figures", "[tools][traceroute][live]") {
  world it{{"192.0.2.9"}, labels_of({{"198.51.100.1", std::string(200, 'x')}})};
  it.hop(0, 1, "198.51.100.1", times(20, 1ms));
  for (const int columns : {40, 80, 200}) {
    const auto grid = it.paint(20, 24, columns);
    CHECK(holds(grid, "x…"));
    CHECK(holds(grid, " 0.0%"));
  }
}

TEST_CASE("live path screen: ASCII alone where the locale knows no more", "[tools][traceroute][live]") {
  auto it = path_of(3);
  const auto text = all(it.paint(20, 24, 80, ascii));
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  CHECK(text.find('#') != std::string::npos);
}

TEST_CASE("live path: late answers and errors of our own are not loss", "[tools][traceroute][live]") {
  live_paths memory{1, 30, 1s};
  probe::path_result result;
  result.asked.hop = 1;
  result.answer.state = probe::hop_state::time_exceeded;
  result.answer.at = mono_time{100s};
  result.answer.rtt = 1ms;
  result.answer.late = true;
  memory.add(result);
  CHECK(memory.bins(0, 1, mono_time{100s}, 10).columns.back().answered == 0);
  result.answer.late = false;
  result.answer.state = probe::hop_state::error;
  memory.add(result);
  const auto bins = memory.bins(0, 1, mono_time{100s}, 10);
  CHECK(bins.columns.back().not_sent == 1);
  CHECK(bins.columns.back().lost == 0);
}

TEST_CASE("live path: what is not of the run is ignored", "[tools][traceroute][live]") {
  live_paths memory{2, 30, 1s};
  probe::path_result result;
  result.answer.state = probe::hop_state::silent;
  for (const int hop : {0, 31, 255}) {
    result.asked.hop = static_cast<std::uint8_t>(hop);
    memory.add(result);
  }
  result.asked.hop = 1;
  result.asked.target = 2;
  memory.add(result);
  for (std::uint32_t target = 0; target < 2; ++target)
    for (int hop = 1; hop <= 30; ++hop)
      CHECK(memory.bins(target, static_cast<std::uint8_t>(hop), mono_time{1s}, 5).columns.back().lost == 0);
}

TEST_CASE("live columns: figures go by importance where there is little room", "[tools][traceroute][live]") {
  const auto shown = [](int columns, live_mode mode) {
    live_grid grid{2, columns, unicode};
    live_columns{{columns, 2, 15}, mode, false}.draw_head(grid, 1, 1ms);
    return grid.text(1);
  };
  CHECK(shown(80, live_mode::table).ends_with("Loss%    Snt   Last    Avg   Best   Wrst  StDev    P95"));
  CHECK(shown(40, live_mode::table).ends_with("Loss%   Last    Avg"));
  CHECK(shown(26, live_mode::both).ends_with("Loss%"));
  CHECK(shown(8, live_mode::table) == "    Host");
}
