// UDP header: RFC 768; zero checksum over IPv6: RFC 8200 §8.1, RFC 6935; length zero in jumbograms: RFC 2675
// §4.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/checksum.hpp"

namespace diag::wire {

/// Borrowed look at a datagram; its octets may end before, or go on after, what length() states.
class udp_view {
 public:
  static constexpr std::size_t header_size = 8;

  /// Refuses `truncated`: fewer than eight octets. A wrong length is a finding: bad_length(), truncated().
  [[nodiscard]] static result<udp_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] std::uint16_t source_port() const;
  [[nodiscard]] std::uint16_t destination_port() const;
  [[nodiscard]] std::uint16_t length() const;
  [[nodiscard]] std::uint16_t checksum() const;

  /// From the header to length(), or to where the octets end; empty when bad_length().
  [[nodiscard]] byte_view payload() const;
  /// length() is 1 to 7: less than the header itself.
  [[nodiscard]] bool bad_length() const { return length() != 0 && length() < header_size; }
  /// length() states more octets than there are.
  [[nodiscard]] bool truncated() const { return length() > bytes_.size(); }
  /// Octets after length().
  [[nodiscard]] byte_view trailing() const;
  /// `absent` when the field is zero, in both families; over IPv6 that is worth a remark.
  [[nodiscard]] checksum_validity verify(const ip_address& source, const ip_address& destination) const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit udp_view(byte_view bytes) : bytes_{bytes} {}
  /// Octets of the datagram that are there.
  [[nodiscard]] std::size_t extent() const;
  byte_view bytes_;
};

}  // namespace diag::wire
