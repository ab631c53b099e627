// Address Resolution Protocol: RFC 826 "Packet format"; RFC 5227.
#include "libdiag/wire/arp.hpp"

#include <algorithm>

#include "libdiag/wire/ethernet.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t hardware_type_at = 0;
constexpr std::size_t protocol_type_at = 2;
constexpr std::size_t hardware_length_at = 4;
constexpr std::size_t protocol_length_at = 5;
constexpr std::size_t operation_at = 6;
constexpr std::size_t mac_size = 6;
constexpr std::size_t ipv4_size = 4;

mac_address to_mac(byte_view octets) {
  mac_address mac;
  std::ranges::copy(octets.first(mac_size), mac.octets.begin());
  return mac;
}

}  // namespace

std::string describe(arp_operation operation) {
  switch (operation) {
    case arp_operation::request:
      return "request";
    case arp_operation::reply:
      return "reply";
    case arp_operation::reverse_request:
      return "reverse request";
    case arp_operation::reverse_reply:
      return "reverse reply";
    case arp_operation::inverse_request:
      return "inverse request";
    case arp_operation::inverse_reply:
      return "inverse reply";
  }
  return "operation " + std::to_string(static_cast<std::uint16_t>(operation));
}

result<arp_view, wire_errc> arp_view::parse(byte_view bytes) {
  if (bytes.size() < fixed_size) return wire_errc::truncated;
  const arp_view view{bytes};
  // The address lengths are the sender's: 255 and 255 ask for 1028 octets.
  if (bytes.size() < view.message_size()) return wire_errc::truncated;
  return view;
}

std::uint16_t arp_view::hardware_type() const {
  return load_be16(bytes_, hardware_type_at);
}
std::uint16_t arp_view::protocol_type() const {
  return load_be16(bytes_, protocol_type_at);
}
std::uint8_t arp_view::hardware_length() const {
  return load_u8(bytes_, hardware_length_at);
}
std::uint8_t arp_view::protocol_length() const {
  return load_u8(bytes_, protocol_length_at);
}
arp_operation arp_view::operation() const {
  return arp_operation{load_be16(bytes_, operation_at)};
}

byte_view arp_view::sender_hardware() const {
  return bytes_.subspan(fixed_size, hardware_length());
}
byte_view arp_view::sender_protocol() const {
  return bytes_.subspan(fixed_size + hardware_length(), protocol_length());
}
byte_view arp_view::target_hardware() const {
  return bytes_.subspan(fixed_size + hardware_length() + protocol_length(), hardware_length());
}
byte_view arp_view::target_protocol() const {
  return bytes_.subspan(fixed_size + 2 * std::size_t{hardware_length()} + protocol_length(),
                        protocol_length());
}

bool arp_view::is_ethernet_ipv4() const {
  return hardware_type() == ethernet_hardware && protocol_type() == ether_type::ipv4 &&
         hardware_length() == mac_size && protocol_length() == ipv4_size;
}
std::optional<mac_address> arp_view::sender_mac() const {
  if (!is_ethernet_ipv4()) return std::nullopt;
  return to_mac(sender_hardware());
}
std::optional<ip_address> arp_view::sender_ip() const {
  if (!is_ethernet_ipv4()) return std::nullopt;
  return ip_address::from_bytes(sender_protocol());
}
std::optional<mac_address> arp_view::target_mac() const {
  if (!is_ethernet_ipv4()) return std::nullopt;
  return to_mac(target_hardware());
}
std::optional<ip_address> arp_view::target_ip() const {
  if (!is_ethernet_ipv4()) return std::nullopt;
  return ip_address::from_bytes(target_protocol());
}

bool arp_view::is_probe() const {
  const auto sender = sender_ip();
  return operation() == arp_operation::request && sender && sender->is_unspecified();
}
bool arp_view::is_announcement() const {
  const auto sender = sender_ip();
  return sender && !sender->is_unspecified() && sender == target_ip();
}

std::size_t arp_view::message_size() const {
  return fixed_size + 2 * (std::size_t{hardware_length()} + protocol_length());
}

}  // namespace diag::wire
