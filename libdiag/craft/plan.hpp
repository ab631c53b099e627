// How large each layer is and what follows it, worked out before libnet is asked for anything. Inside craft
// only.
#pragma once

#include <span>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/craft/fields.hpp"
#include "libdiag/craft/frame.hpp"

namespace diag::craft {

/// Fills `out` with one placement a layer; a failure when a layer cannot be written.
result<void> plan_layers(std::span<const layer> layers, std::vector<placement>& out);

/// The IP protocol number of the first of `inner`. Nothing inside: 59 (no next header). Octets without a
/// protocol: 253 (RFC 3692 experiments).
std::uint8_t protocol_number(std::span<const layer> inner);
/// The Ethernet type of the first of `inner`; octets without one: 0x88b5 (IEEE 802 local experiments).
std::uint16_t ether_type(std::span<const layer> inner);

/// Octets rounded up to a multiple of `unit`.
constexpr std::size_t padded(std::size_t size, std::size_t unit) {
  return (size + unit - 1) / unit * unit;
}

/// RFC 4884: the unit of the length field of an ICMP error in octets, and where in the message it is. Unit 0:
/// the type has no such field.
struct quote_length_field {
  std::size_t unit = 0;
  std::size_t at = 0;
};
quote_length_field quote_length_of(const icmpv4_fields& fields);
quote_length_field quote_length_of(const icmpv6_fields& fields);

/// Octets between the eight of an ICMPv6 header and its options: the addresses and timers of RFC 4861 §4.
std::size_t neighbor_body_size(const icmpv6_fields& fields);

}  // namespace diag::craft
