// Internet checksums as seen on arrival: RFC 1071; pseudo-headers of RFC 768, RFC 9293 §3.1 and RFC 8200
// §8.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::wire {

enum class checksum_validity : std::uint8_t {
  good,
  bad,
  absent,        ///< the sender computed none (UDP checksum 0)
  unfinished,    ///< holds the pseudo-header sum alone: left to offload hardware the packet never met
  unverifiable,  ///< octets are missing, or the addresses that were summed are not known
};
std::string_view describe(checksum_validity validity);

/// What TCP, UDP and ICMPv6 sum besides their own octets.
struct pseudo_header {
  ip_address source;
  ip_address destination;
  std::uint8_t protocol = 0;
  std::uint32_t length = 0;  ///< octets of the upper-layer message, from its own or the IP header
};

/// A message that sums to all ones by itself: IPv4 header, ICMPv4, RFC 4884 extension structure. Never
/// `absent`.
checksum_validity verify_alone(byte_view message);

/// A message covered together with its pseudo-header. `checksum_at` is the offset of the checksum in
/// `message`. `unverifiable` when `message` is not `length` octets or the families of the addresses differ.
checksum_validity verify_with(const pseudo_header& pseudo, byte_view message, std::size_t checksum_at);

}  // namespace diag::wire
