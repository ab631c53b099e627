// Which captured packets a machine is told of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/io/identifier_range.hpp"
#include "libdiag/io/port_range.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

/// A packet of this host, seen by a capture. Of an answer in connect mode it is the mirror image: what we
/// must have sent for it to come.
struct outgoing_packet {
  std::uint8_t protocol = 0;  ///< IP protocol number of `transport`
  ip_address source{};
  ip_address destination{};
  /// From the transport header on. TCP, UDP: at least the two ports, and of a mirror image nothing but them.
  byte_view transport;
};

/// Whose probe it is; nullopt: not ours.
using packet_recogniser = std::function<std::optional<probe::probe_token>(const outgoing_packet&)>;

struct tap_interest {
  bool echoes = true;  ///< ICMP as diag-ping sends it, and errors about it
  identifier_range ours_v4{};
  identifier_range ours_v6{};
  port_range ports{};        ///< TCP and UDP from and to them, and errors that quote it
  bool every_error = false;  ///< whatever it quotes
  /// Connect mode: TCP with SYN or RST of connections that the recogniser knows, and errors that quote them.
  bool connections = false;
};

}  // namespace diag::io
