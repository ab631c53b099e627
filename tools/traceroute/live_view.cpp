// The keys of the live view, and when it is drawn. What is drawn is live_screen's.
#include "tools/traceroute/live_view.hpp"

#include "tools/common/live_terminal.hpp"
#include "tools/traceroute/live_screen.hpp"
#include "tools/traceroute/report_view.hpp"

namespace diag::traceroute {
namespace {

using tools::curses;

struct binding {
  int key;
  live_key meaning;
};
constexpr binding bindings[] = {{curses::up, live_key::up},
                                {curses::down, live_key::down},
                                {curses::page_up, live_key::page_up},
                                {curses::page_down, live_key::page_down},
                                {curses::home, live_key::home},
                                {curses::end, live_key::end},
                                {'\t', live_key::next_target},
                                {'>', live_key::next_target},
                                {'<', live_key::last_target},
                                {'d', live_key::display},
                                {'n', live_key::names},
                                {'e', live_key::extensions},
                                {'j', live_key::jitter},
                                {'p', live_key::pause},
                                {' ', live_key::pause},
                                {'h', live_key::help},
                                {'?', live_key::help},
                                {curses::escape, live_key::back}};

std::vector<std::string> subjects_of(const stage& on) {
  std::vector<std::string> subjects;
  for (std::uint32_t i = 0; i < on.paths.size(); ++i) subjects.push_back(on.subject(i));
  return subjects;
}

}  // namespace

struct live_view::state {
  const stage& on;
  probe::rounds_course& course;
  live_screen screen;
  report_view after;
  std::unique_ptr<tools::live_terminal> terminal;
  bool stale = true;  ///< a key or a new size calls for a drawing even while paused
};

result<std::unique_ptr<live_view>> live_view::open(const stage& on, probe::rounds_course& course) {
  auto terminal = tools::live_terminal::open(on.options.color != report::color_when::never);
  if (!terminal) return terminal.error();
  live_screen screen{subjects_of(on), on.labels,
                     live_paths{on.paths.size(), on.options.last_hop, on.options.timeout}};
  screen.show_extensions(on.options.extensions);
  return std::unique_ptr<live_view>{new live_view{std::unique_ptr<state>{
      new state{on, course, std::move(screen), report_view{on, course}, std::move(*terminal)}}}};
}

live_view::live_view(std::unique_ptr<state> made) : state_{std::move(made)} {}
live_view::~live_view() = default;

void live_view::take(const probe::path_event& event) {
  state_->screen.add(event);
  state_->after.take(event);
}

void live_view::end(const ending& how) {
  state_->terminal->close();
  state_->after.end(how);
}

int live_view::input_fd() const {
  return state_->terminal->input_fd();
}

bool live_view::press(int key) {
  if (key == 'q' || key == 'Q') return false;
  for (const auto& [pressed, meaning] : bindings)
    if (pressed == key) state_->screen.press(meaning);
  if (key == 'p' || key == ' ') state_->course.pause(state_->screen.paused());
  if (key == 'r') {
    state_->course.reset();
    state_->screen.reset();
  }
  state_->stale = true;
  return true;
}

bool live_view::handle_input() {
  if (!state_->terminal->is_open()) return false;
  while (const int key = state_->terminal->key())
    if (!press(key)) return false;
  return !state_->terminal->gone();
}

void live_view::draw(mono_time now) {
  if (!state_->terminal->is_open() || (state_->screen.paused() && !state_->stale)) return;
  state_->stale = false;
  auto grid = state_->terminal->sheet();
  const live_moment moment{now, now - state_->on.began, state_->course.round()};
  state_->screen.paint(grid, moment, [&](std::uint32_t target) { return state_->course.hops(target); });
  state_->terminal->show(grid);
}

void live_view::resize() {
  state_->terminal->resize();
  state_->stale = true;
}

}  // namespace diag::traceroute
