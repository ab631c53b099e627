// The terminal under a live view: whether there is one, its keys, its size, and sheets of that size.
#pragma once

#include <memory>

#include "libdiag/core/result.hpp"
#include "tools/common/curses.hpp"
#include "tools/common/live_grid.hpp"

namespace diag::tools {

/// Owns the terminal from open() to close(); nothing else may write to it in between.
class live_terminal {
 public:
  /// Call after privileges are gone: a library is loaded. Refused when standard output is no terminal, TERM
  /// is unset, dumb or unknown, or ncurses is not there. Colour also needs that NO_COLOR is not set
  /// (no-color.org).
  static result<std::unique_ptr<live_terminal>> open(bool color);
  ~live_terminal();
  live_terminal(const live_terminal&) = delete;
  live_terminal& operator=(const live_terminal&) = delete;

  [[nodiscard]] bool is_open() const;
  /// Readable when a key was pressed. Standard input, or /dev/tty where that is no terminal (-f -).
  [[nodiscard]] int input_fd() const;
  /// As curses::key(), 0 when closed; a change of the size is seen to here.
  int key();
  /// A terminal that hung up is readable for ever and gives nothing.
  [[nodiscard]] bool gone() const;
  /// An empty sheet of the terminal's size, with the glyphs that its locale knows. Precondition: open.
  [[nodiscard]] live_grid sheet() const;
  void show(const live_grid& grid);
  /// The terminal has another size (SIGWINCH).
  void resize();
  /// Gives the screen back as it was.
  void close();

 private:
  struct state;
  explicit live_terminal(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace diag::tools
