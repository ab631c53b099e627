// --live: the run on the terminal while it happens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/ping.hpp"
#include "libdiag/probe/ping_event.hpp"

namespace diag::ping {

/// Owns the terminal from open() to close(); nothing else may write to it in between.
class live_view {
 public:
  /// One label a target, in the order of their numbers. Call after privileges are gone: a library is loaded.
  /// Refused when standard output is no terminal, TERM is unset, dumb or unknown, or ncurses is not there.
  /// Colour also needs that NO_COLOR is not set (no-color.org).
  static result<std::unique_ptr<live_view>> open(std::vector<std::string> labels, bool color = true);
  ~live_view();
  live_view(const live_view&) = delete;
  live_view& operator=(const live_view&) = delete;

  /// Readable when a key was pressed. Standard input, or /dev/tty where that is no terminal (-f -).
  [[nodiscard]] int input_fd() const;
  /// Takes what was typed. False: the user pressed q, or the terminal is gone.
  bool handle_input();
  void add(const probe::ping_event& event);
  void draw(mono_time now, const probe::ping& machine);
  /// The terminal has another size (SIGWINCH); drawn at the next draw().
  void resize();
  /// Gives the screen back as it was. draw() does nothing afterwards.
  void close();

 private:
  struct state;
  explicit live_view(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace diag::ping
