// One line for Nagios and its kin, after the monitoring-plugins guidelines ("Plugin Output for Nagios",
// "Performance data"): STATUS in capitals, a sentence, `|`, and 'label'=value[unit];warn;crit;min;max.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"

namespace diag::report {

/// The values are the exit statuses of a plugin.
enum class nagios_status : unsigned char { ok = 0, warning = 1, critical = 2, unknown = 3 };
std::string_view describe(nagios_status status);  // "OK", ...
/// How bad a status is, from 0; its number is not the order (UNKNOWN is 3).
int severity(nagios_status status);

struct nagios_target {
  std::string target;
  nagios_status status = nagios_status::unknown;
  std::optional<double> loss_percent{};
  std::optional<duration> rtt_average{};
  std::string detail{};  ///< why it is not OK: the condition that was crossed, or who refused; may be empty
};

/// Limits as numbers in milliseconds and percent (threshold::limit_of); empty where there is none.
struct nagios_limits {
  std::string warn_rtt{}, crit_rtt{}, warn_loss{}, crit_loss{};
};

/// CRITICAL before WARNING before UNKNOWN before OK; UNKNOWN for no target at all.
nagios_status worst(std::span<const nagios_target> targets);

/// One line without a newline. `|`, quotes, control characters and line ends never come from the texts given.
/// One target: labels `rta` and `pl`, as check_ping has them; several: `'TARGET rta'`, those in trouble
/// first.
std::string nagios_line(std::string_view service, std::span<const nagios_target> targets,
                        const nagios_limits& limits);

}  // namespace diag::report
