// Where the firewall sits (--locate): the path of a refused probe against the path of one that passes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

/// A whole path, as a trace_course told it.
struct traced_path {
  path_target target{};
  std::vector<hop_row> rows;
  path_end end{};
};

enum class locate_verdict : std::uint8_t {
  passes,    ///< the target itself answered
  dropped,   ///< nothing comes back from behind hop `after_hop`
  rejected,  ///< somebody before the target, or the target's own filter, refuses it
};
std::string_view describe(locate_verdict what);

struct location {
  path_target asked{};
  locate_verdict verdict = locate_verdict::dropped;
  std::uint8_t after_hop =
      0;               ///< the last hop that answered the refused probe with time exceeded; 0: none did
  ip_address after{};  ///< its address
  std::optional<std::uint8_t>
      at_hop{};                  ///< rejected: the hop whose address sent the refusal; passes: the target's
  ip_address by{};               ///< rejected: who sent the refusal
  path_answer answer{};          ///< the refusal, or the answer that shows it passed
  bool in_targets_name = false;  ///< rejected by a segment from nearer than the target
  bool by_target = false;        ///< rejected by the target itself (ICMP from its address)
  std::optional<path_target> control{};  ///< the probe that passes, which it was compared with
  std::uint8_t control_hop = 0;          ///< where that reached the target
  ip_address next{};                     ///< who stands behind `after` on the control's path; unset: unknown
  bool control_shares_path = true;       ///< the control's path has the same addresses up to after_hop
};

/// `controls` in the order of preference; the first that reached the target is compared with.
location locate(const traced_path& asked, std::span<const traced_path> controls);

}  // namespace diag::probe
