// The one place where an option's meaning becomes a number of a machine.
#include "tools/tcp/plan.hpp"

#include <algorithm>

#include "tools/tcp/view.hpp"

namespace diag::tcp {
namespace {

// Attempts in flight and remembered, 64 octets each: 8 MiB.
constexpr std::uint32_t most_slots = 1U << 17;

bool shuffles(const tcp_options& options, const probe::tcp_plan& plan) {
  if (options.resume) return options.resume->shuffled;
  return !options.in_order && plan.size() > small_plan;
}

}  // namespace

probe::tcp_pacing pacing_of(const tcp_options& options, const run_identity& identity,
                            const probe::tcp_plan& plan) {
  probe::tcp_pacing pacing;
  pacing.rounds = options.rounds;
  pacing.interval = options.interval;
  pacing.retries = options.retries;
  pacing.timeout = options.timeout;
  pacing.deadline = options.deadline;
  pacing.rate = options.rate.value_or(0);
  pacing.unlimited = options.rate && *options.rate <= 0;
  pacing.linger = options.linger;
  pacing.shuffled = shuffles(options, plan);
  pacing.order_seed = identity.order_seed;
  if (options.resume) pacing.start = options.resume->place;
  return pacing;
}

probe::tcp_sweep_config sweep_config(const tcp_options& options, const inquiry& what,
                                     const run_identity& identity, io::port_range ports) {
  const auto& plan = what.asked().plan;
  probe::tcp_sweep_config config;
  config.pacing = pacing_of(options, identity, plan);
  config.want_stamps = plan.size() <= stamped_sweep;
  auto& segment = config.segment;
  segment.flags = options.flags;
  segment.profile = what.profile;
  segment.source_port_base = ports.base;
  segment.source_port_count = static_cast<std::uint16_t>(ports.count);
  // What the user chose is the socket's already.
  if (!options.hop_limit) segment.hop_limit = what.profile.hop_limit;
  segment.traffic_class = options.traffic_class.value_or(0);
  segment.key = identity.key;
  segment.timestamp_base = identity.timestamp_base;
  segment.max_slots = most_slots;
  // A late answer is recognised for as long again as it was waited for.
  segment.memory = std::max<duration>(10s, options.timeout * 2);
  return config;
}

probe::connect_config connect_config(const tcp_options& options, const inquiry& what, const doors& open) {
  probe::connect_config config;
  config.pacing = pacing_of(options, open.identity, what.asked().plan);
  config.hop_limit = options.hop_limit;
  if (options.source_ports) {
    config.source_port_base = options.source_ports->first;
    config.source_port_count = lease_size(options);
  }
  config.most_streams = open.most_streams;
  config.banner = options.banner;
  config.data = options.data;
  config.captured = open.tap.has_value();
  return config;
}

std::string resume_token(const tcp_options& options, const run_identity& identity,
                         const probe::tcp_plan& plan, std::uint64_t undecided_from) {
  if (options.rounds != 1 || undecided_from >= plan.size() || plan.size() == 1) return {};
  return resume_text({identity.order_seed, undecided_from, plan.fingerprint(), shuffles(options, plan)});
}

}  // namespace diag::tcp
