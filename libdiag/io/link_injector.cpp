// packet(7) for sending only.
#include "libdiag/io/link_injector.hpp"

#include <cerrno>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "libdiag/io/privilege.hpp"

namespace diag::io {

int link_injector::send(byte_view whole_frame) const {
  // Bound to its interface, so no address is needed: the frame carries its own.
  return ::send(fd_.get(), whole_frame.data(), whole_frame.size(), MSG_DONTWAIT) < 0 ? errno : 0;
}

result<link_injector> open_injector(const std::string& interface) {
  constexpr auto operation = "open packet socket";
  const auto index = ::if_nametoindex(interface.c_str());
  if (index == 0) return system_failure(ENODEV, operation, interface, "no such interface; see: ip link");
  const raised_privileges for_the_moment;
  unique_fd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd)
    return system_failure(errno, operation, interface,
                          errno == EPERM ? "needs CAP_NET_RAW; see diag(7)" : "");
  union {
    sockaddr any;
    sockaddr_ll link;
  } address{};
  address.link.sll_family = AF_PACKET;
  address.link.sll_ifindex = static_cast<int>(index);
  if (::bind(fd.get(), &address.any, sizeof address.link) != 0)
    return system_failure(errno, operation, interface);
  return link_injector{std::move(fd), index};
}

}  // namespace diag::io
