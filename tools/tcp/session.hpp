// One run of diag-tcp once its doors are open: build, drive, conclude.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "libdiag/io/driver.hpp"
#include "tools/common/frame_log.hpp"
#include "tools/common/shell.hpp"
#include "tools/tcp/baseline.hpp"
#include "tools/tcp/doors.hpp"
#include "tools/tcp/frame_scope.hpp"
#include "tools/tcp/inquiry.hpp"
#include "tools/tcp/judge.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class session {
 public:
  /// `options` and `around` are borrowed for the session's life. Precondition: `what` is not fatal.
  session(tools::shell& around, const tcp_options& options, inquiry&& what);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Hands the sockets to the loop and opens what the run writes to. Fails before anything is sent.
  result<void> build(doors&& open);
  void drive();
  /// The last lines, and the process's exit status.
  int conclude();

 private:
  void drive_nothing();
  void drive_crafted();
  void drive_connections();
  template <class Machine>
  void run(Machine& machine, io::driver_hooks hooks, const frame_scope& own);
  [[nodiscard]] std::unique_ptr<view> make_view();
  void take(const probe::tcp_event& event, view& shown);
  void explain_send_failure(const probe::tcp_result& result);
  template <class Machine>
  void add_progress_hooks(io::driver_hooks& hooks, const Machine& machine);
  template <class Machine>
  void finish(const Machine& machine, view& shown, const io::run_outcome& outcome);
  [[nodiscard]] result<void> check_targets() const;
  result<void> attach();

  tools::shell& around_;
  const tcp_options& options_;
  inquiry what_;
  service_names services_;
  io::driver driver_;
  stage stage_;
  record_maker records_;
  judge judge_;
  doors open_{};
  std::optional<tools::frame_log> frames_{};
  std::optional<baseline> baseline_{};
  std::set<int> explained_;      ///< errno values the user has been told of
  bool progress_shown_ = false;  ///< a line that rewrites itself stands on the terminal
};

}  // namespace diag::tcp
