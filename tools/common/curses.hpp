// ncurses(3), loaded when a screen is asked for.
//
// Linked in, libncursesw and libtinfo would cost every run of a tool that health checks start by the thousand
// (a do-nothing process measured here: 0.4 ms and 1 MB more, where the whole of ping takes 1.9 ms and 2.4
// MB), and would be mapped into a process that still holds a capability. So the library is brought in by
// dlopen(3) when a screen is opened, after privileges are gone. ncurses is macros over variables such as
// stdscr; only its functions are used here, on a window of our own.
#pragma once

#include <memory>
#include <string>

#include "libdiag/core/result.hpp"
#include "tools/common/live_grid.hpp"

namespace diag::tools {

/// The terminal as ncurses drives it; one at a time in a process. The destructor gives the screen back.
class curses {
 public:
  /// `out` must be a terminal. `color` false: bold and dim only.
  static result<std::unique_ptr<curses>> open(int out, int in, bool color);
  ~curses();
  curses(const curses&) = delete;
  curses& operator=(const curses&) = delete;

  [[nodiscard]] int rows() const;
  [[nodiscard]] int columns() const;
  void resize(int rows, int columns);
  /// Writes what changed.
  void show(const live_grid& grid);
  /// The next key: a character, or one of the codes below; 0: none is waiting. Never blocks.
  int key();

  enum code : int { up = 0x100, down, page_up, page_down, home, end, enter, escape, resized, other };

 private:
  struct state;
  explicit curses(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace diag::tools
