// Ports that the kernel keeps for us: bound, but not listening.
//
// While a lease lives nobody else is given the ports. Since no connection uses the TCP ports the kernel
// itself resets what a crafted SYN opened: SYN-ACKs are answered by RST (RFC 9293 §3.10.7.1), which is polite
// to the peer. Datagrams to the UDP ports are dropped in silence, where without a lease they would be
// answered by "port unreachable": whoever wants them reads a raw socket.
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/io/port_range.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {

enum class port_kind : std::uint8_t { tcp, udp, both };

/// Move-only; the ports are free again when it goes.
class port_lease {
 public:
  [[nodiscard]] std::uint16_t base() const { return ports_.base; }
  [[nodiscard]] std::uint16_t count() const { return static_cast<std::uint16_t>(ports_.count); }
  [[nodiscard]] port_range ports() const { return ports_; }

 private:
  port_lease(port_range ports, std::vector<unique_fd> sockets)
      : ports_{ports}, sockets_{std::move(sockets)} {}
  friend result<port_lease> lease_these_ports(std::uint16_t first, std::uint16_t count, port_kind kind);

  port_range ports_;
  std::vector<unique_fd> sockets_;
};

/// `count` ports in a row, all above 1024 and outside net.ipv4.ip_local_port_range where there is room, at a
/// place drawn with `seed`. At most 4,096; one descriptor each, two with port_kind::both.
result<port_lease> lease_ports(std::uint16_t count, std::uint64_t seed, port_kind kind = port_kind::tcp);
/// These very ports, in both families. The failure names the first that somebody else has.
result<port_lease> lease_these_ports(std::uint16_t first, std::uint16_t count,
                                     port_kind kind = port_kind::tcp);

}  // namespace diag::io
