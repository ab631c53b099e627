// The Internet checksum: ones-complement sum of 16-bit words (RFC 1071), pseudo-headers (RFC 768, RFC 9293
// §3.1, RFC 8200 §8.1) and the incremental update (RFC 1624).
#pragma once

#include <cstdint>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag {

/// Collects octets piece by piece. A piece of odd length is fine: the next one goes on in the middle of the
/// word.
class checksum_sum {
 public:
  checksum_sum& add(byte_view octets);
  /// A field in host order.
  checksum_sum& add16(std::uint16_t value);
  checksum_sum& add32(std::uint32_t value);
  /// Both addresses, the upper-layer length and the protocol, in the shape of the addresses' family (IPv4:
  /// RFC 768; IPv6: RFC 8200 §8.1). Call it at an even position.
  checksum_sum& add_pseudo_header(const ip_address& source, const ip_address& destination,
                                  std::uint8_t protocol, std::uint32_t length);

  /// The plain sum folded to 16 bits, host order. 0xffff over octets that hold their own right checksum.
  [[nodiscard]] std::uint16_t folded() const;
  /// What goes into the checksum field, host order: the complement of folded(). 0 over octets that hold their
  /// own right checksum. UDP's "0 is sent as 0xffff" (RFC 768) is the caller's.
  [[nodiscard]] std::uint16_t finish() const { return static_cast<std::uint16_t>(~folded()); }

 private:
  void add_folded(std::uint16_t native);

  std::uint64_t sum_ = 0;  // of words as this machine loads them; put in order when folded (RFC 1071 §2(B))
  bool odd_ = false;
};

/// finish() over one run of octets: the field's value when the field is zero there, 0 when it is right.
std::uint16_t internet_checksum(byte_view octets);

/// The checksum after one 16-bit word under it changed: RFC 1624 eqn. 3, HC' = ~(~HC + ~m + m').
constexpr std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace diag
