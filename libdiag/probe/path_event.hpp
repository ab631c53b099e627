// What a run along paths reports.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// All probes of one hop of one target, told once, hops in ascending order.
struct hop_row {
  std::uint32_t target = 0;
  std::uint8_t hop = 1;
  std::vector<path_result> probes;  ///< by flow, then number; those that reached the target with hops to
                                    ///< spare stand in the target's row
  bool known = false;  ///< not asked: taken from another target's path (--doubletree)
};

/// Why no further hop is asked.
enum class path_stop : std::uint8_t {
  reached,      ///< the target answered
  unreachable,  ///< somebody refuses to pass it on, and nothing answers from behind
  silence,      ///< as many silent hops in a row as are borne
  last_hop,     ///< the highest hop limit (-m) was asked and the target is further, if anywhere
  error,        ///< this host could not send
  interrupted,
};
std::string_view describe(path_stop why);

/// The path of one target is done; told after its last row.
struct path_end {
  std::uint32_t target = 0;
  mono_time began{}, at{};
  path_stop why = path_stop::silence;
  std::uint8_t hops = 0;       ///< hop of the target where reached, else the last hop that anything came from
  std::uint8_t asked_to = 0;   ///< highest hop limit a row stands for
  std::uint64_t sent = 0;      ///< probes that left
  std::uint64_t answered = 0;  ///< of those, late ones included
  std::uint64_t late = 0, duplicates = 0, rejected = 0;
  std::optional<duration> target_rtt{};  ///< the least of those of the target in its row
};

/// A packet about our probes that is not believed, or changes nothing.
struct path_reject {
  reject_reason why = reject_reason::foreign_quote;
  mono_time at{};
  ip_address from{};
  std::optional<std::uint32_t> target{};  ///< where that much is certain
  std::uint8_t hop = 0;                   ///< likewise; 0: unknown
  std::uint8_t icmp_type = 0, icmp_code = 0;
};

/// A hop seen by --mtu: what fits up to it.
struct mtu_row {
  std::uint32_t target = 0;
  std::uint8_t hop = 1;
  std::uint32_t mtu = 0;        ///< octets of the largest packet known to get there; 0: nothing did
  path_answer answer{};         ///< of that packet
  bool lowered = false;         ///< less than at the hop before
  ip_address limited_by{};      ///< lowered: the router that said so; unset: nobody did, found by trying
  std::uint8_t limited_at = 0;  ///< its hop, where that is known
};

/// What --mtu found; told after the rows.
struct mtu_end {
  std::uint32_t target = 0;
  mono_time began{}, at{};
  path_stop why = path_stop::silence;
  std::uint8_t hops = 0;
  std::uint32_t path_mtu = 0;  ///< to the last hop that answered
  /// Packets above path_mtu vanish after this hop and nobody says so; 0: no black hole.
  std::uint8_t black_hole_after = 0;
  std::uint32_t smallest_lost = 0;  ///< with black_hole_after: the smallest size that vanished
  std::uint64_t sent = 0;
};

/// A load-balanced path as nodes and links (--mda, --flows): hop 0 is this host.
struct path_graph {
  struct node {
    std::uint8_t hop = 0;
    ip_address address{};      ///< unset: silent
    std::uint32_t flows = 0;   ///< that went through it
    std::uint32_t probes = 0;  ///< that it answered
    bool target = false;
    bool per_packet = false;        ///< the same flow took several ways out of here
    std::optional<duration> rtt{};  ///< least
  };
  struct link {
    std::uint32_t from = 0, to = 0;  ///< places in `nodes`
    std::uint32_t flows = 0;
  };
  std::vector<node> nodes;  ///< by hop, then in the order of their discovery
  std::vector<link> links;
};

/// What --mda found of one target.
struct multipath {
  std::uint32_t target = 0;
  mono_time began{}, at{};
  path_stop why = path_stop::silence;
  std::uint8_t hops = 0;
  std::uint64_t sent = 0;
  std::uint32_t flows = 0;
  bool complete = true;  ///< the stopping rule was met everywhere; false: flows ran out, or cut short
  std::shared_ptr<const path_graph> graph;
};

using path_event = std::variant<path_result, hop_row, path_end, path_reject, mtu_row, mtu_end, multipath>;

}  // namespace diag::probe
