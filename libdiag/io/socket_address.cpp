// ip_address to sockaddr and back; interfaces to sockaddr_ll.
#include "libdiag/io/socket_address.hpp"

#include <algorithm>
#include <cstring>

namespace diag::io {

socket_address to_socket_address(const ip_address& address, std::uint16_t port) {
  socket_address out;
  const auto octets = address.bytes();
  if (address.is_v4()) {
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port);
    std::memcpy(&out.v4.sin_addr, octets.data(), octets.size());
    out.size = sizeof out.v4;
  } else if (address.is_v6()) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    out.v6.sin6_scope_id = address.scope();
    std::memcpy(&out.v6.sin6_addr, octets.data(), octets.size());
    out.size = sizeof out.v6;
  }
  return out;
}

socket_address to_link_address(std::uint32_t interface, std::uint16_t protocol) {
  socket_address out;
  out.link = {};
  out.link.sll_family = AF_PACKET;
  out.link.sll_protocol = htons(protocol);
  out.link.sll_ifindex = static_cast<int>(interface);
  out.size = sizeof out.link;
  return out;
}

ip_address to_ip(const in_addr& address) {
  return ip_address::from_bytes(std::as_bytes(std::span{&address, 1}));
}

ip_address to_ip(const in6_addr& address, std::uint32_t scope) {
  return ip_address::from_bytes(std::as_bytes(std::span{&address, 1}), scope);
}

ip_address to_ip(const socket_address& address) {
  switch (address.any.sa_family) {
    case AF_INET:
      return to_ip(address.v4.sin_addr);
    case AF_INET6:
      return to_ip(address.v6.sin6_addr, address.v6.sin6_scope_id);
    default:
      return {};
  }
}

std::uint16_t port_of(const socket_address& address) {
  switch (address.any.sa_family) {
    case AF_INET:
      return ntohs(address.v4.sin_port);
    case AF_INET6:
      return ntohs(address.v6.sin6_port);
    default:
      return 0;
  }
}

ip_address to_ip(const void* address, std::size_t size) {
  socket_address copy;
  std::memcpy(&copy.v6, address, std::min(size, sizeof copy.v6));
  const bool whole = copy.any.sa_family == AF_INET ? size >= sizeof copy.v4 : size >= sizeof copy.v6;
  return whole ? to_ip(copy) : ip_address{};
}

}  // namespace diag::io
