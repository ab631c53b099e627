// Names of IP protocol numbers: IANA "Assigned Internet Protocol Numbers".
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::wire {

std::string describe_ip_protocol(std::uint8_t protocol) {
  switch (protocol) {
    case ip_protocol::hop_by_hop:
      return "IPv6 hop-by-hop options";
    case ip_protocol::icmp:
      return "ICMP";
    case ip_protocol::igmp:
      return "IGMP";
    case ip_protocol::ipv4:
      return "IPv4";
    case ip_protocol::tcp:
      return "TCP";
    case ip_protocol::udp:
      return "UDP";
    case ip_protocol::ipv6:
      return "IPv6";
    case ip_protocol::routing:
      return "IPv6 routing header";
    case ip_protocol::fragment:
      return "IPv6 fragment header";
    case ip_protocol::gre:
      return "GRE";
    case ip_protocol::esp:
      return "ESP";
    case ip_protocol::authentication:
      return "AH";
    case ip_protocol::icmpv6:
      return "ICMPv6";
    case ip_protocol::no_next_header:
      return "no next header";
    case ip_protocol::destination_options:
      return "IPv6 destination options";
    case ip_protocol::ospf:
      return "OSPF";
    case ip_protocol::sctp:
      return "SCTP";
    default:
      return "protocol " + std::to_string(protocol);
  }
}

}  // namespace diag::wire
