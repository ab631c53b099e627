// ICMPv6: RFC 4443; neighbour discovery types: RFC 4861; codes of RFC 6550, RFC 7112, RFC 8883 and RFC 8986;
// extended echo: RFC 8335.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/checksum.hpp"

namespace diag::wire {

enum class icmpv6_type : std::uint8_t {
  destination_unreachable = 1,
  packet_too_big = 2,
  time_exceeded = 3,
  parameter_problem = 4,
  echo_request = 128,
  echo_reply = 129,
  multicast_listener_query = 130,
  multicast_listener_report = 131,
  multicast_listener_done = 132,
  router_solicitation = 133,
  router_advertisement = 134,
  neighbor_solicitation = 135,
  neighbor_advertisement = 136,
  redirect = 137,
  node_information_query = 139,
  node_information_reply = 140,
  multicast_listener_report_v2 = 143,
  extended_echo_request = 160,
  extended_echo_reply = 161,
};
/// The RFC's words: "destination unreachable"; "type 77" without a name.
std::string describe(icmpv6_type type);
/// The RFC's words for the code where it has a meaning ("no route to destination"), else for the type;
/// "destination unreachable code 16" and "type 77 code 3" when unknown.
std::string describe(icmpv6_type type, std::uint8_t code);
/// The same, with the type in front where the code alone does not name it.
std::string describe_full(icmpv6_type type, std::uint8_t code);
/// RFC 4443 §2.1: types below 128. These quote a packet.
bool is_error(icmpv6_type type);

/// Borrowed look at a message. Accessors named for one type read the same octets whatever the type is.
class icmpv6_view {
 public:
  static constexpr std::size_t header_size = 8;

  /// Refuses `truncated`: fewer than eight octets. (RFC 4443 has four common ones; every message defined has
  /// eight.)
  [[nodiscard]] static result<icmpv6_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] icmpv6_type type() const;
  [[nodiscard]] std::uint8_t code() const;
  [[nodiscard]] std::uint16_t checksum() const;
  [[nodiscard]] std::uint32_t rest() const;  ///< octets 4 to 7
  [[nodiscard]] std::uint16_t identifier() const;
  [[nodiscard]] std::uint16_t sequence() const;
  [[nodiscard]] std::uint32_t mtu() const { return rest(); }      ///< of a packet too big
  [[nodiscard]] std::uint32_t pointer() const { return rest(); }  ///< of a parameter problem
  /// RFC 4884 §4.4 and §4.5: octets of the quote before the extension, 0 when not stated.
  [[nodiscard]] std::size_t original_length() const;
  [[nodiscard]] bool is_error() const { return wire::is_error(type()); }

  /// Octets after the eight of the header.
  [[nodiscard]] byte_view body() const { return bytes_.subspan(header_size); }
  /// Covers all octets parsed: meaningless when the packet was cut short or a fragment.
  [[nodiscard]] checksum_validity verify(const ip_address& source, const ip_address& destination) const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit icmpv6_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

}  // namespace diag::wire
