// The live view of diag-ping on a grid: what a terminal of any size would show.
#include <algorithm>
#include <string>
#include <vector>

#include "tools/ping/live_figures.hpp"
#include "tools/ping/live_samples.hpp"
#include "tools/ping/live_screen.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::ping;
using namespace diag::tools;

namespace {

constexpr auto unicode = live_grid::glyph_set::unicode;
constexpr auto ascii = live_grid::glyph_set::ascii;

/// Targets whose probes leave every second from 100 s on.
struct world {
  static constexpr mono_time start{100s};
  explicit world(std::vector<std::string> labels)
      : screen{labels}, rtt(labels.size()), loss(labels.size()), accounts(labels.size()) {
    for (std::uint32_t i = 0; i < accounts.size(); ++i) accounts[i].target = i;
  }
  void answer(std::uint32_t target, int second, duration time) {
    probe::ping_reply reply;
    reply.target = target;
    reply.at = start + std::chrono::seconds{second} + time;
    reply.rtt = time;
    screen.add(reply);
    rtt[target].add(time);
    settle(target, second, probe::loss_runs::outcome::answered);
    auto& account = accounts[target];
    ++account.sent;
    ++account.received;
    account.last_rtt = time;
  }
  void lose(std::uint32_t target, int second) {
    probe::ping_timeout timeout;
    timeout.target = target;
    timeout.at = start + std::chrono::seconds{second} + 1s;
    timeout.waited = 1s;
    screen.add(timeout);
    settle(target, second, probe::loss_runs::outcome::lost);
    ++accounts[target].sent;
    ++accounts[target].lost;
  }
  void settle(std::uint32_t target, int second, probe::loss_runs::outcome what) {
    loss[target].settle(static_cast<std::uint32_t>(second + 1), start + std::chrono::seconds{second}, what);
  }
  live_grid paint(int second, int rows, int columns, live_grid::glyph_set glyphs = unicode) {
    live_grid grid{rows, columns, glyphs};
    screen.paint(grid, start + std::chrono::seconds{second}, [&](std::uint32_t target) {
      auto account = accounts[target];
      account.elapsed = std::chrono::seconds{second};
      account.rtt = &rtt[target];
      account.loss = &loss[target];
      return account;
    });
    return grid;
  }

  live_screen screen;
  std::vector<probe::rtt_statistics> rtt;
  std::vector<probe::loss_runs> loss;
  std::vector<probe::ping_summary> accounts;
};

std::string all(const live_grid& grid) {
  std::string text;
  for (int row = 0; row < grid.rows(); ++row) text += grid.text(row) + "\n";
  return text;
}

bool holds(const live_grid& grid, const std::string& words) {
  return all(grid).find(words) != std::string::npos;
}

int count(const live_grid& grid, char32_t glyph, live_ink ink) {
  int found = 0;
  for (int row = 0; row < grid.rows(); ++row)
    for (int column = 0; column < grid.columns(); ++column)
      found += grid.at(row, column).glyph == glyph && grid.at(row, column).ink == ink ? 1 : 0;
  return found;
}

int row_of(const live_grid& grid, const std::string& name) {
  for (int row = 0; row < grid.rows(); ++row)
    if (grid.text(row).starts_with(name)) return row;
  return -1;
}

}  // namespace

TEST_CASE("live samples: duplicates and late answers are none", "[tools][ping][live]") {
  probe::ping_reply reply;
  reply.target = 3;
  reply.at = mono_time{5s};
  reply.rtt = 1s;
  REQUIRE(sample_of(reply));
  CHECK(sample_of(reply)->target == 3);
  CHECK(sample_of(reply)->sample.sent == mono_time{4s});
  reply.what = probe::ping_reply::kind::duplicate;
  CHECK_FALSE(sample_of(reply));
  reply.what = probe::ping_reply::kind::late;
  CHECK_FALSE(sample_of(reply));
}

