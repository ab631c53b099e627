// The few functions of ncurses(3) that the live view needs, looked up by name.
#include "tools/common/curses.hpp"

#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <ncurses.h>

#include "libdiag/core/text.hpp"

namespace diag::tools {
namespace {

constexpr auto library = "libncursesw.so.6";

failure no_screen(std::string why, std::string hint) {
  failure what;
  what.operation = "show the live view";
  what.why = std::move(why);
  what.hint = std::move(hint);
  return what;
}

/// A stream of our own on a duplicate, so that closing it leaves the descriptor alone.
std::FILE* stream_on(int fd, const char* mode) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return nullptr;
  auto* const stream = ::fdopen(copy, mode);
  if (stream == nullptr) ::close(copy);
  return stream;
}

}  // namespace

struct curses::state {
  void* handle = nullptr;
  bool complete = true;
  std::FILE* out = nullptr;
  std::FILE* in = nullptr;
  SCREEN* screen = nullptr;
  WINDOW* window = nullptr;
  bool color = false;

  decltype(&::newterm) newterm{};
  decltype(&::delscreen) delscreen{};
  decltype(&::endwin) endwin{};
  decltype(&::cbreak) cbreak{};
  decltype(&::noecho) noecho{};
  decltype(&::curs_set) curs_set{};
  decltype(&::set_escdelay) set_escdelay{};
  decltype(&::newwin) newwin{};
  decltype(&::delwin) delwin{};
  decltype(&::wresize) wresize{};
  decltype(&::resize_term) resize_term{};
  decltype(&::keypad) keypad{};
  decltype(&::nodelay) nodelay{};
  decltype(&::wgetch) wgetch{};
  decltype(&::werase) werase{};
  decltype(&::wmove) wmove{};
  decltype(&::waddnstr) waddnstr{};
  decltype(&::wattr_set) wattr_set{};
  decltype(&::wrefresh) wrefresh{};
  decltype(&::clearok) clearok{};
  decltype(&::getmaxx) getmaxx{};
  decltype(&::getmaxy) getmaxy{};
  decltype(&::has_colors) has_colors{};
  decltype(&::start_color) start_color{};
  decltype(&::use_default_colors) use_default_colors{};
  decltype(&::init_pair) init_pair{};

  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state();

  bool load();
  void set_up(bool want_color);
  void set_ink(live_ink ink, bool inverse);

 private:
  template <class Function>
  void look_up(Function& function, const char* name) {
    // POSIX lets an object pointer from dlsym() become a function pointer; C++ has no other cast for it.
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    complete = complete && function != nullptr;
  }
};

bool curses::state::load() {
  handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  look_up(newterm, "newterm");
  look_up(delscreen, "delscreen");
  look_up(endwin, "endwin");
  look_up(cbreak, "cbreak");
  look_up(noecho, "noecho");
  look_up(curs_set, "curs_set");
  look_up(set_escdelay, "set_escdelay");
  look_up(newwin, "newwin");
  look_up(delwin, "delwin");
  look_up(wresize, "wresize");
  look_up(resize_term, "resize_term");
  look_up(keypad, "keypad");
  look_up(nodelay, "nodelay");
  look_up(wgetch, "wgetch");
  look_up(werase, "werase");
  look_up(wmove, "wmove");
  look_up(waddnstr, "waddnstr");
  look_up(wattr_set, "wattr_set");
  look_up(wrefresh, "wrefresh");
  look_up(clearok, "clearok");
  look_up(getmaxx, "getmaxx");
  look_up(getmaxy, "getmaxy");
  look_up(has_colors, "has_colors");
  look_up(start_color, "start_color");
  look_up(use_default_colors, "use_default_colors");
  look_up(init_pair, "init_pair");
  return complete;
}

void curses::state::set_up(bool want_color) {
  cbreak();  // Ctrl-C stays a signal, which the driver turns into the end of the run
  noecho();
  curs_set(0);
  set_escdelay(25);  // milliseconds: a lone Escape is a key, too
  window = newwin(0, 0, 0, 0);
  keypad(window, true);
  nodelay(window, true);
  color = want_color && has_colors();
  if (!color) return;
  start_color();
  use_default_colors();
  constexpr short background = -1;  // the terminal's own
  init_pair(1, COLOR_GREEN, background);
  init_pair(2, COLOR_RED, background);
  init_pair(3, COLOR_YELLOW, background);
}

