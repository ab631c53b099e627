// Who listens to a run: the text on the terminal, the records, the table of a sweep.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/io/driver.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/common/flush_pace.hpp"
#include "tools/common/target_set.hpp"
#include "tools/ping/options.hpp"

namespace diag::ping {

/// What every view needs; borrowed for the run.
struct stage {
  const ping_options& options;
  const tools::target_set& targets;
  report::output& out;
  report::style style{};
  std::function<wall_time(mono_time)> wall_of{};
  /// One line on stderr, with the program's name in front.
  std::function<void(std::string_view)> complain{};
  std::uint64_t receiver_drops = 0;  ///< so far; kept by the run
};

/// How a run ended, for the last lines.
struct ending {
  mono_time at{};
  duration elapsed{};
  std::uint64_t receiver_drops = 0;
};

using tools::flush_pace;
using tools::sweep_flush_period;

class view {
 public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view() = default;

  virtual void begin() {}
  virtual void take(const probe::ping_event& event) = 0;
  /// After every round of events: nothing should wait long in a buffer.
  virtual void rest(mono_time) {}
  virtual void end(const ending& how) = 0;
};

}  // namespace diag::ping
