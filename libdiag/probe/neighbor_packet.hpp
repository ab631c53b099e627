// The IP packet of a frame read as neighbour discovery or as an echo reply. Inside neighbor_message only.
#pragma once

#include <optional>

#include "libdiag/core/bytes.hpp"
#include "libdiag/probe/neighbor_message.hpp"

namespace diag::probe {

struct packet_reading {
  bool related = false;                  ///< false: another protocol, an ICMP message of another kind
  std::optional<reject_reason> fault{};  ///< why it is not to be believed
};

/// `octets`: the frame's payload, with padding. Fills in what could be read; `said` comes with the addresses
/// of the frame. `around` says what is known of the checksum.
packet_reading read_neighbor_packet(const arrival& around, byte_view octets, bool ipv4,
                                    neighbor_message& said);

}  // namespace diag::probe
