// What the rows of a path mean together: the remarks a good engineer would write beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/probe/header_change.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

enum class path_finding_kind : std::uint8_t {
  loop,          ///< an address at two hops with another in between: `hop` and `other_hop`
  repeated_hop,  ///< the same address at neighboring hops: forwards without decrementing, or a loop of one
  several_addresses,  ///< one flow met several addresses at a hop: balancing per packet, or the path changed
  several_paths,      ///< flows met different addresses at a hop: balancing per flow
  changed,            ///< `change`: our packet was changed between hop `other_hop` (still as sent) and `hop`
  nat,                ///< addresses or ports were: the same
  longer_return,      ///< answers come back over `count` more hops than the probes went
  hidden_tunnel,    ///< `count` hops between `other_hop` and `hop` do not show: MPLS without TTL propagation
  implicit_tunnel,  ///< hops `other_hop`..`hop` quote a hop limit above 1: MPLS routers without labels
  rate_limited,     ///< answered only `count` of `total`, and hops behind it answered all
  answers_for_target,  ///< port unreachable, or a reset, in the target's place from `address` at `hop`
  reset_by_device,     ///< a segment in the target's name from nearer than the target
  zero_hop_limit,      ///< quotes a hop limit of 0: the hop before forwarded what had expired
  target_silent,       ///< the path goes on to `hop`, and the target says nothing
  bad_extension,       ///< an ICMP extension at `hop` lies about itself
  reassembly,          ///< time exceeded in reassembly: fragments are lost before `hop`
};
inline constexpr std::size_t path_finding_kinds = 16;
/// The word in records: "loop", "several-addresses", ...
std::string_view describe(path_finding_kind what);

struct path_finding {
  path_finding_kind what = path_finding_kind::loop;
  std::uint8_t hop = 0, other_hop = 0;
  std::uint32_t count = 0, total = 0;
  ip_address address{};
  std::optional<header_change> change{};
};

/// `rows` are those of one target, in ascending order. Findings by hop.
std::vector<path_finding> find_oddities(const path_target& target, std::span<const hop_row> rows,
                                        const path_end& end);

/// The graph that rows of several flows make (--flows, --dot).
path_graph graph_of(const path_target& target, std::span<const hop_row> rows);

/// How far the sender of an answer probably is, from the hop limit left in it: sent as 32, 64, 128 or 255.
std::optional<std::uint8_t> hops_back(std::uint8_t arrived_hop_limit);

}  // namespace diag::probe
