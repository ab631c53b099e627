// The probes of a hop by who answered them, where several flows met several routers (--flows).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libdiag/probe/path_answer.hpp"

namespace diag::traceroute {

struct flow_part {
  ip_address from{};                                ///< unset: nobody, or this host could not send
  std::vector<std::uint16_t> flows{};               ///< from 0, ascending; empty: no need to tell
  std::vector<const probe::path_result*> probes{};  ///< by flow, then number; borrowed
};

/// One part for each address, in the order of the flows; one part of everything where all flows met the same
/// one. A silent probe stands with the others of its flow.
std::vector<flow_part> flow_parts(std::span<const probe::path_result> probes);

/// "flow 3", "flows 1-3,7": counted from 1.
std::string flow_words(std::span<const std::uint16_t> flows);

}  // namespace diag::traceroute
