// One run of diag-arping once its doors are open: build, drive, conclude.
#pragma once

#include <optional>
#include <set>

#include "libdiag/core/random.hpp"
#include "libdiag/io/driver.hpp"
#include "tools/arping/baseline_input.hpp"
#include "tools/arping/doors.hpp"
#include "tools/arping/judge.hpp"
#include "tools/common/frame_log.hpp"
#include "tools/common/shell.hpp"

namespace diag::arping {

class session {
 public:
  /// `options` and `around` are borrowed for the session's life.
  session(tools::shell& around, const arping_options& options, tools::gathered_targets&& found,
          baseline_input&& before);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Chooses links, binds the socket to them, opens what the run writes to. Fails before anything is sent,
  /// but for the call to all nodes of --local.
  result<void> build(doors&& open);
  void drive();
  /// The last lines, and the process's exit status.
  int conclude();

 private:
  result<void> choose_search();
  result<void> choose_targets(const std::vector<ip_address>& present);
  result<void> listen(io::link_socket&& socket, std::vector<std::uint32_t> interfaces);
  result<std::vector<ip_address>> call_roll(io::link_socket&& socket);
  result<void> open_files(doors& open);
  void tell_refused();
  void drive_run();
  void drive_claim();
  void drive_search();
  [[nodiscard]] std::unique_ptr<view> make_view();
  void recall_neighbors(probe::neighbor_config& config);
  void take(const probe::neighbor_event& event, const probe::neighbor_run& machine, view& shown);
  void find_oddities(const probe::neighbor_run& machine);
  void conclude_target(const probe::neighbor_summary& account, const probe::neighbor_run& machine,
                       view& shown);
  void compare(const probe::neighbor_summary& account);
  void explain_send_failure(const probe::neighbor_error& error);
  [[nodiscard]] bool is_news(const probe::neighbor_link_state& state);
  void note_link(const probe::neighbor_link_state& state);
  template <class Event>
  [[nodiscard]] bool passes(const Event& event);
  template <class Machine, class Take>
  void run(Machine& machine, view& shown, Take take_event, std::function<void()> interim);

  tools::shell& around_;
  const arping_options& options_;
  tools::gathered_targets found_;
  network network_;
  link_plan plan_;
  vendor_table vendors_;
  io::driver driver_;
  stage stage_;
  record_maker records_;
  judge judge_;
  seeded_random random_{0};
  std::optional<tools::frame_log> frames_{};
  std::optional<neighbor_file> saved_{};
  std::optional<known_neighbors> before_{};
  std::vector<neighbor_difference> differences_;
  std::optional<finding_index> findings_{};
  bool listening_ = false;
  bool called_off_ = false;       ///< interrupted before there were targets
  std::set<std::uint32_t> down_;  ///< interfaces
  std::set<int> explained_;       ///< errno values the user has been told of
  mono_time began_{};
};

}  // namespace diag::arping
