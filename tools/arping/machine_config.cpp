// The one place where an option's meaning becomes a number of a machine.
#include <algorithm>

#include "tools/arping/plan.hpp"

namespace diag::arping {
namespace {

// Gentle: a switch's CPU and the slowest host of a link keep up with it.
constexpr double default_rate = 500;
constexpr double sweep_backoff = 1.5;
// More stamps than this cost more than they tell: one system call for each probe.
constexpr std::uint64_t stamped_targets = 1024;
constexpr duration watch_interval = 10s;

double rate_of(const arping_options& options) {
  return options.rate.value_or(default_rate);
}

/// The options that shorten or lengthen RFC 5227 and RFC 4862; without them the RFCs' own times stay.
void adjust(probe::claim_timing& timing, const arping_options& options) {
  const bool probes = options.dad;
  if (options.count != 0)
    (probes ? timing.probes : timing.announcements) = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(options.count, std::numeric_limits<std::uint32_t>::max()));
  if (options.interval && probes) {
    timing.probe_min = timing.probe_max = *options.interval;
    timing.probe_wait = std::min(timing.probe_wait, *options.interval);
  }
  if (options.interval && !probes) timing.announce_interval = *options.interval;
  if (options.timeout) timing.announce_wait = *options.timeout;
}

}  // namespace

probe::neighbor_config run_config(const arping_options& options, const link_plan& plan) {
  const bool sweep = mode_of(options) == run_mode::sweep;
  probe::neighbor_config config;
  config.links = plan.links;
  config.link_of = plan.link_of;
  config.only_silent = sweep;
  config.rounds = sweep ? options.retries.value_or(1) + std::uint64_t{1} : options.count;
  config.interval = options.interval.value_or(sweep                                      ? 0ns
                                              : options.watch && plan.targets.size() > 1 ? watch_interval
                                                                                         : duration{1s});
  config.timeout = options.timeout.value_or(sweep ? duration{500ms} : duration{1s});
  if (sweep) config.backoff = sweep_backoff;
  config.deadline = options.deadline;
  config.linger = options.linger;
  config.rate = rate_of(options);
  config.want_stamps = plan.targets.size() <= stamped_targets;
  config.how = options.dest_mac                 ? probe::neighbor_config::manner::fixed
               : options.how == manner::unicast ? probe::neighbor_config::manner::unicast
                                                : probe::neighbor_config::manner::broadcast;
  config.destination = options.dest_mac.value_or(mac_address{});
  config.looks = options.looks != look_mode::none;
  config.await_looks = options.looks == look_mode::await;
  config.stop_after = options.replies;
  config.watch = options.watch;
  return config;
}

probe::claim_config claim_config_of(const arping_options& options, const link_plan& plan,
                                    std::uint64_t seed) {
  using announcement = arping_options::announcement;
  probe::claim_config config;
  config.links = plan.links;
  config.link_of = plan.link_of;
  config.probe = options.dad;
  config.announce = options.announce != announcement::none || options.defend;
  config.announce_as = options.announce == announcement::reply ? probe::claim_config::form::reply
                                                               : probe::claim_config::form::request;
  // iputils: without -c there is no end; here it needs a deadline to be meant.
  config.endless = !options.dad && !options.defend && options.count == 0 && options.deadline.has_value();
  config.defend = options.defend;
  config.deadline = options.deadline;
  config.seed = seed;
  adjust(config.v4, options);
  adjust(config.v6, options);
  return config;
}

probe::roll_call_config roll_call_config_of(const arping_options& options,
                                            const std::vector<const io::link*>& links, const network& around,
                                            seeded_random& random) {
  probe::roll_call_config config;
  for (const auto* link : links)
    for (const auto& one : around.addresses) {
      if (one.interface != link->index || !one.address.is_v6() || one.tentative) continue;
      auto caller = make_link(options, *link);
      caller.v6 = one.address;
      config.callers.push_back({std::move(caller), one.address});
    }
  if (options.timeout) config.timeout = *options.timeout;
  config.identifier = static_cast<std::uint16_t>(random());
  config.tag = random();
  return config;
}

probe::mac_search_config search_config(const arping_options& options, const probe::neighbor_link& link,
                                       const network& around, seeded_random& random) {
  probe::mac_search_config config;
  config.wanted = *options.wanted;
  config.link = link;
  config.inverse = options.by_inverse && options.targets.family != ip_family::v6;
  config.reverse = options.by_reverse;
  if (options.by_asking) {
    // Most hosts keep silent to an echo to everyone; those that do not name themselves at once.
    if (link.v4 && !link.v4.is_unspecified()) {
      if (const auto* near = around.prefix_of(link.v4, link.interface);
          near != nullptr && near->prefix_length < 31)
        config.broadcasts.push_back(prefix_of(*near).last());
      config.broadcasts.push_back(ip_address::v4(0xe000'0001));  // 224.0.0.1, all hosts: RFC 1112 §4
    }
    if (link.v6) {
      auto all_nodes = craft::all_nodes_group();
      all_nodes.scope(link.interface);
      config.broadcasts.push_back(all_nodes);
    }
  }
  config.retries = options.retries.value_or(1);
  config.timeout = options.timeout.value_or(duration{1s});
  config.deadline = options.deadline;
  config.rate = rate_of(options);
  config.unlimited = config.rate <= 0;
  config.stop_at_first = options.replies == 1;
  config.identifier = static_cast<std::uint16_t>(random());
  config.tag = random();
  return config;
}

}  // namespace diag::arping
