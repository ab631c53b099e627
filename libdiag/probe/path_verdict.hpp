// The small parts that both halves of path_exchange are made of. Inside probe only.
#pragma once

#include <cstdint>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"
#include "libdiag/probe/path_exchange.hpp"

namespace diag::probe {

/// IP protocol number.
std::uint8_t protocol_of(path_method method, ip_family family);
path_reject refuse(reject_reason why, mono_time at, const ip_address& from);
/// The same, of a probe that is known; nullptr: unchanged.
path_reject about(path_reject what, const path_record* probe);
/// When the answer came and how long it took.
void stamp(path_answer& answer, const path_record& probe, const arrival& packet);

}  // namespace diag::probe
