// Neighbour solicitation and advertisement: RFC 4861 §4.3, §4.4, §4.6.
#include "libdiag/wire/neighbor.hpp"

#include <algorithm>

namespace diag::wire {

namespace {
constexpr std::size_t type_at = 0;
constexpr std::size_t flags_at = 4;
constexpr std::size_t target_at = 8;
constexpr std::size_t target_size = 16;
constexpr std::size_t option_header_size = 2;
constexpr std::size_t mac_size = 6;
constexpr std::uint8_t router_bit = 0x80;
constexpr std::uint8_t solicited_bit = 0x40;
constexpr std::uint8_t override_bit = 0x20;
}  // namespace

std::optional<nd_option> nd_options::next() {
  if (rest_.empty()) return std::nullopt;
  // RFC 4861 §4.6: the length is in units of eight octets and "the value 0 is invalid".
  const std::size_t length = rest_.size() < option_header_size ? 0 : std::size_t{load_u8(rest_, 1)} * 8;
  if (length == 0 || length > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const nd_option option{.type = nd_option_type{load_u8(rest_, 0)},
                         .data = rest_.subspan(option_header_size, length - option_header_size)};
  rest_ = rest_.subspan(length);
  return option;
}

result<neighbor_view, wire_errc> neighbor_view::parse(const icmpv6_view& message) {
  if (message.type() != icmpv6_type::neighbor_solicitation &&
      message.type() != icmpv6_type::neighbor_advertisement)
    return wire_errc::bad_version;
  if (message.bytes().size() < message_size) return wire_errc::truncated;
  return neighbor_view{message.bytes()};
}

bool neighbor_view::solicitation() const {
  return icmpv6_type{load_u8(bytes_, type_at)} == icmpv6_type::neighbor_solicitation;
}
ip_address neighbor_view::target() const {
  return ip_address::from_bytes(bytes_.subspan(target_at, target_size));
}
bool neighbor_view::router() const {
  return !solicitation() && (load_u8(bytes_, flags_at) & router_bit) != 0;
}
bool neighbor_view::solicited() const {
  return !solicitation() && (load_u8(bytes_, flags_at) & solicited_bit) != 0;
}
bool neighbor_view::override_flag() const {
  return !solicitation() && (load_u8(bytes_, flags_at) & override_bit) != 0;
}

std::optional<mac_address> neighbor_view::link_layer_address() const {
  const auto wanted =
      solicitation() ? nd_option_type::source_link_layer_address : nd_option_type::target_link_layer_address;
  auto walk = options();
  while (const auto option = walk.next()) {
    // RFC 2464 §6: an Ethernet address makes the option eight octets exactly.
    if (option->type != wanted || option->data.size() != mac_size) continue;
    mac_address mac;
    std::ranges::copy(option->data, mac.octets.begin());
    return mac;
  }
  return std::nullopt;
}

}  // namespace diag::wire
