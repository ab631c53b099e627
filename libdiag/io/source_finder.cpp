// connect(2) and getsockname(2) on a datagram socket.
#include "libdiag/io/source_finder.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/socket_address.hpp"

namespace diag::io {
namespace {

constexpr std::uint32_t asked_one_by_one = 1024;
constexpr std::size_t few_slots = 512;
constexpr std::size_t many_slots = 65536;  // a sweep in random order comes back to each /24 of a /8
constexpr std::uint16_t any_port = 9;      // connect() wants one; nothing is sent

std::size_t low_bits(const ip_address& destination, bool exact) {
  if (destination.is_v4()) return exact ? destination.v4_value() : destination.v4_value() >> 8;
  return destination.words()[exact ? 1 : 0];
}

}  // namespace

source_finder::source_finder(unique_fd socket, std::string interface)
    : socket_{std::move(socket)}, interface_{std::move(interface)}, cache_(few_slots) {}

void source_finder::refresh(mono_time at) {
  constexpr duration validity = 1s;
  if (at < fresh_until_) return;
  fresh_until_ = at + validity;
  asked_ = 0;
  last_ = {};
  cache_.assign(cache_.size(), {});
}

source_finder::answer source_finder::ask(const ip_address& destination) {
  ++asked_;
  const int fd = socket_.get();
  // Connected once, the socket would keep its source. Letting go of it lets go of the interface, too.
  const sockaddr nowhere{AF_UNSPEC, {}};
  ::connect(fd, &nowhere, sizeof nowhere);
  if (!interface_.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface_.data(),
                                          static_cast<socklen_t>(interface_.size())) != 0)
    return {{}, errno};
  auto address = to_socket_address(destination, any_port);
  if (::connect(fd, &address.any, address.size) != 0) return {{}, errno};
  address.size = sizeof address.v6;
  if (::getsockname(fd, &address.any, &address.size) != 0) return {{}, errno};
  return {to_ip(address), 0};
}

const source_finder::answer& source_finder::find(const ip_address& destination) {
  const bool exact = asked_ < asked_one_by_one || destination.is_link_local();
  const ip_prefix network{destination, static_cast<std::uint8_t>(destination.is_v4() ? 24 : 64)};
  const auto key = exact ? destination : network.first();
  if (last_.key == key) return last_.found;
  if (!exact && cache_.size() == few_slots) cache_.assign(many_slots, {});
  auto& place = cache_[low_bits(destination, exact) % cache_.size()];
  if (place.key == key) {
    last_ = place;
    return last_.found;
  }
  last_ = {key, ask(destination)};
  // A broadcast address or one that a route refuses says nothing of its neighbours.
  if (!exact && last_.found.error != 0)
    last_.key = {};
  else
    place = last_;
  return last_.found;
}

result<source_finder> open_source_finder(const probe_socket_config& config) {
  const int family = config.family == ip_family::v4 ? AF_INET : AF_INET6;
  unique_fd socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return system_failure(errno, "open UDP socket");
  if (config.mark) {
    const auto mark = *config.mark;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0)
      return system_failure(errno, "set mark", {}, "needs CAP_NET_ADMIN or CAP_NET_RAW; see diag(7)");
  }
  return source_finder{std::move(socket), config.interface};
}

}  // namespace diag::io
