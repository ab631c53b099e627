// A policy: rows that say what ports should be, out of a file and what it includes.
//
// Any error in it, and nothing is sent: all of them are told, each with its file and line. Names are looked
// up only when there is none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/tcp/gather.hpp"
#include "tools/tcp/policy_line.hpp"

namespace diag::tcp {

struct policy_row {
  std::uint32_t file = 0;  ///< place in policy::files
  std::uint64_t line = 0;  ///< from 1
  std::string target;      ///< as written
  port_set ports;
  expectation expected;
  std::string name;                            ///< empty: none
  std::vector<tools::address_block> blocks{};  ///< disjoint; empty: the name gave no address
  std::string lost{};                          ///< and why

  [[nodiscard]] std::uint64_t pairs() const;
};

struct policy {
  std::vector<std::string> files{};  ///< as opened; the first is the one asked for
  std::vector<policy_row> rows{};    ///< in the order in which they are read, includes in their place

  /// "dmz.policy:12", not yet safe to print.
  [[nodiscard]] std::string place(const policy_row& row) const;
};

/// Bounds that a mistake or malice would meet, and no policy.
inline constexpr std::size_t deepest_include = 16, most_policy_files = 1000, largest_policy_file = 64U << 20,
                             most_policy_rows = 1'000'000;

struct policy_request {
  std::string file{};  ///< "-": standard input
  ip_family family = ip_family::none;
  bool all_addresses = false;
  std::uint16_t flows = 1;
  bool have_v4 = true, have_v6 = true;
};

struct gathered_policy {
  policy rules{};
  gathered_plan asked{};  ///< every pair of every row, once; worst and fatal are of the whole
};

/// Blocks in the name service. `worst` usage goes with `fatal`; ours alone (a name without an address) does
/// not: such a row is told as an error, and the others run.
gathered_policy gather_policy(const policy_request& request,
                              const std::function<void(const std::string&)>& complain);

/// --dry-run: rows, pairs, and how many probes they take.
std::string policy_dry_run(const gathered_policy& what, std::uint32_t retries, std::uint64_t rounds);

}  // namespace diag::tcp
