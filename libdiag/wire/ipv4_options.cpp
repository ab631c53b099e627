// IPv4 options: RFC 791 §3.1.
#include "libdiag/wire/ipv4_options.hpp"

#include <algorithm>

namespace diag::wire {

namespace {
constexpr std::size_t option_header_size = 2;
constexpr std::size_t address_size = 4;
constexpr std::size_t first_slot =
    4;  // the pointer counts octets of the whole option from 1: type, length, pointer
}  // namespace

std::string describe(ipv4_option_type type) {
  switch (type) {
    case ipv4_option_type::end:
      return "end of options";
    case ipv4_option_type::no_operation:
      return "no operation";
    case ipv4_option_type::record_route:
      return "record route";
    case ipv4_option_type::timestamp:
      return "timestamp";
    case ipv4_option_type::security:
      return "security";
    case ipv4_option_type::loose_source_route:
      return "loose source route";
    case ipv4_option_type::stream_id:
      return "stream identifier";
    case ipv4_option_type::strict_source_route:
      return "strict source route";
    case ipv4_option_type::router_alert:
      return "router alert";
  }
  return "option " + std::to_string(static_cast<std::uint8_t>(type));
}

std::optional<ipv4_option> ipv4_options::next() {
  if (rest_.empty()) return std::nullopt;
  const auto type = ipv4_option_type{load_u8(rest_, 0)};
  if (type == ipv4_option_type::end) {
    rest_ = {};
    return std::nullopt;
  }
  if (type == ipv4_option_type::no_operation) {
    rest_ = rest_.subspan(1);
    return ipv4_option{.type = type, .data = {}};
  }
  // RFC 791: the length counts type and length too, so below two it would not advance.
  const std::size_t length = rest_.size() < option_header_size ? 0 : load_u8(rest_, 1);
  if (length < option_header_size || length > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const ipv4_option option{.type = type,
                           .data = rest_.subspan(option_header_size, length - option_header_size)};
  rest_ = rest_.subspan(length);
  return option;
}

std::optional<ipv4_route> parse_route(const ipv4_option& option) {
  if (option.type != ipv4_option_type::record_route && option.type != ipv4_option_type::loose_source_route &&
      option.type != ipv4_option_type::strict_source_route)
    return std::nullopt;
  ipv4_route route;
  if (option.data.empty()) {
    route.malformed = true;
    return route;
  }
  const std::size_t pointer = load_u8(option.data, 0);
  const auto slots = option.data.subspan(1);
  route.slot_count = std::min(slots.size() / address_size, ipv4_route::max_addresses);
  for (std::size_t i = 0; i < route.slot_count; ++i)
    route.slots[i] = ip_address::from_bytes(slots.subspan(i * address_size, address_size));
  // A full option has its pointer one past the last slot (RFC 791: "greater than the length").
  const auto visited = pointer < first_slot ? 0 : (pointer - first_slot) / address_size;
  route.used = std::min(visited, route.slot_count);
  route.malformed = pointer < first_slot || (pointer - first_slot) % address_size != 0 ||
                    visited > route.slot_count || slots.size() != route.slot_count * address_size;
  return route;
}

}  // namespace diag::wire
