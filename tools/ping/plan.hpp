// Options to what the machines are told.
#pragma once

#include "libdiag/io/clock.hpp"
#include "libdiag/probe/mtu_search.hpp"
#include "libdiag/probe/ping.hpp"
#include "libdiag/probe/sweep.hpp"
#include "tools/ping/doors.hpp"
#include "tools/ping/options.hpp"

namespace diag::ping {

/// `clocks` ties the machines' time to the day, for --timestamp.
probe::ping_config series_config(const ping_options& options, const run_identity& identity,
                                 const io::clock_bridge::sample& clocks, bool privileged);
/// `targets`: how many there are; a small sweep affords kernel transmit stamps.
probe::sweep_config sweep_config(const ping_options& options, const run_identity& identity,
                                 std::uint64_t targets);
/// `upper`: the largest IP packet the first hop takes.
probe::mtu_search_config mtu_config(const ping_options& options, const run_identity& identity,
                                    const ip_address& target, std::uint32_t upper);

}  // namespace diag::ping
