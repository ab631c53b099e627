// Options to what the machines are told.
#pragma once

#include "libdiag/probe/connect_sweep.hpp"
#include "libdiag/probe/tcp_sweep.hpp"
#include "tools/tcp/doors.hpp"
#include "tools/tcp/inquiry.hpp"

namespace diag::tcp {

/// More kernel stamps than this cost more than they tell: one system call for each probe.
inline constexpr std::uint64_t stamped_sweep = 1024;

probe::tcp_pacing pacing_of(const tcp_options& options, const run_identity& identity,
                            const probe::tcp_plan& plan);
/// `ports`: those leased.
probe::tcp_sweep_config sweep_config(const tcp_options& options, const inquiry& what,
                                     const run_identity& identity, io::port_range ports);
probe::connect_config connect_config(const tcp_options& options, const inquiry& what, const doors& open);

/// Where a run may go on that was cut short; empty: it is done, or cannot be resumed.
std::string resume_token(const tcp_options& options, const run_identity& identity,
                         const probe::tcp_plan& plan, std::uint64_t undecided_from);

}  // namespace diag::tcp
