// Linux cooked capture v2 header: libpcap LINKTYPE_LINUX_SLL2.
#include "libdiag/wire/sll2.hpp"

#include <algorithm>

namespace diag::wire {

namespace {
constexpr std::size_t protocol_at = 0;
constexpr std::size_t interface_at = 4;
constexpr std::size_t arphrd_at = 8;
constexpr std::size_t packet_type_at = 10;
constexpr std::size_t address_length_at = 11;
constexpr std::size_t address_at = 12;
}  // namespace

std::string_view describe(sll2_packet_type type) {
  switch (type) {
    case sll2_packet_type::to_us:
      return "to us";
    case sll2_packet_type::broadcast:
      return "broadcast";
    case sll2_packet_type::multicast:
      return "multicast";
    case sll2_packet_type::to_other:
      return "to another host";
    case sll2_packet_type::outgoing:
      return "outgoing";
  }
  return "unknown";
}

result<sll2_view, wire_errc> sll2_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  return sll2_view{bytes};
}

std::uint16_t sll2_view::protocol() const {
  return load_be16(bytes_, protocol_at);
}
std::uint32_t sll2_view::interface() const {
  return load_be32(bytes_, interface_at);
}
std::uint16_t sll2_view::arphrd() const {
  return load_be16(bytes_, arphrd_at);
}
sll2_packet_type sll2_view::packet_type() const {
  return sll2_packet_type{load_u8(bytes_, packet_type_at)};
}
std::uint8_t sll2_view::address_length() const {
  return load_u8(bytes_, address_length_at);
}
byte_view sll2_view::address() const {
  return bytes_.subspan(address_at, std::min<std::size_t>(address_length(), max_address));
}

std::optional<mac_address> sll2_view::source() const {
  mac_address mac;
  if (address_length() != mac.octets.size()) return std::nullopt;
  std::ranges::copy(address(), mac.octets.begin());
  return mac;
}

}  // namespace diag::wire
