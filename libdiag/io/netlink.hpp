// What the kernel knows of links, addresses, routes and neighbours: rtnetlink(7), asked with libmnl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"

namespace diag::io {

/// RTN_ values of linux/rtnetlink.h.
enum class route_type : std::uint8_t {
  unspecified = 0,
  unicast = 1,
  local = 2,
  broadcast = 3,
  anycast = 4,
  multicast = 5,
  blackhole = 6,
  unreachable = 7,
  prohibit = 8,
  discard = 9,  ///< "throw": looked up further in another table
};

struct route {
  route_type type = route_type::unicast;
  std::uint32_t interface = 0;  ///< index
  std::string interface_name{};
  ip_address source{};                 ///< the address our packets would carry
  ip_address gateway{};                ///< none: on link
  std::optional<std::uint32_t> mtu{};  ///< the route's own, or what path MTU discovery learned
  [[nodiscard]] bool usable() const {
    return type != route_type::blackhole && type != route_type::unreachable && type != route_type::prohibit;
  }
};

struct route_query {
  std::string interface {};  ///< only through this one
  ip_address source{};
  std::optional<std::uint32_t> mark{};
  std::optional<std::uint8_t> traffic_class{};
};

/// NUD_ values of linux/neighbour.h.
enum class neighbor_state : std::uint16_t {
  none = 0x00,
  incomplete = 0x01,
  reachable = 0x02,
  stale = 0x04,
  delay = 0x08,
  probe = 0x10,
  failed = 0x20,
  noarp = 0x40,
  permanent = 0x80,
};

struct neighbor {
  std::uint32_t interface = 0;  ///< index
  ip_address address{};
  std::optional<mac_address> mac{};
  neighbor_state state = neighbor_state::none;
};

struct link {
  std::uint32_t index = 0;
  std::string name{};
  std::optional<mac_address> mac{};
  std::uint32_t mtu = 0;
  bool up = false;       ///< administratively
  bool running = false;  ///< has carrier
  bool loopback = false;
  bool broadcast = false;
  bool point_to_point = false;
  bool no_arp = false;
  std::uint16_t hardware = 0;  ///< ARPHRD_ value of net/if_arp.h: 1 Ethernet
};

struct interface_address {
  std::uint32_t interface = 0;
  ip_address address{};
  std::uint8_t prefix_length = 0;
  bool tentative = false;  ///< duplicate address detection is not over
  bool deprecated = false;
};

/// The kernel's own choice for `destination`. A blackhole, unreachable or prohibit route is a value; "no
/// route" is a failure with ENETUNREACH.
result<route> route_to(const ip_address& destination, const route_query& query = {});
/// nullopt: the kernel has no entry.
result<std::optional<neighbor>> neighbor_of(const ip_address& address, std::uint32_t interface);
/// Everything in the kernel's neighbour tables of both families, without proxy entries; 0: of all interfaces.
result<std::vector<neighbor>> neighbors(std::uint32_t interface);
result<std::vector<link>> links();
result<std::vector<interface_address>> addresses();
/// nullopt in the result: no such interface.
result<std::optional<link>> link_named(const std::string& name);
result<std::optional<link>> link_at(std::uint32_t index);

std::string_view describe(route_type type);
std::string_view describe(neighbor_state state);

}  // namespace diag::io
