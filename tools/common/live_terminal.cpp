// Descriptors, keys and size of the terminal; ncurses does the rest.
#include "tools/common/live_terminal.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libdiag/io/unique_fd.hpp"

namespace diag::tools {
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

}  // namespace

struct live_terminal::state {
  io::unique_fd own_input{};  ///< /dev/tty, where standard input is something else
  int input = STDIN_FILENO;
  std::unique_ptr<curses> screen{};
};

result<std::unique_ptr<live_terminal>> live_terminal::open(bool color) {
  const char* const term = std::getenv("TERM");
  if (!set(term)) return refusal("TERM is not set", "set TERM, or run without --live");
  if (std::string_view{term} == "dumb") return refusal("a dumb terminal cannot place its cursor (TERM=dumb)");
  if (::isatty(STDOUT_FILENO) == 0) return refusal("standard output is not a terminal");

  auto made = std::make_unique<state>();
  if (::isatty(STDIN_FILENO) == 0) {
    made->own_input = io::unique_fd{::open("/dev/tty", O_RDONLY | O_CLOEXEC)};
    if (!made->own_input) return refusal("no terminal to read keys from");
    made->input = made->own_input.get();
  }
  auto screen = curses::open(STDOUT_FILENO, made->input, color && !set(std::getenv("NO_COLOR")));
  if (!screen) return screen.error();
  made->screen = std::move(*screen);
  return std::unique_ptr<live_terminal>{new live_terminal{std::move(made)}};
}

live_terminal::live_terminal(std::unique_ptr<state> made) : state_{std::move(made)} {}
live_terminal::~live_terminal() = default;

bool live_terminal::is_open() const {
  return state_->screen != nullptr;
}

int live_terminal::input_fd() const {
  return state_->input;
}

int live_terminal::key() {
  if (!state_->screen) return 0;
  const int pressed = state_->screen->key();
  if (pressed == curses::resized) resize();
  return pressed;
}

bool live_terminal::gone() const {
  pollfd input{state_->input, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

live_grid live_terminal::sheet() const {
  const bool utf8 = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
  return {state_->screen->rows(), state_->screen->columns(),
          utf8 ? live_grid::glyph_set::unicode : live_grid::glyph_set::ascii};
}

void live_terminal::show(const live_grid& grid) {
  if (state_->screen) state_->screen->show(grid);
}

void live_terminal::resize() {
  winsize size{};
  if (!state_->screen || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  if (size.ws_row == 0 || size.ws_col == 0) return;
  state_->screen->resize(size.ws_row, size.ws_col);
}

void live_terminal::close() {
  state_->screen.reset();
}

}  // namespace diag::tools
