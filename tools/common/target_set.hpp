// The targets of a run: words and files in, numbered addresses out, with the names they were given.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/error.hpp"
#include "libdiag/probe/targets.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/target_intake.hpp"

namespace diag::tools {

struct target_request {
  std::vector<std::string> words{};
  std::string file{};  ///< empty: none; "-": standard input
  ip_family family = ip_family::none;
  bool all_addresses = false;
  bool generate = false;  ///< the two words are the ends of a range
  std::uint64_t shard = 1, shards = 1;
  /// Families there is a socket for: a name is taken by an address of these if it has one.
  bool have_v4 = true, have_v6 = true;
};

class target_set {
 public:
  [[nodiscard]] const probe::target_list& list() const { return list_; }
  [[nodiscard]] std::uint64_t size() const { return list_.size(); }
  [[nodiscard]] ip_address address(std::uint64_t target) const { return list_.at(target); }
  /// The name the user gave for this address; empty when he gave the address itself.
  [[nodiscard]] std::string_view name_of(const ip_address& address) const { return names_.name_of(address); }
  /// The name, or the address as text.
  [[nodiscard]] std::string label(std::uint64_t target) const { return names_.label(address(target)); }
  [[nodiscard]] const std::vector<lost_target>& lost() const { return lost_; }

 private:
  friend class target_gatherer;
  probe::target_list list_;
  target_names names_;
  std::vector<lost_target> lost_;
};

struct gathered_targets {
  target_set targets{};
  exit_code worst = exit_code::positive;  ///< usage: bad lines; ours: names that gave no address
  bool fatal = false;                     ///< a word of the command line itself is wrong: do not run
};

/// Reads, resolves, removes what was named twice, takes the shard. Blocks in the name service, so privileges
/// should be gone by now. Every complaint is one line for the user.
gathered_targets gather_targets(const target_request& request,
                                const std::function<void(const std::string&)>& complain);

/// Families the words of the command line can need, by their shape alone: a name needs either.
struct needed_families {
  bool v4 = false, v6 = false;
};
needed_families families_of(const target_request& request);

}  // namespace diag::tools
