// What a probe_socket holds: the batches it sends from and receives into, allocated at first use.
#pragma once

#include <optional>
#include <vector>

#include "libdiag/io/message_batch.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/probe_socket_open.hpp"
#include "libdiag/io/stamped_sender.hpp"

namespace diag::io {

struct probe_socket::state {
  state(opened_probe_socket from, const probe_socket_config& config);

  /// Appends to the sender's results what one read of the error queue gave; true when that emptied it.
  bool read_errors(clock_bridge& clocks);
  void queue_summed(const probe::transmit& packet, bool stamped);
  /// `packet` with its UDP header, which the kernel writes anew.
  void queue_datagram(const probe::transmit& packet, bool stamped);
  /// As long as all packets go from one address the socket is bound to it, which costs nothing on each.
  void settle_binding(const ip_address& wanted);
  /// Appends to `arrivals` those of `count` received packets that are let in.
  void take_in(std::size_t count, clock_bridge& clocks);
  [[nodiscard]] bool lets_in(byte_view packet) const;
  void filter_in_kernel() const;
  /// What its packets begin with.
  [[nodiscard]] probe::framing form() const;
  [[nodiscard]] byte_view with_udp_header(std::size_t i);

  opened_probe_socket opened;
  ip_family family;
  probe_protocol protocol;
  identifier_range identifiers;
  port_range ports;
  bool every_error;
  ip_address source;  ///< configured; none: found for each destination
  std::size_t snap_length;
  stamped_sender sender;
  std::optional<message_batch> incoming{};
  std::optional<message_batch> errors{};
  ip_address bound{};                       ///< by settle_binding()
  bool binding_settled = false;             ///< bound, or never to be
  std::vector<probe::stimulus> arrivals{};  ///< of receive()
  std::uint32_t drops_seen = 0;
  std::uint32_t strangers = 0;  ///< packets not let in
};

}  // namespace diag::io
