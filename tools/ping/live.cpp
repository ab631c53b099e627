// The terminal half of the live view: descriptors, keys and size. What is drawn is live_screen's.
#include "tools/ping/live.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libdiag/io/unique_fd.hpp"
#include "tools/ping/curses.hpp"
#include "tools/ping/live_screen.hpp"

namespace diag::ping {
namespace {

failure refusal(std::string why, std::string hint = "run without --live") {
  failure what;
  what.operation = "show the live view";
  what.why = std::move(why);
  what.hint = std::move(hint);
  return what;
}

bool set(const char* value) {
  return value != nullptr && *value != '\0';
}

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
  state(std::vector<std::string> labels) : screen{std::move(labels)} {}

  live_screen screen;
  io::unique_fd own_input{};  ///< /dev/tty, where standard input is something else
  int input = STDIN_FILENO;
  std::unique_ptr<curses> terminal{};
  bool stale = true;  ///< a key or a new size calls for a drawing even while paused
};

result<std::unique_ptr<live_view>> live_view::open(std::vector<std::string> labels, bool color) {
  const char* const term = std::getenv("TERM");
  if (!set(term)) return refusal("TERM is not set", "set TERM, or run without --live");
  if (std::string_view{term} == "dumb") return refusal("a dumb terminal cannot place its cursor (TERM=dumb)");
  if (::isatty(STDOUT_FILENO) == 0) return refusal("standard output is not a terminal");

  auto made = std::make_unique<state>(std::move(labels));
  if (::isatty(STDIN_FILENO) == 0) {
    made->own_input = io::unique_fd{::open("/dev/tty", O_RDONLY | O_CLOEXEC)};
    if (!made->own_input) return refusal("no terminal to read keys from");
    made->input = made->own_input.get();
  }
  auto terminal = curses::open(STDOUT_FILENO, made->input, color && !set(std::getenv("NO_COLOR")));
  if (!terminal) return terminal.error();
  made->terminal = std::move(*terminal);
  return std::unique_ptr<live_view>{new live_view{std::move(made)}};
}

live_view::live_view(std::unique_ptr<state> made) : state_{std::move(made)} {}
live_view::~live_view() = default;

int live_view::input_fd() const {
  return state_->input;
}

bool live_view::handle_input() {
  if (!state_->terminal) return false;
  while (const int key = state_->terminal->key()) {
    if (key == 'q' || key == 'Q') return false;
    if (key == curses::resized) resize();
    for (const auto& [pressed, meaning] : bindings)
      if (pressed == key) state_->screen.press(meaning);
    state_->stale = true;
  }
  // A terminal that hung up is readable for ever and gives nothing.
  pollfd gone{state_->input, POLLIN, 0};
  return ::poll(&gone, 1, 0) <= 0 || (gone.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void live_view::add(const probe::ping_event& event) {
  state_->screen.add(event);
}

void live_view::draw(mono_time now, const probe::ping& machine) {
  if (!state_->terminal || (state_->screen.paused() && !state_->stale)) return;
  state_->stale = false;
  const bool utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
  live_grid grid{state_->terminal->rows(), state_->terminal->columns(),
                 utf8 ? live_grid::glyph_set::unicode : live_grid::glyph_set::ascii};
  state_->screen.paint(grid, now, [&](std::uint32_t target) { return machine.account(target, now); });
  state_->terminal->show(grid);
}

void live_view::resize() {
  winsize size{};
  if (!state_->terminal || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  if (size.ws_row == 0 || size.ws_col == 0) return;
  state_->terminal->resize(size.ws_row, size.ws_col);
  state_->stale = true;
}

void live_view::close() {
  state_->terminal.reset();
}

}  // namespace diag::ping
