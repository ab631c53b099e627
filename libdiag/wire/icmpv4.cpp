// ICMP for IPv4: RFC 792, with the code words of RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1, RFC 1108 and RFC 8335
// §3.
#include "libdiag/wire/icmpv4.hpp"

#include <array>
#include <span>

#include "libdiag/wire/icmp_words.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t type_at = 0;
constexpr std::size_t code_at = 1;
constexpr std::size_t checksum_at = 2;
constexpr std::size_t rest_at = 4;
constexpr std::size_t pointer_at = 4;
constexpr std::size_t original_length_at = 5;
constexpr std::size_t identifier_at = 4;
constexpr std::size_t sequence_at = 6;
constexpr std::size_t next_hop_mtu_at = 6;
constexpr std::size_t gateway_size = 4;
constexpr std::size_t originate_at = 8;
constexpr std::size_t receive_at = 12;
constexpr std::size_t transmit_at = 16;

using enum icmpv4_type;

using code_words = icmp_code_words<icmpv4_type>;
using table = std::span<const code_words>;

constexpr std::array codes{
    code_words{destination_unreachable, 0, "net unreachable"},
    code_words{destination_unreachable, 1, "host unreachable"},
    code_words{destination_unreachable, 2, "protocol unreachable"},
    code_words{destination_unreachable, 3, "port unreachable"},
    code_words{destination_unreachable, 4, "fragmentation needed and DF set"},
    code_words{destination_unreachable, 5, "source route failed"},
    code_words{destination_unreachable, 6, "destination network unknown"},
    code_words{destination_unreachable, 7, "destination host unknown"},
    code_words{destination_unreachable, 8, "source host isolated"},
    code_words{destination_unreachable, 9,
               "communication with destination network administratively prohibited"},
    code_words{destination_unreachable, 10,
               "communication with destination host administratively prohibited"},
    code_words{destination_unreachable, 11, "network unreachable for type of service"},
    code_words{destination_unreachable, 12, "host unreachable for type of service"},
    code_words{destination_unreachable, 13, "communication administratively prohibited"},
    code_words{destination_unreachable, 14, "host precedence violation"},
    code_words{destination_unreachable, 15, "precedence cutoff in effect"},
    code_words{redirect, 0, "redirect datagrams for the network"},
    code_words{redirect, 1, "redirect datagrams for the host"},
    code_words{redirect, 2, "redirect datagrams for the type of service and network"},
    code_words{redirect, 3, "redirect datagrams for the type of service and host"},
    code_words{time_exceeded, 0, "time to live exceeded in transit"},
    code_words{time_exceeded, 1, "fragment reassembly time exceeded"},
    code_words{parameter_problem, 0, "pointer indicates the error"},
    code_words{parameter_problem, 1, "missing a required option"},
    code_words{parameter_problem, 2, "bad length"},
    code_words{extended_echo_reply, 1, "malformed query"},
    code_words{extended_echo_reply, 2, "no such interface"},
    code_words{extended_echo_reply, 3, "no such table entry"},
    code_words{extended_echo_reply, 4, "multiple interfaces satisfy query"},
};

}  // namespace

std::string describe(icmpv4_type type) {
  switch (type) {
    case echo_reply:
      return "echo reply";
    case destination_unreachable:
      return "destination unreachable";
    case source_quench:
      return "source quench";
    case redirect:
      return "redirect";
    case echo_request:
      return "echo request";
    case router_advertisement:
      return "router advertisement";
    case router_solicitation:
      return "router solicitation";
    case time_exceeded:
      return "time exceeded";
    case parameter_problem:
      return "parameter problem";
    case timestamp_request:
      return "timestamp request";
    case timestamp_reply:
      return "timestamp reply";
    case information_request:
      return "information request";
    case information_reply:
      return "information reply";
    case address_mask_request:
      return "address mask request";
    case address_mask_reply:
      return "address mask reply";
    case extended_echo_request:
      return "extended echo request";
    case extended_echo_reply:
      return "extended echo reply";
  }
  return "type " + std::to_string(static_cast<std::uint8_t>(type));
}

std::string describe(icmpv4_type type, std::uint8_t code) {
  return describe_icmp_code(table{codes}, type, code, describe(type));
}

std::string describe_full(icmpv4_type type, std::uint8_t code) {
  return describe_icmp_in_full(table{codes}, type, code, describe(type));
}

bool is_error(icmpv4_type type) {
  return type == destination_unreachable || type == source_quench || type == redirect ||
         type == time_exceeded || type == parameter_problem;
}

result<icmpv4_view, wire_errc> icmpv4_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  return icmpv4_view{bytes};
}

icmpv4_type icmpv4_view::type() const {
  return icmpv4_type{load_u8(bytes_, type_at)};
}
std::uint8_t icmpv4_view::code() const {
  return load_u8(bytes_, code_at);
}
std::uint16_t icmpv4_view::checksum() const {
  return load_be16(bytes_, checksum_at);
}
std::uint32_t icmpv4_view::rest() const {
  return load_be32(bytes_, rest_at);
}
std::uint16_t icmpv4_view::identifier() const {
  return load_be16(bytes_, identifier_at);
}
std::uint16_t icmpv4_view::sequence() const {
  return load_be16(bytes_, sequence_at);
}
std::uint16_t icmpv4_view::next_hop_mtu() const {
  return load_be16(bytes_, next_hop_mtu_at);
}
ip_address icmpv4_view::gateway() const {
  return ip_address::from_bytes(bytes_.subspan(rest_at, gateway_size));
}
std::uint8_t icmpv4_view::pointer() const {
  return load_u8(bytes_, pointer_at);
}

std::size_t icmpv4_view::original_length() const {
  // RFC 4884 §4.1 to §4.3 redefine these three; in the others the octet means something else.
  if (type() != destination_unreachable && type() != time_exceeded && type() != parameter_problem) return 0;
  return std::size_t{load_u8(bytes_, original_length_at)} * 4;
}

std::optional<std::uint32_t> icmpv4_view::word_at(std::size_t offset) const {
  if (bytes_.size() < offset + 4) return std::nullopt;
  return load_be32(bytes_, offset);
}
std::optional<std::uint32_t> icmpv4_view::originate() const {
  return word_at(originate_at);
}
std::optional<std::uint32_t> icmpv4_view::receive() const {
  return word_at(receive_at);
}
std::optional<std::uint32_t> icmpv4_view::transmit() const {
  return word_at(transmit_at);
}

}  // namespace diag::wire
