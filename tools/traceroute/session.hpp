// One run of diag-traceroute once its doors are open: build, drive, conclude.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "libdiag/io/driver.hpp"
#include "libdiag/io/name_finder.hpp"
#include "tools/common/frame_log.hpp"
#include "tools/common/shell.hpp"
#include "tools/traceroute/doors.hpp"
#include "tools/traceroute/inquiry.hpp"
#include "tools/traceroute/judge.hpp"
#include "tools/traceroute/live_view.hpp"
#include "tools/traceroute/locate_book.hpp"
#include "tools/traceroute/own_frames.hpp"
#include "tools/traceroute/patient_view.hpp"
#include "tools/traceroute/plan.hpp"
#include "tools/traceroute/records.hpp"
#include "tools/traceroute/reject_book.hpp"
#include "tools/traceroute/side_files.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class session {
 public:
  /// `options` and `around` are borrowed for the session's life.
  session(tools::shell& around, const trace_options& options, inquiry&& what,
          tools::gathered_targets&& found);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Plans the paths, hands the sockets to the loop and opens what the run writes to. Fails before anything
  /// is sent.
  result<void> build(doors&& open);
  void drive();
  /// The last lines, and the process's exit status.
  int conclude();

 private:
  [[nodiscard]] label_sources make_label_sources();
  [[nodiscard]] result<void> check_families() const;
  [[nodiscard]] result<void> settle_identifier();
  void plan();
  void attach();
  void tell_lost();

  void drive_nothing();
  [[nodiscard]] std::unique_ptr<view> make_view(probe::path_course& course);
  void take(const probe::path_event& event, view& shown);
  void explain_send_failure(std::uint32_t path, const probe::path_answer& answer);
  void finish_path(const probe::traced_path& path);
  [[nodiscard]] report::record with_rejects(report::record summary, std::uint32_t path);
  void add_hooks(io::driver_hooks& hooks, probe::path_run& machine, view& shown, const patient_view* patient,
                 live_view* live);
  void wait_for_names(patient_view& shown);

  tools::shell& around_;
  const trace_options& options_;
  inquiry what_;
  tools::gathered_targets found_;
  io::driver driver_;
  std::unique_ptr<io::name_finder> names_{};
  side_files files_;
  address_labels labels_;
  path_plan plan_;
  stage stage_;
  record_maker records_;
  judge judge_;
  doors open_{};
  std::optional<tools::frame_log> frames_{};
  std::optional<own_frames> ours_{};              ///< with frames_
  const probe::rounds_course* rounds_ = nullptr;  ///< while it runs
  std::optional<path_book> book_{};
  std::optional<locate_book> located_{};
  reject_book rejects_{};      ///< for conditions
  std::uint64_t decided_ = 0;  ///< targets that came to their end
  std::set<int> explained_;    ///< errno values the user has been told of
};

}  // namespace diag::traceroute