TEST_CASE("live samples: an error counts once, as ours or as the path's", "[tools][ping][live]") {
  probe::ping_error error;
  error.closes = false;
  CHECK_FALSE(sample_of(error));
  error.closes = true;
  CHECK(sample_of(error)->sample.what == live_sample::fate::not_sent);
  error.from = *parse_ip("192.0.2.9");
  error.why = probe::reason::host_unreachable;
  CHECK(sample_of(error)->sample.what == live_sample::fate::refused);
}

TEST_CASE("live screen: down is what the latest probe says, whenever its timeout comes",
          "[tools][ping][live]") {
  world it{{"a"}};
  it.lose(0, 1);
  it.answer(0, 2, 1ms);
  it.lose(0, 0);  // sent before both, told last
  CHECK_FALSE(holds(it.paint(4, 10, 80), "DOWN"));
  it.lose(0, 3);
  CHECK(holds(it.paint(4, 10, 80), "DOWN"));
}

TEST_CASE("live screen: one target shows figures and a graph", "[tools][ping][live]") {
  world it{{"192.0.2.1"}};
  for (int i = 0; i < 10; ++i) it.answer(0, i, std::chrono::milliseconds{10 + i});
  const auto grid = it.paint(10, 20, 80);
  CHECK(grid.text(0).starts_with("192.0.2.1"));
  for (const auto* words :
       {"up", "loss 0%", "last 19.0 ms", "min 10.0", "avg 14.5", "max 19.0", "p95 19.0", "p99 19.0", "jitter",
        "sent 10", "received 10", "20.0 ms", "now", "0:10", "q quit"})
    CHECK(holds(grid, words));
  CHECK(count(grid, U'█', live_ink::good) > 10);
  CHECK(count(grid, U'×', live_ink::bad) == 0);
}

TEST_CASE("live screen: the scale is whole below a millisecond and above a second", "[tools][ping][live]") {
  world fast{{"a"}};
  fast.answer(0, 0, 38us);
  CHECK(holds(fast.paint(1, 12, 60), "\n0.040 ms"));
  world slow{{"a"}};
  slow.answer(0, 0, 14s);
  CHECK(holds(slow.paint(1, 12, 60), " 15 s "));
}

TEST_CASE("live screen: bars grow with the time", "[tools][ping][live]") {
  world it{{"a"}};
  it.answer(0, 0, 10ms);
  it.answer(0, 1, 20ms);
  const auto grid = it.paint(1, 20, 60);
  const auto cells = [&](int column) {
    int full = 0;
    for (int row = 0; row < grid.rows(); ++row) full += grid.at(row, column).glyph == U'█' ? 1 : 0;
    return full;
  };
  CHECK(cells(59) == 2 * cells(58));
  CHECK(cells(58) > 0);
}

TEST_CASE("live screen: loss is red, through the whole height where nothing came", "[tools][ping][live]") {
  world it{{"a"}};
  it.answer(0, 0, 10ms);
  it.lose(0, 1);
  it.lose(0, 2);
  const auto grid = it.paint(3, 20, 60);
  CHECK(count(grid, U'×', live_ink::bad) == 2);
  CHECK(count(grid, U'░', live_ink::bad) % 2 == 0);
  CHECK(count(grid, U'░', live_ink::bad) > 10);
  CHECK(holds(grid, "DOWN for 0:02, 2 lost in a row"));
  CHECK(holds(grid, "loss 67%"));
}

TEST_CASE("live screen: ASCII alone where the locale knows no more", "[tools][ping][live]") {
  world it{{"a", "b"}};
  for (int i = 0; i < 5; ++i) it.answer(0, i, 10ms);
  it.lose(0, 5);
  for (const bool open : {false, true}) {
    if (open) it.screen.press(live_key::open);
    const auto grid = it.paint(6, 20, 80, ascii);
    const auto text = all(grid);
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    CHECK(count(grid, U'x', live_ink::bad) == 1);
  }
}

TEST_CASE("live screen: draws at every size without leaving the grid", "[tools][ping][live]") {
  for (const std::size_t targets : {1U, 2U, 40U}) {
    world it{std::vector<std::string>(targets, "host.example.net")};
    for (int i = 0; i < 30; ++i) i % 7 == 0 ? it.lose(0, i) : it.answer(0, i, std::chrono::milliseconds{i});
    for (int rows = 1; rows <= 30; ++rows)
      for (int columns = 1; columns <= 120; columns += 3) {
        const auto grid = it.paint(31, rows, columns);
        CHECK_FALSE(grid.text(0).empty());
      }
  }
}

