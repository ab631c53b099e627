// Linux cooked capture v2 header: libpcap LINKTYPE_LINUX_SLL2 (276).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag::wire {

enum class sll2_packet_type : std::uint8_t {
  to_us = 0,
  broadcast = 1,
  multicast = 2,
  to_other = 3,  ///< somebody else's, seen in promiscuous mode
  outgoing = 4,
};
/// "to us", "outgoing"; "unknown" otherwise.
std::string_view describe(sll2_packet_type type);

/// Borrowed look at the 20-octet header and what follows it.
class sll2_view {
 public:
  static constexpr std::size_t header_size = 20;
  static constexpr std::size_t max_address = 8;

  /// Refuses `truncated`: fewer than 20 octets.
  [[nodiscard]] static result<sll2_view, wire_errc> parse(byte_view bytes);

  /// An EtherType, unless arphrd() gives it another meaning.
  [[nodiscard]] std::uint16_t protocol() const;
  [[nodiscard]] std::uint32_t interface() const;
  [[nodiscard]] std::uint16_t arphrd() const;
  [[nodiscard]] sll2_packet_type packet_type() const;
  [[nodiscard]] bool outgoing() const { return packet_type() == sll2_packet_type::outgoing; }
  /// As stated; may be more than the eight octets there is room for.
  [[nodiscard]] std::uint8_t address_length() const;
  /// Sender's link-layer address, at most eight octets.
  [[nodiscard]] byte_view address() const;
  /// Present when the address is six octets long.
  [[nodiscard]] std::optional<mac_address> source() const;
  [[nodiscard]] byte_view payload() const { return bytes_.subspan(header_size); }
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit sll2_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

}  // namespace diag::wire
