// Closed lists: how a probe ended, and why. One word each, the same in text, records and man pages
// (diag-json(5)).
#pragma once

#include <cstdint>
#include <string_view>

#include "libdiag/core/address.hpp"

namespace diag::probe {

/// The one terminal state of a probe.
enum class probe_state : std::uint8_t {
  in_flight,  ///< not terminal yet
  answered,   ///< a reply that is provably ours came in time
  lost,       ///< the timeout passed
  refused,    ///< a node said why it would not pass or answer it
  not_sent,   ///< it never left this host
};

/// Why a probe ended as it did. The words are RFC 792, 1122, 1812, 4443 and 9293 terms.
enum class reason : std::uint8_t {
  none,
  net_unreachable,
  host_unreachable,
  protocol_unreachable,
  port_unreachable,
  fragmentation_needed,
  source_route_failed,
  admin_prohibited,
  beyond_scope,
  source_address_failed,
  route_rejected,
  other_unreachable,
  packet_too_big,
  hop_limit_exceeded,
  reassembly_time_exceeded,
  parameter_problem,
  syn_ack,             ///< TCP: an acceptable SYN-ACK
  syn_ack_by_device,   ///< the same, but its TTL is not the host's: SYN proxy, load balancer
  reset,               ///< TCP: an acceptable RST
  reset_by_device,     ///< the same, but its TTL is not the host's
  unfiltered,          ///< TCP: a RST to a segment that was no SYN: it got through and back
  no_answer,           ///< nothing came, after all attempts
  connection_timeout,  ///< TCP through the kernel: nothing came, or nothing that was not told to us
  local_firewall,      ///< EPERM from our own netfilter
  no_route,            ///< ENETUNREACH, EHOSTUNREACH of our own stack
  blackhole_route,     ///< EINVAL of a blackhole route
  prohibited_route,    ///< EACCES
  message_too_long,    ///< EMSGSIZE
  local_queue_full,    ///< ENOBUFS after retries
  interface_down,      ///< ENETDOWN
  interface_gone,      ///< ENXIO, ENODEV
  system_error,        ///< anything else; the errno value goes with it
};
std::string_view describe(reason why);

/// The reason a type and code of ICMP (family v4) or ICMPv6 stands for.
reason icmp_reason(ip_family family, std::uint8_t type, std::uint8_t code);
/// The reason an errno value of a send call stands for.
reason send_reason(int error_number);
/// True where the cause lies on this host: such a probe counts as not sent, never as lost.
bool is_local(reason why);

/// Why an arrival was not believed.
enum class reject_reason : std::uint8_t {
  bad_ip_header,    ///< header or stated length does not fit the octets
  bad_icmp_header,  ///< fewer than 8 octets of ICMP
  bad_checksum,
  bad_code,            ///< echo reply with a code other than 0
  wrong_id,            ///< our nonce under another identifier
  future_sequence,     ///< a sequence never sent
  wrong_token,         ///< our identifier and sequence, not our nonce
  wrong_source,        ///< another address answered
  bad_quote,           ///< an ICMP error whose quoted packet cannot be read
  foreign_quote,       ///< an ICMP error about a packet we did not send
  source_quench,       ///< RFC 6633: ignored, wherever it comes from
  bad_mtu,             ///< packet too big with an MTU below 1280 (RFC 8201 §4)
  unexpected_type,     ///< an ICMP type that answers nothing we ask
  forgotten,           ///< ours, but so late that its probe is no longer remembered
  bad_tcp_header,      ///< fewer than 20 octets of TCP, or a data offset that does not fit
  bad_flags,           ///< flags that answer nothing: SYN with RST, an ACK alone, none
  simultaneous_open,   ///< a SYN without ACK where a SYN-ACK was due
  wrong_ack,           ///< acknowledges what was not sent (RFC 9293 §3.10.7.3)
  reset_without_ack,   ///< RST to a SYN must acknowledge it
  wrong_port,          ///< our sequence number under other ports
  late_answer,         ///< an answer to a probe that had ended: told, changes nothing
  duplicate_answer,    ///< the same answer again
  conflicting_answer,  ///< another answer than the one that decided
  bad_link_header,     ///< a frame shorter than its headers, or a length field that lies
  bad_arp_header,      ///< not Ethernet and IPv4, lengths other than 6 and 4, or fewer octets than they need
  bad_operation,       ///< an ARP operation that answers nothing we ask
  bad_neighbor_message,  ///< a neighbour discovery message that RFC 4861 §7.1 has us discard
  bad_hop_limit,         ///< neighbour discovery with a hop limit other than 255: it came through a router
  invalid_hardware,      ///< an owner with the address 00:00:00:00:00:00 or ff:ff:ff:ff:ff:ff
  wrong_hardware,        ///< in a frame for another host
  wrong_target,          ///< addressed to a protocol address that is not ours
  wrong_vlan,            ///< under another VLAN tag than ours, or without one
  wrong_framing,         ///< another framing or ethertype than asked with
};
inline constexpr std::size_t reject_reason_count = 33;
std::string_view describe(reject_reason why);

/// What was odd about a reply that was believed all the same.
enum class anomaly : std::uint8_t {
  truncated = 1,  ///< payload shorter than sent: token gone or cut
  corrupt = 2,    ///< a payload octet differs
  longer = 4,     ///< more octets than were sent
  checksum_unverified = 8,
  clock_step = 16,         ///< the kernel stamps did not fit; the process clock was used
  non_standard_time = 32,  ///< timestamp reply not in milliseconds since midnight UT (RFC 792, high bit)
};
using anomalies = std::uint8_t;
inline anomalies operator|(anomalies set, anomaly one) {
  return static_cast<anomalies>(set | static_cast<std::uint8_t>(one));
}
inline bool has(anomalies set, anomaly one) {
  return (set & static_cast<std::uint8_t>(one)) != 0;
}
std::string_view describe(anomaly one);

}  // namespace diag::probe
