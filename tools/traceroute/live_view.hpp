// --live: the rounds on the terminal while they happen.
#pragma once

#include <memory>

#include "libdiag/core/result.hpp"
#include "libdiag/probe/rounds_course.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

/// Owns the terminal from open() to end(); nothing else may write to it in between. Several targets share the
/// screen in turn (Tab).
class live_view final : public view {
 public:
  /// Call after privileges are gone: a library is loaded. Refused where there is no terminal that can show
  /// it. Both are borrowed for the view's life.
  static result<std::unique_ptr<live_view>> open(const stage& on, probe::rounds_course& course);
  ~live_view() override;

  void take(const probe::path_event& event) override;
  /// Gives the screen back as it was, and prints what --report prints.
  void end(const ending& how) override;

  /// Readable when a key was pressed.
  [[nodiscard]] int input_fd() const;
  /// Takes what was typed. False: the user pressed q, or the terminal is gone.
  bool handle_input();
  /// To be called ten times a second or so.
  void draw(mono_time now);
  /// The terminal has another size (SIGWINCH); drawn at the next draw().
  void resize();

 private:
  struct state;
  explicit live_view(std::unique_ptr<state> made);
  bool press(int key);
  std::unique_ptr<state> state_;
};

}  // namespace diag::traceroute
