// TCP header: RFC 9293 §3.1; ECN flags: RFC 3168 §6.1; the AE flag: RFC 9768.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/checksum.hpp"

namespace diag::wire {

namespace tcp_flag {
inline constexpr std::uint16_t fin = 0x001;
inline constexpr std::uint16_t syn = 0x002;
inline constexpr std::uint16_t rst = 0x004;
inline constexpr std::uint16_t psh = 0x008;
inline constexpr std::uint16_t ack = 0x010;
inline constexpr std::uint16_t urg = 0x020;
inline constexpr std::uint16_t ece = 0x040;
inline constexpr std::uint16_t cwr = 0x080;
inline constexpr std::uint16_t ae = 0x100;
}  // namespace tcp_flag

/// "SYN,ACK"; "none" for zero; bits without a name in hexadecimal.
std::string describe_tcp_flags(std::uint16_t flags);

/// Borrowed look at a segment.
class tcp_view {
 public:
  static constexpr std::size_t min_header_size = 20;

  /// Refuses `truncated` (fewer than 20 octets, or than the data offset states) and `bad_length` (data offset
  /// below 5).
  [[nodiscard]] static result<tcp_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] std::uint16_t source_port() const;
  [[nodiscard]] std::uint16_t destination_port() const;
  [[nodiscard]] std::uint32_t sequence() const;
  [[nodiscard]] std::uint32_t acknowledgment() const;
  [[nodiscard]] std::uint8_t data_offset() const;  ///< in 32-bit words
  [[nodiscard]] std::size_t header_size() const { return std::size_t{data_offset()} * 4; }
  /// All twelve bits after the data offset; see tcp_flag.
  [[nodiscard]] std::uint16_t flags() const;
  /// All of `wanted` are set.
  [[nodiscard]] bool has(std::uint16_t wanted) const { return (flags() & wanted) == wanted; }
  [[nodiscard]] std::uint16_t window() const;
  [[nodiscard]] std::uint16_t checksum() const;
  [[nodiscard]] std::uint16_t urgent_pointer() const;
  [[nodiscard]] byte_view options() const;  ///< see tcp_options.hpp
  [[nodiscard]] byte_view payload() const { return bytes_.subspan(header_size()); }
  /// Covers all octets parsed: meaningless when the packet was cut short or a fragment.
  [[nodiscard]] checksum_validity verify(const ip_address& source, const ip_address& destination) const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit tcp_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

}  // namespace diag::wire