void curses::state::set_ink(live_ink ink, bool inverse) {
  struct look {
    attr_t attributes;
    short pair;
  };
  constexpr std::array<look, live_ink_count> looks{
      {{A_NORMAL, 0}, {A_NORMAL, 1}, {A_BOLD, 2}, {A_NORMAL, 3}, {A_DIM, 0}, {A_BOLD, 0}}};
  const auto [attributes, pair] = looks[static_cast<std::size_t>(ink)];
  wattr_set(window, inverse ? attributes | A_REVERSE : attributes, color ? pair : short{0}, nullptr);
}

curses::state::~state() {
  if (window != nullptr) delwin(window);
  if (screen != nullptr) {
    endwin();
    delscreen(screen);
  }
  if (out != nullptr) std::fclose(out);
  if (in != nullptr) std::fclose(in);
  // The library stays loaded: its signal handlers point into it.
}

result<std::unique_ptr<curses>> curses::open(int out, int in, bool color) {
  auto made = std::make_unique<state>();
  if (!made->load()) return no_screen("cannot load " + std::string{library}, "install libncursesw6");
  // Without a UTF-8 locale ncurses writes octets, and the grid is drawn in ASCII.
  std::setlocale(LC_CTYPE, "");
  made->out = stream_on(out, "w");
  made->in = stream_on(in, "r");
  if (made->out == nullptr || made->in == nullptr) return no_screen("cannot use the terminal", "");
  made->screen = made->newterm(nullptr, made->out, made->in);
  if (made->screen == nullptr) {
    const char* const term = std::getenv("TERM");
    return no_screen(
        "terminal type '" + safe_text(std::string_view{term == nullptr ? "" : term}) + "' is not known",
        "set TERM to what the terminal is");
  }
  made->set_up(color);
  return std::unique_ptr<curses>{new curses{std::move(made)}};
}

curses::curses(std::unique_ptr<state> made) : state_{std::move(made)} {}
curses::~curses() = default;

int curses::rows() const {
  return state_->getmaxy(state_->window);
}
int curses::columns() const {
  return state_->getmaxx(state_->window);
}

void curses::resize(int rows, int columns) {
  state_->resize_term(rows, columns);
  state_->wresize(state_->window, rows, columns);
  state_->clearok(state_->window, true);
}

void curses::show(const live_grid& grid) {
  auto& my = *state_;
  my.werase(my.window);
  std::string run;
  for (int row = 0; row < grid.rows(); ++row) {
    for (int column = 0; column < grid.columns();) {
      const auto first = grid.at(row, column);
      const int from = column;
      run.clear();
      for (; column < grid.columns(); ++column) {
        const auto& cell = grid.at(row, column);
        if (cell.ink != first.ink || cell.inverse != first.inverse) break;
        append_utf8(run, cell.glyph);
      }
      my.set_ink(first.ink, first.inverse);
      my.wmove(my.window, row, from);
      // The last cell of the screen is written and reported as an error: the cursor has nowhere to go.
      my.waddnstr(my.window, run.data(), static_cast<int>(run.size()));
    }
  }
  my.wrefresh(my.window);
}

int curses::key() {
  const int got = state_->wgetch(state_->window);
  switch (got) {
    case ERR:
      return 0;
    case KEY_UP:
      return up;
    case KEY_DOWN:
      return down;
    case KEY_PPAGE:
      return page_up;
    case KEY_NPAGE:
      return page_down;
    case KEY_HOME:
      return home;
    case KEY_END:
      return end;
    case KEY_ENTER:
    case '\n':
    case '\r':
      return enter;
    case 0x1b:
      return escape;
    case KEY_RESIZE:
      return resized;
    default:
      return got > 0 && got < 0x100 ? got : other;
  }
}

}  // namespace diag::tools