TEST_CASE("live screen: 20 by 5 still tells target, state and loss", "[tools][ping][live]") {
  world one{{"192.0.2.1"}};
  one.lose(0, 0);
  const auto figures = one.paint(1, 5, 20);
  CHECK(figures.text(0) == "192.0.2.1       0:01");
  CHECK(holds(figures, "DOWN for 0:01"));
  CHECK(holds(figures, "loss 100%"));

  world two{{"192.0.2.1", "192.0.2.2", "a-long-name.example.net"}};
  two.lose(1, 0);
  const auto list = two.paint(1, 5, 20);
  CHECK(list.text(2).starts_with("192.0.2."));
  CHECK(list.text(3).find("100") != std::string::npos);
}

TEST_CASE("live screen: sorts by loss, by rtt and by name", "[tools][ping][live]") {
  world it{{"h10", "h9", "h1"}};
  it.answer(0, 0, 5ms);
  it.answer(1, 0, 90ms);
  it.answer(2, 0, 1ms);
  it.lose(2, 1);
  const auto order = [&] {
    const auto grid = it.paint(2, 10, 80);
    return std::vector{row_of(grid, "h10"), row_of(grid, "h9"), row_of(grid, "h1 ")};
  };
  CHECK(order() == std::vector{2, 3, 4});
  it.screen.press(live_key::by_loss);
  CHECK(order() == std::vector{3, 4, 2});
  it.screen.press(live_key::by_rtt);
  CHECK(order() == std::vector{3, 2, 4});
  it.screen.press(live_key::by_name);
  CHECK(order() == std::vector{4, 3, 2});
  it.screen.press(live_key::by_name);
  CHECK(order() == std::vector{2, 3, 4});
}

TEST_CASE("live screen: scrolls to keep the cursor in sight and stops at both ends", "[tools][ping][live]") {
  std::vector<std::string> labels;
  for (int i = 0; i < 100; ++i) labels.push_back("host-" + std::to_string(i) + ".");
  world it{labels};
  it.paint(1, 23, 80);  // 20 rows of targets
  it.screen.press(live_key::page_down);
  auto grid = it.paint(1, 23, 80);
  CHECK(row_of(grid, "host-20.") > 0);
  CHECK(row_of(grid, "host-0.") == -1);
  CHECK(grid.at(row_of(grid, "host-20."), 0).inverse);
  it.screen.press(live_key::end);
  it.screen.press(live_key::down);
  grid = it.paint(1, 23, 80);
  CHECK(grid.at(row_of(grid, "host-99."), 0).inverse);
  it.screen.press(live_key::home);
  it.screen.press(live_key::up);
  grid = it.paint(1, 23, 80);
  CHECK(grid.at(row_of(grid, "host-0."), 0).inverse);
}

TEST_CASE("live screen: pause stops the clock until it is pressed again", "[tools][ping][live]") {
  world it{{"a"}};
  it.answer(0, 0, 5ms);
  it.paint(1, 20, 60);
  it.screen.press(live_key::pause);
  const auto before = it.paint(1, 20, 60);
  CHECK(holds(before, "PAUSED"));
  const auto column = [&](const live_grid& grid) {
    for (int at = 0; at < grid.columns(); ++at)
      if (grid.at(10, at).ink == live_ink::good) return at;
    return -1;
  };
  CHECK(column(it.paint(9, 20, 60)) == column(before));
  it.screen.press(live_key::pause);
  CHECK(column(it.paint(9, 20, 60)) == column(before) - 8);
}

TEST_CASE("live screen: a name from outside cannot drive the terminal", "[tools][ping][live]") {
  world it{{"evil\x1b[2J\nname"}};
  CHECK(it.paint(1, 5, 40).text(0).starts_with("evil\\x1b[2J\\x0aname"));
}
