// ICMP echo requests by the thousand: built once by libnet, then patched in place. RFC 792, RFC 4443 §4.1;
// the checksum is kept by RFC 1624.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::craft {

/// One echo request message, without an IP header. The payload is the tag in its first octets and the pattern
/// in the others.
class echo_template {
 public:
  /// Without a pattern octet i of the payload is i & 0xff, as iputils ping has it; a pattern is repeated.
  echo_template(ip_family family, std::size_t payload_size, byte_view pattern = {});

  /// The message with the tag, big-endian, in the first min(8, payload) octets of the payload: a shorter
  /// payload keeps the high octets of the tag. Borrowed until the next call. No allocation.
  ///
  /// IPv4: the checksum is right. IPv6: it is zero, which the kernel fills in on raw and on datagram ICMPv6
  /// sockets alike (RFC 3542 §3.1).
  byte_view stamp(std::uint16_t identifier, std::uint16_t sequence, std::uint64_t tag);
  /// The same with the full ICMPv6 checksum, for frames that no kernel completes. The addresses do not matter
  /// to IPv4.
  byte_view stamp(std::uint16_t identifier, std::uint16_t sequence, std::uint64_t tag,
                  const ip_address& source, const ip_address& destination);

  [[nodiscard]] ip_family family() const { return family_; }
  /// The payload as last stamped.
  [[nodiscard]] byte_view payload() const { return byte_view{message_}.subspan(header_size); }

  static constexpr std::size_t header_size = 8;
  static constexpr std::size_t tag_size = 8;

 private:
  std::uint32_t write_fields(std::uint16_t identifier, std::uint16_t sequence, std::uint64_t tag);

  std::vector<std::byte> message_;
  std::uint64_t tag_mask_ = 0;   ///< the octets of the tag that the payload has room for
  std::uint32_t fixed_sum_ = 0;  ///< of the octets that never change, folded
  ip_family family_;
};

/// An ICMP timestamp request (type 13): originate is in milliseconds since midnight UT; receive and transmit
/// are zero.
std::array<std::byte, 20> timestamp_request(std::uint16_t identifier, std::uint16_t sequence,
                                            std::uint32_t originate_ms);

}  // namespace diag::craft
