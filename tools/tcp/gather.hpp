// Words and files to a plan: which ports of which addresses, and the names the user gave them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libdiag/probe/tcp_plan.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/target_intake.hpp"
#include "tools/common/target_set.hpp"

namespace diag::tcp {

struct plan_request {
  std::vector<std::string> words{};
  std::string file{};  ///< empty: none; "-": standard input
  std::uint64_t shard = 1, shards = 1;
  ip_family family = ip_family::none;
  bool all_addresses = false;
  std::vector<std::uint16_t> ports{};  ///< -p: of words that have none of their own
  std::uint16_t flows = 1;
  /// Families there is a socket for: a name is taken by an address of these if it has one.
  bool have_v4 = true, have_v6 = true;
};

struct gathered_plan {
  probe::tcp_plan plan{};
  tools::target_names names{};
  std::vector<tools::lost_target> lost{};
  tools::exit_code worst = tools::exit_code::positive;  ///< usage: bad lines; ours: names without an address
  bool fatal = false;                                   ///< do not run

  /// What the user called it, else the address. Precondition: target < plan.target_count().
  [[nodiscard]] std::string label(std::uint32_t target) const { return names.label(plan.address(target)); }
};

/// Blocks in the name service, so privileges should be gone by now. Every complaint is one line.
gathered_plan gather_plan(const plan_request& request,
                          const std::function<void(const std::string&)>& complain);

/// Families the words can need, by their shape alone.
tools::needed_families families_of(const plan_request& request);

}  // namespace diag::tcp
