// The one place where an option's meaning becomes a number of a machine: which paths, in which course.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "libdiag/probe/mtu_course.hpp"
#include "libdiag/probe/path_run.hpp"
#include "libdiag/probe/rounds_course.hpp"
#include "tools/common/target_set.hpp"
#include "tools/traceroute/doors.hpp"
#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

/// Where to, from where, how: in the order of the targets, and of each target --locate's ports first, then
/// the controls.
struct path_plan {
  std::vector<probe::path_target> paths{};
  std::uint32_t paths_per_target = 1;
  bool own_controls = false;               ///< the user named the controls
  std::uint32_t asked_per_target = 1;      ///< of them, what the user asked for; the rest are controls
  std::vector<tools::lost_target> lost{};  ///< there is no way to them
};

/// What one target is asked: one path each.
struct path_question_kind {
  probe::path_method method = probe::path_method::udp;
  std::uint16_t port = 0;
};
/// --locate: the ports that were asked for, then the controls.
struct question_list {
  std::vector<path_question_kind> all{};
  std::uint32_t asked = 1;
  bool own_controls = false;  ///< --control
};
/// Looks services up, so privileges should be gone. Fails with a sentence for the user when a service is not
/// known.
result<question_list, tools::usage_error> questions_of(const trace_options& options);

/// Where packets to an address would leave from, or why they cannot.
using find_source = std::function<io::source_finder::answer(const ip_address&)>;
path_plan plan_paths(const tools::target_set& targets, const question_list& questions,
                     const find_source& source);

/// The MTU that packets to an address leave this host with.
using find_mtu = std::function<std::uint32_t(const ip_address&)>;
/// The course of the mode, over these paths, which it borrows. `mtu` is asked in mode mtu alone.
std::unique_ptr<probe::path_course> make_course(const trace_options& options,
                                                std::span<const probe::path_target> paths,
                                                const find_mtu& mtu);

probe::path_run_config run_config(const trace_options& options, const doors& open,
                                  const craft::tcp_profile& profile, std::size_t paths);

}  // namespace diag::traceroute
