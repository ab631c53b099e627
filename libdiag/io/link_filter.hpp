// Which frames a packet socket wants, as a classic BPF program for the kernel and as a function. Both must
// agree.
//
// The outermost VLAN tag is mostly not among the octets: the kernel keeps it apart. So a frame is looked at
// behind as many tags as its octets have, two at most, and with none all the same. Which tags are right is
// for the machine to say.
#pragma once

#include <cstdint>
#include <linux/filter.h>
#include <optional>
#include <vector>

#include "libdiag/core/bytes.hpp"

namespace diag::io {

struct link_filter {
  bool arp = true;                            ///< 0x0806, also in SNAP, and in LLC with the SAP of ARP (0x98)
  bool reverse_arp = false;                   ///< 0x8035, also in SNAP
  bool neighbor_discovery = true;             ///< ICMPv6 133 to 137, with no header between it and IPv6
  bool echo_replies = false;                  ///< ICMP 0 and ICMPv6 129, no later fragments
  std::optional<std::uint16_t> ether_type{};  ///< one more
  /// Groups this host is not in: solicitations that others send about an address not ours yet. Costs the
  /// interface IFF_ALLMULTI while the socket is open, where it listens to one.
  bool every_group = false;
  bool others = false;  ///< frames for other hosts too; needs a promiscuous interface
};

/// For packet sockets, whose frames begin with the Ethernet header.
std::vector<sock_filter> link_filter_program(const link_filter& wanted);
/// By the octets alone: whom a frame is for is not among them as far as the kernel is concerned.
bool admits_frame(byte_view frame, const link_filter& wanted);

}  // namespace diag::io
