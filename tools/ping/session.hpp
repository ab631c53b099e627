// One run of diag-ping once its doors are open: build, drive, conclude.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "libdiag/io/driver.hpp"
#include "tools/common/frame_log.hpp"
#include "tools/common/shell.hpp"
#include "tools/common/target_set.hpp"
#include "tools/ping/doors.hpp"
#include "tools/ping/judge.hpp"
#include "tools/ping/live.hpp"
#include "tools/ping/plot_log.hpp"
#include "tools/ping/view.hpp"

namespace diag::ping {

class session {
 public:
  /// `options` and `around` are borrowed for the session's life.
  session(tools::shell& around, const ping_options& options, tools::gathered_targets&& found);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Hands the sockets to the loop and opens what the run writes to. Fails before anything is sent.
  result<void> build(doors&& open);
  void drive(bool privileged);
  /// The last lines, and the process's exit status.
  int conclude();

 private:
  void drive_nothing();
  void drive_series(bool privileged);
  void drive_sweep();
  void drive_mtu();
  probe::mtu_verdict search_mtu(std::uint64_t target);
  [[nodiscard]] result<std::uint32_t> first_hop_mtu(const ip_address& target) const;
  [[nodiscard]] std::unique_ptr<view> make_series_view() const;
  template <class Machine>
  io::driver_hooks common_hooks(Machine& machine, view& shown);
  void add_live_hooks(io::driver_hooks& hooks, const probe::ping& machine);
  void add_progress_hooks(io::driver_hooks& hooks, std::function<std::string()> text);
  io::run_outcome run(probe::machine& machine, const io::driver_hooks& hooks);
  void take(const probe::ping_event& event, view& shown);
  void explain_send_failure(const probe::ping_error& error);
  [[nodiscard]] result<void> check_targets(const doors& open) const;

  tools::shell& around_;
  const ping_options& options_;
  tools::gathered_targets found_;
  io::driver driver_;
  stage stage_;
  record_maker records_;
  judge judge_;
  run_identity identity_{};
  std::optional<tools::frame_log> frames_{};
  std::optional<plot_log> plot_{};
  std::unique_ptr<live_view> live_{};
  std::set<int> explained_;  ///< errno values the user has been told of
  mono_time began_{};
};

}  // namespace diag::ping
