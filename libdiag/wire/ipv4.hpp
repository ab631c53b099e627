// IPv4 header: RFC 791 §3.1; DSCP and ECN: RFC 2474, RFC 3168.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/checksum.hpp"

namespace diag::wire {

/// Borrowed look at a packet; its octets may end before, or go on after, what total_length() states.
class ipv4_view {
 public:
  static constexpr std::size_t min_header_size = 20;

  /// Refuses `truncated` (fewer than 20 octets, or than the header states), `bad_version`, and `bad_length`
  /// (IHL below 5, total length below the header's).
  [[nodiscard]] static result<ipv4_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] std::uint8_t version() const;
  [[nodiscard]] std::uint8_t ihl() const;  ///< in 32-bit words
  [[nodiscard]] std::size_t header_size() const { return std::size_t{ihl()} * 4; }
  [[nodiscard]] std::uint8_t tos() const;
  [[nodiscard]] std::uint8_t dscp() const;
  [[nodiscard]] std::uint8_t ecn() const;
  [[nodiscard]] std::uint16_t total_length() const;
  [[nodiscard]] std::uint16_t identification() const;
  [[nodiscard]] bool reserved_flag() const;  ///< the "evil bit"; RFC 791 wants it zero
  [[nodiscard]] bool dont_fragment() const;
  [[nodiscard]] bool more_fragments() const;
  [[nodiscard]] std::uint16_t fragment_offset() const;  ///< in octets
  [[nodiscard]] bool is_fragment() const { return more_fragments() || fragment_offset() != 0; }
  [[nodiscard]] std::uint8_t ttl() const;
  [[nodiscard]] std::uint8_t protocol() const;  ///< see ip_protocol.hpp
  [[nodiscard]] std::uint16_t header_checksum() const;
  [[nodiscard]] ip_address source() const;
  [[nodiscard]] ip_address destination() const;

  [[nodiscard]] byte_view header() const { return bytes_.first(header_size()); }
  [[nodiscard]] byte_view options() const;
  /// From the header to total_length(), or to where the octets end.
  [[nodiscard]] byte_view payload() const;
  /// total_length() states more octets than there are.
  [[nodiscard]] bool truncated() const { return total_length() > bytes_.size(); }
  /// Octets after total_length(): link-layer padding, or something to look at.
  [[nodiscard]] byte_view trailing() const;
  /// Of the header.
  [[nodiscard]] checksum_validity checksum() const { return verify_alone(header()); }
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit ipv4_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

}  // namespace diag::wire
