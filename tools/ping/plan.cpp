// The one place where an option's meaning becomes a number of a machine.
#include "tools/ping/plan.hpp"

#include "libdiag/core/rounding.hpp"

namespace diag::ping {
namespace {

constexpr duration day = 24h;
// More stamps than this cost more than they tell: one system call for each probe.
constexpr std::uint64_t stamped_sweep = 1024;
constexpr duration unprivileged_floor = 2ms;

probe::echo_config echo_config(const ping_options& options, const run_identity& identity) {
  probe::echo_config echo;
  echo.identifier_base = identity.identifier_base;
  echo.identifiers = identity.identifiers;
  echo.payload_size = options.size;
  echo.pattern = options.pattern;
  echo.run_nonce = identity.nonce;
  echo.key = identity.key;
  echo.any_source = options.broadcast;
  // A late answer is recognised for as long again as it was waited for.
  echo.memory = std::max<duration>(10s, options.timeout * 2);
  return echo;
}

}  // namespace

probe::ping_config series_config(const ping_options& options, const run_identity& identity,
                                 const io::clock_bridge::sample& clocks, bool privileged) {
  probe::ping_config config;
  config.echo = echo_config(options, identity);
  config.echo.timestamp = options.timestamp;
  const auto midnight = clocks.wall.time_since_epoch() % day - clocks.mono.time_since_epoch();
  config.echo.ut_midnight_ms = wrap_into(milliseconds(midnight), milliseconds(day));
  config.count = options.count;
  config.interval = options.interval.value_or(1s);
  config.flood_interval = options.interval.value_or(config.flood_interval);
  config.timeout = options.timeout;
  config.deadline = options.deadline;
  config.rate = options.rate.value_or(0);
  config.rhythm = options.rhythm;
  if (!privileged) config.adaptive_floor = unprivileged_floor;
  config.until = options.until;
  config.report_sent = options.rhythm == probe::ping_rhythm::flood && options.format == output_format::text;
  return config;
}

probe::sweep_config sweep_config(const ping_options& options, const run_identity& identity,
                                 std::uint64_t targets) {
  probe::sweep_config config;
  config.echo = echo_config(options, identity);
  config.retries = options.retries;
  config.timeout = options.timeout;
  config.deadline = options.deadline;
  config.rate = options.rate.value_or(0);
  config.unlimited = options.rate && *options.rate <= 0;
  // With one probe a target, an interval can only be the one between packets, as in fping.
  if (options.interval && !options.rate) {
    config.unlimited = *options.interval == 0ns;
    config.rate = config.unlimited ? 0 : 1 / seconds(*options.interval);
  }
  config.want_stamps = targets <= stamped_sweep;
  return config;
}

probe::mtu_search_config mtu_config(const ping_options& options, const run_identity& identity,
                                    const ip_address& target, std::uint32_t upper) {
  probe::mtu_search_config config;
  config.target = target;
  config.upper = upper;
  config.timeout = options.timeout;
  config.identifier_base = identity.identifier_base;
  config.identifiers = identity.identifiers;
  config.run_nonce = identity.nonce;
  config.key = identity.key;
  return config;
}

}  // namespace diag::ping
