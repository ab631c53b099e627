// ICMPv6: RFC 4443, with the code words of RFC 6550 §12, RFC 7112 §5, RFC 8883, RFC 8986 §10 and RFC 8335 §3.
#include "libdiag/wire/icmpv6.hpp"

#include <array>
#include <span>

#include "libdiag/wire/icmp_words.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t type_at = 0;
constexpr std::size_t code_at = 1;
constexpr std::size_t checksum_at = 2;
constexpr std::size_t rest_at = 4;
constexpr std::size_t original_length_at = 4;
constexpr std::size_t identifier_at = 4;
constexpr std::size_t sequence_at = 6;
constexpr std::uint8_t first_informational = 128;

using enum icmpv6_type;

using code_words = icmp_code_words<icmpv6_type>;
using table = std::span<const code_words>;

constexpr std::array codes{
    code_words{destination_unreachable, 0, "no route to destination"},
    code_words{destination_unreachable, 1, "communication with destination administratively prohibited"},
    code_words{destination_unreachable, 2, "beyond scope of source address"},
    code_words{destination_unreachable, 3, "address unreachable"},
    code_words{destination_unreachable, 4, "port unreachable"},
    code_words{destination_unreachable, 5, "source address failed ingress/egress policy"},
    code_words{destination_unreachable, 6, "reject route to destination"},
    code_words{destination_unreachable, 7, "error in source routing header"},
    code_words{destination_unreachable, 8, "headers too long"},
    code_words{time_exceeded, 0, "hop limit exceeded in transit"},
    code_words{time_exceeded, 1, "fragment reassembly time exceeded"},
    code_words{parameter_problem, 0, "erroneous header field encountered"},
    code_words{parameter_problem, 1, "unrecognized next header type encountered"},
    code_words{parameter_problem, 2, "unrecognized IPv6 option encountered"},
    code_words{parameter_problem, 3, "first fragment has incomplete IPv6 header chain"},
    code_words{parameter_problem, 4, "SR upper-layer header error"},
    code_words{parameter_problem, 5, "unrecognized next header type encountered by intermediate node"},
    code_words{parameter_problem, 6, "extension header too big"},
    code_words{parameter_problem, 7, "extension header chain too long"},
    code_words{parameter_problem, 8, "too many extension headers"},
    code_words{parameter_problem, 9, "too many options in extension header"},
    code_words{parameter_problem, 10, "option too big"},
    code_words{extended_echo_reply, 1, "malformed query"},
    code_words{extended_echo_reply, 2, "no such interface"},
    code_words{extended_echo_reply, 3, "no such table entry"},
    code_words{extended_echo_reply, 4, "multiple interfaces satisfy query"},
};

}  // namespace

std::string describe(icmpv6_type type) {
  switch (type) {
    case destination_unreachable:
      return "destination unreachable";
    case packet_too_big:
      return "packet too big";
    case time_exceeded:
      return "time exceeded";
    case parameter_problem:
      return "parameter problem";
    case echo_request:
      return "echo request";
    case echo_reply:
      return "echo reply";
    case multicast_listener_query:
      return "multicast listener query";
    case multicast_listener_report:
      return "multicast listener report";
    case multicast_listener_done:
      return "multicast listener done";
    case router_solicitation:
      return "router solicitation";
    case router_advertisement:
      return "router advertisement";
    case neighbor_solicitation:
      return "neighbor solicitation";
    case neighbor_advertisement:
      return "neighbor advertisement";
    case redirect:
      return "redirect";
    case node_information_query:
      return "node information query";
    case node_information_reply:
      return "node information reply";
    case multicast_listener_report_v2:
      return "multicast listener report version 2";
    case extended_echo_request:
      return "extended echo request";
    case extended_echo_reply:
      return "extended echo reply";
  }
  return "type " + std::to_string(static_cast<std::uint8_t>(type));
}

std::string describe(icmpv6_type type, std::uint8_t code) {
  return describe_icmp_code(table{codes}, type, code, describe(type));
}

std::string describe_full(icmpv6_type type, std::uint8_t code) {
  return describe_icmp_in_full(table{codes}, type, code, describe(type));
}

bool is_error(icmpv6_type type) {
  return static_cast<std::uint8_t>(type) < first_informational;
}

result<icmpv6_view, wire_errc> icmpv6_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  return icmpv6_view{bytes};
}

icmpv6_type icmpv6_view::type() const {
  return icmpv6_type{load_u8(bytes_, type_at)};
}
std::uint8_t icmpv6_view::code() const {
  return load_u8(bytes_, code_at);
}
std::uint16_t icmpv6_view::checksum() const {
  return load_be16(bytes_, checksum_at);
}
std::uint32_t icmpv6_view::rest() const {
  return load_be32(bytes_, rest_at);
}
std::uint16_t icmpv6_view::identifier() const {
  return load_be16(bytes_, identifier_at);
}
std::uint16_t icmpv6_view::sequence() const {
  return load_be16(bytes_, sequence_at);
}

std::size_t icmpv6_view::original_length() const {
  // RFC 4884 §4.4 and §4.5: these two alone, in 64-bit words.
  if (type() != destination_unreachable && type() != time_exceeded) return 0;
  return std::size_t{load_u8(bytes_, original_length_at)} * 8;
}

checksum_validity icmpv6_view::verify(const ip_address& source, const ip_address& destination) const {
  return verify_with({.source = source,
                      .destination = destination,
                      .protocol = ip_protocol::icmpv6,
                      .length = static_cast<std::uint32_t>(bytes_.size())},
                     bytes_, checksum_at);
}

}  // namespace diag::wire
