// Who listens to a run: lines for people, records for programs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/tcp/gather.hpp"
#include "tools/tcp/options.hpp"
#include "tools/tcp/service_names.hpp"

namespace diag::tcp {

/// Up to so many questions every result is worth a line, and the order is the user's own.
inline constexpr std::uint64_t small_plan = 64;

/// What every view needs; borrowed for the run.
struct stage {
  const tcp_options& options;
  const gathered_plan& asked;
  const service_names& services;
  report::output& out;
  report::style style{};
  std::function<wall_time(mono_time)> wall_of{};
  probe_method method = probe_method::syn;  ///< never automatic
  bool captured = false;                    ///< connect: a capture shows what the kernel does not tell
  mono_time began{};
  /// To be called before a line goes out that is not the run's last words: clears the progress line.
  std::function<void()> before_line{};
};

/// How a run ended, for the last lines.
struct ending {
  mono_time at{};
  duration elapsed{};
  std::uint64_t receiver_drops = 0;
  bool complete = true;  ///< every probe came to its end
  std::string resume{};  ///< token, when it was cut short and can be resumed
  probe::tcp_summary totals{};
};

class view {
 public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view() = default;

  virtual void begin() {}
  virtual void take(const probe::tcp_event& event) = 0;
  /// After every round of events: nothing should wait long in a buffer.
  virtual void rest(mono_time) {}
  virtual void end(const ending& how) = 0;
};

}  // namespace diag::tcp
