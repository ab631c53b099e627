// What Linux's datagram sockets tell an unprivileged program: the error queue of IP_RECVERR and
// IP_RECVERR_RFC4884, and payloads without IP headers.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/probe/stimulus.hpp"

#include "tests/sim/path_packets.hpp"

namespace diag::sim {

/// Which of our packets a socket knows as its own.
struct datagram_sockets {
  std::uint16_t identifier = 0x5a17;  ///< of the ICMP socket: the kernel writes it over what it is given
  std::uint16_t udp_port = 0;         ///< the UDP socket's; 0: any
};

/// Makes `octets` what the kernel makes of a message for a datagram socket: identifier and checksums are its.
void send_as_kernel(packet& octets, const datagram_sockets& sockets);
/// What is queued for an ICMP error; nullopt: it is none, or about no packet of these sockets. Borrows from
/// `octets`.
std::optional<probe::path_notice> notice_of(byte_view octets, const datagram_sockets& sockets);

}  // namespace diag::sim
