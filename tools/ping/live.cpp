// The keys of the live view, and when it is drawn. What is drawn is live_screen's.
#include "tools/ping/live.hpp"

#include "tools/common/live_terminal.hpp"
#include "tools/ping/live_screen.hpp"

namespace diag::ping {
namespace {

using tools::curses;

struct binding {
  int key;
  live_key meaning;
};
constexpr binding bindings[] = {{curses::up, live_key::up},
                                {'k', live_key::up},
                                {curses::down, live_key::down},
                                {'j', live_key::down},
                                {curses::page_up, live_key::page_up},
                                {curses::page_down, live_key::page_down},
                                {curses::home, live_key::home},
                                {curses::end, live_key::end},
                                {curses::enter, live_key::open},
                                {curses::escape, live_key::back},
                                {'l', live_key::by_loss},
                                {'r', live_key::by_rtt},
                                {'n', live_key::by_name},
                                {'p', live_key::pause},
                                {' ', live_key::pause}};

}  // namespace

struct live_view::state {
  live_screen screen;
  std::unique_ptr<tools::live_terminal> terminal;
  bool stale = true;  ///< a key or a new size calls for a drawing even while paused
};

result<std::unique_ptr<live_view>> live_view::open(std::vector<std::string> labels, bool color) {
  auto terminal = tools::live_terminal::open(color);
  if (!terminal) return terminal.error();
  return std::unique_ptr<live_view>{
      new live_view{std::unique_ptr<state>{new state{live_screen{std::move(labels)}, std::move(*terminal)}}}};
}

live_view::live_view(std::unique_ptr<state> made) : state_{std::move(made)} {}
live_view::~live_view() = default;

int live_view::input_fd() const {
  return state_->terminal->input_fd();
}

bool live_view::handle_input() {
  if (!state_->terminal->is_open()) return false;
  while (const int key = state_->terminal->key()) {
    if (key == 'q' || key == 'Q') return false;
    for (const auto& [pressed, meaning] : bindings)
      if (pressed == key) state_->screen.press(meaning);
    state_->stale = true;
  }
  return !state_->terminal->gone();
}

void live_view::add(const probe::ping_event& event) {
  state_->screen.add(event);
}

void live_view::draw(mono_time now, const probe::ping& machine) {
  if (!state_->terminal->is_open() || (state_->screen.paused() && !state_->stale)) return;
  state_->stale = false;
  auto grid = state_->terminal->sheet();
  state_->screen.paint(grid, now, [&](std::uint32_t target) { return machine.account(target, now); });
  state_->terminal->show(grid);
}

void live_view::resize() {
  state_->terminal->resize();
  state_->stale = true;
}

void live_view::close() {
  state_->terminal->close();
}

}  // namespace diag::ping
