// ip_address to sockaddr and back; interfaces to sockaddr_ll.
#pragma once

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libdiag/core/address.hpp"

namespace diag::io {

/// Room for either family, or an interface; a union, so that no pointer is cast.
struct socket_address {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_ll link;
  };
  socklen_t size = 0;

  socket_address() : v6{} {}
};

/// Port 0 unless given. Family none gives size 0.
socket_address to_socket_address(const ip_address& address, std::uint16_t port = 0);
/// An interface by its index, every one with 0: packet(7). `protocol` in host order: what to receive.
socket_address to_link_address(std::uint32_t interface, std::uint16_t protocol = 0);
ip_address to_ip(const socket_address& address);
/// 0 where there is none.
std::uint16_t port_of(const socket_address& address);
/// From a sockaddr of `size` octets that lies unaligned in foreign memory (control messages, getaddrinfo).
ip_address to_ip(const void* address, std::size_t size);

ip_address to_ip(const in_addr& address);
ip_address to_ip(const in6_addr& address, std::uint32_t scope = 0);

}  // namespace diag::io
