// Whom a run asks, from where: targets on links, and what the machines are told of both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/address_claim.hpp"
#include "libdiag/probe/mac_search.hpp"
#include "libdiag/probe/neighbor_run.hpp"
#include "libdiag/probe/roll_call.hpp"
#include "tools/arping/link_choice.hpp"

namespace diag::arping {

/// What a run can number.
inline constexpr std::uint64_t most_targets = std::uint64_t{1} << 20;

/// Targets that cannot be asked, and why.
struct refused_targets {
  ip_address first{};
  std::uint64_t count = 1;
  failure why{};
};

struct link_plan {
  probe::target_list targets{};
  std::vector<probe::neighbor_link> links{};
  std::vector<std::uint8_t> link_of{};  ///< by target; empty: all are on links[0]
  std::vector<refused_targets> refused{};
  std::vector<ip_address> own{};  ///< addresses of ours in the middle of others: left out

  [[nodiscard]] const probe::neighbor_link& link(std::uint64_t target) const {
    return links[link_of.empty() ? 0 : link_of[target]];
  }
};

/// Fails where the run as a whole cannot be: too many targets, too many links. An interface that cannot be
/// asked on refuses every target.
result<link_plan> plan_links(const arping_options& options, const probe::target_list& wanted,
                             const network& around);

/// --local: the hosts of every IPv4 prefix of the links, without network and broadcast address.
result<probe::target_list> local_targets(const arping_options& options, const network& around);
/// The links that --local and a search may mean: the one of -I, or all that are fit.
result<std::vector<const io::link*>> local_links(const arping_options& options, const network& around);

/// The one link that a hardware address is searched for on.
result<probe::neighbor_link> search_link(const arping_options& options, const network& around);

/// Whom a search asks one by one: the targets that were named, else the link's own IPv4 prefixes of up to
/// 4096 addresses.
probe::target_list search_targets(const arping_options& options, const probe::target_list& named,
                                  const probe::neighbor_link& link, const network& around);

/// How our frames look on that link.
probe::neighbor_link make_link(const arping_options& options, const io::link& link);

/// Addresses that no host of these links has: one of 240.0.0.0/4, the lowest of each IPv4 prefix, and one
/// with a random interface identifier in each IPv6 /64.
std::vector<ip_address> impossible_addresses(const link_plan& plan, const network& around,
                                             seeded_random& random);

/// The machines' numbers. `link_of` of the plan is borrowed.
probe::neighbor_config run_config(const arping_options& options, const link_plan& plan);
probe::claim_config claim_config_of(const arping_options& options, const link_plan& plan, std::uint64_t seed);
/// From each of our IPv6 addresses on these links.
probe::roll_call_config roll_call_config_of(const arping_options& options,
                                            const std::vector<const io::link*>& links, const network& around,
                                            seeded_random& random);
probe::mac_search_config search_config(const arping_options& options, const probe::neighbor_link& link,
                                       const network& around, seeded_random& random);

}  // namespace diag::arping
