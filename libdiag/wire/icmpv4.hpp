// ICMP for IPv4: RFC 792; codes of RFC 1122 §3.2.2.1 and RFC 1812 §5.2.7.1; next-hop MTU: RFC 1191 §4;
// extended echo: RFC 8335.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/checksum.hpp"

namespace diag::wire {

enum class icmpv4_type : std::uint8_t {
  echo_reply = 0,
  destination_unreachable = 3,
  source_quench = 4,
  redirect = 5,
  echo_request = 8,
  router_advertisement = 9,
  router_solicitation = 10,
  time_exceeded = 11,
  parameter_problem = 12,
  timestamp_request = 13,
  timestamp_reply = 14,
  information_request = 15,
  information_reply = 16,
  address_mask_request = 17,
  address_mask_reply = 18,
  extended_echo_request = 42,
  extended_echo_reply = 43,
};
/// The RFC's words: "destination unreachable"; "type 77" without a name.
std::string describe(icmpv4_type type);
/// The RFC's words for the code where it has a meaning ("communication administratively prohibited"), else
/// for the type; "destination unreachable code 16" and "type 77 code 3" when unknown.
std::string describe(icmpv4_type type, std::uint8_t code);
/// The same, with the type in front where the code alone does not name it: "destination unreachable: host
/// unreachable".
std::string describe_full(icmpv4_type type, std::uint8_t code);
/// RFC 1122 §3.2.2: unreachable, redirect, quench, time exceeded, parameter problem. These quote a packet.
bool is_error(icmpv4_type type);

/// Borrowed look at a message. Accessors named for one type read the same octets whatever the type is.
class icmpv4_view {
 public:
  static constexpr std::size_t header_size = 8;

  /// Refuses `truncated`: fewer than eight octets.
  [[nodiscard]] static result<icmpv4_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] icmpv4_type type() const;
  [[nodiscard]] std::uint8_t code() const;
  [[nodiscard]] std::uint16_t checksum() const;
  [[nodiscard]] std::uint32_t rest() const;  ///< octets 4 to 7
  [[nodiscard]] std::uint16_t identifier() const;
  [[nodiscard]] std::uint16_t sequence() const;
  [[nodiscard]] std::uint16_t next_hop_mtu() const;  ///< 0 from routers older than RFC 1191
  [[nodiscard]] ip_address gateway() const;          ///< of a redirect
  [[nodiscard]] std::uint8_t pointer() const;        ///< of a parameter problem
  /// RFC 4884 §4.1: octets of the quote before the extension, 0 when not stated.
  [[nodiscard]] std::size_t original_length() const;
  /// Milliseconds since midnight UT (RFC 792), unless the high bit is set. nullopt when the octets end
  /// before.
  [[nodiscard]] std::optional<std::uint32_t> originate() const;
  [[nodiscard]] std::optional<std::uint32_t> receive() const;
  [[nodiscard]] std::optional<std::uint32_t> transmit() const;
  [[nodiscard]] bool is_error() const { return wire::is_error(type()); }

  /// Octets after the eight of the header.
  [[nodiscard]] byte_view body() const { return bytes_.subspan(header_size); }
  /// Covers all octets parsed: meaningless when the packet was cut short.
  [[nodiscard]] checksum_validity verify() const { return verify_alone(bytes_); }
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit icmpv4_view(byte_view bytes) : bytes_{bytes} {}
  [[nodiscard]] std::optional<std::uint32_t> word_at(std::size_t offset) const;
  byte_view bytes_;
};

}  // namespace diag::wire
