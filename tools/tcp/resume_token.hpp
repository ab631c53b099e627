// Where a run was cut short, as a word that a later run takes (--resume).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/probe/tcp_plan.hpp"

namespace diag::tcp {

struct resume_point {
  std::uint64_t order_seed = 0;
  std::uint64_t place = 0;  ///< in the order of the first round: everything before it is decided
  std::uint64_t plan = 0;   ///< tcp_plan::fingerprint()
  bool shuffled = false;
  friend bool operator==(const resume_point&, const resume_point&) = default;
};

/// "r1-SEED-PLACE-PLAN-CHECK" in hexadecimal, "o1-..." for a run in the order given. Nothing secret is in it.
std::string resume_text(const resume_point& point);

/// nullopt: no token, or one with a typing error in it.
std::optional<resume_point> parse_resume(std::string_view word);

/// Why this point is not one of this plan; nullopt: it is.
std::optional<std::string> resume_objection(const resume_point& point, const probe::tcp_plan& plan);

}  // namespace diag::tcp
