// IP protocol numbers and IPv6 next-header values (IANA "Assigned Internet Protocol Numbers"), as far as this
// toolkit gives them a meaning.
#pragma once

#include <cstdint>
#include <string>

namespace diag::wire {

namespace ip_protocol {
inline constexpr std::uint8_t hop_by_hop = 0;
inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t igmp = 2;
inline constexpr std::uint8_t ipv4 = 4;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t routing = 43;
inline constexpr std::uint8_t fragment = 44;
inline constexpr std::uint8_t gre = 47;
inline constexpr std::uint8_t esp = 50;
inline constexpr std::uint8_t authentication = 51;
inline constexpr std::uint8_t icmpv6 = 58;
inline constexpr std::uint8_t no_next_header = 59;
inline constexpr std::uint8_t destination_options = 60;
inline constexpr std::uint8_t ospf = 89;
inline constexpr std::uint8_t sctp = 132;
}  // namespace ip_protocol

/// "UDP", "ICMPv6"; "protocol 200" for a number without a name here.
std::string describe_ip_protocol(std::uint8_t protocol);

}  // namespace diag::wire
