// Which ICMP messages are ours: by identifier, or by the nonce that opens the payload of every probe of a
// run.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/bytes.hpp"

namespace diag::io {

/// Identifiers from `base` on, wrapping at 65,536; count 0 or 65,536 admits all.
struct identifier_range {
  std::uint16_t base = 0;
  std::uint32_t count = 0;
  /// First four payload octets of our requests: a reply that carries them is ours even if somebody on the way
  /// changed its identifier.
  std::optional<std::uint32_t> nonce{};
  [[nodiscard]] bool holds(std::uint16_t identifier) const {
    return count == 0 || static_cast<std::uint16_t>(identifier - base) < count;
  }
  /// `reply` from the ICMP header on.
  [[nodiscard]] bool holds_reply(byte_view reply) const {
    if (reply.size() < 6) return false;
    return holds(load_be16(reply, 4)) || (nonce && reply.size() >= 12 && load_be32(reply, 8) == *nonce);
  }
};

}  // namespace diag::io
