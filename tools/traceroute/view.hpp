// Who listens to a run: rows for people, records for programs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_event.hpp"
#include "libdiag/probe/path_run.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/common/target_set.hpp"
#include "tools/traceroute/address_labels.hpp"
#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

class path_baseline;

/// What every view needs; borrowed for the run.
struct stage {
  const trace_options& options;
  const tools::target_set& names;             ///< what the user called the addresses
  std::span<const probe::path_target> paths;  ///< by the events' `target`
  const address_labels& labels;               ///< of hops
  report::output& out;
  report::style style{};
  std::function<wall_time(mono_time)> wall_of{};
  /// What the method cannot show for want of privilege, for records and -v; empty: nothing.
  std::string_view method_note{};
  mono_time began{};
  const path_baseline* expected = nullptr;  ///< the file of --expect

  /// What the user called a path's target, else its address. Unescaped.
  [[nodiscard]] std::string label(std::uint32_t path) const;
  /// The same and the address: "host.example (192.0.2.9)", safe to print.
  [[nodiscard]] std::string subject(std::uint32_t path) const;
};

/// How a run ended, for the last lines.
struct ending {
  mono_time at{};
  duration elapsed{};
  std::uint64_t receiver_drops = 0;
  bool complete = true;  ///< every path came to its end
  probe::path_run::totals totals{};
};

class view {
 public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view() = default;

  virtual void begin() {}
  virtual void take(const probe::path_event& event) = 0;
  /// After every round of events, and from time to time: nothing should wait long in a buffer.
  virtual void rest(mono_time) {}
  virtual void end(const ending& how) = 0;
};

}  // namespace diag::traceroute
