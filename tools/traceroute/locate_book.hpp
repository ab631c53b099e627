// --locate: the paths of one target, those that were asked for and their controls, gathered until all are
// known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "libdiag/probe/locate.hpp"
#include "tools/traceroute/path_book.hpp"
#include "tools/traceroute/plan.hpp"

namespace diag::traceroute {

/// What came of one target.
struct located_target {
  std::uint32_t path = 0;  ///< its first
  std::vector<probe::traced_path> paths{};
  std::vector<probe::location> locations{};     ///< one for each port asked that was decided
  std::vector<probe::path_target> undecided{};  ///< the run was cut short
  /// The target as a whole: the best of its paths, with all that was sent to it.
  probe::traced_path best{};
  [[nodiscard]] bool all_pass() const;
};

class locate_book {
 public:
  /// `plan` is borrowed.
  explicit locate_book(const path_plan& plan) : plan_{plan}, book_{plan.paths} {}

  /// The target, once the last of its paths has ended.
  std::optional<located_target> take(const probe::path_event& event);

 private:
  [[nodiscard]] std::vector<probe::traced_path> controls_for(std::uint32_t asked,
                                                             std::span<const probe::traced_path> paths) const;

  const path_plan& plan_;
  path_book book_;
  std::unordered_map<std::uint32_t, std::vector<probe::traced_path>> open_;  // by the first path
};

}  // namespace diag::traceroute
