// bind(2) without listen(2).
#include "libdiag/io/port_lease.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>

#include "libdiag/core/random.hpp"
#include "libdiag/io/probe_socket_open.hpp"
#include "libdiag/io/socket_address.hpp"

namespace diag::io {
namespace {

constexpr std::uint32_t most_ports = 4096;
constexpr std::uint32_t first_unprivileged = 1025;
constexpr std::uint32_t port_end = 65536;

/// A stretch of ports, [first, end).
struct stretch {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  /// How many places a row of `count` ports has in it.
  [[nodiscard]] std::uint32_t places(std::uint32_t count) const {
    return end > first && end - first >= count ? end - first - count + 1 : 0;
  }
};

/// Where the kernel takes ports for connections of others.
stretch ephemeral_ports() {
  using file_ptr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const file_ptr file{std::fopen("/proc/sys/net/ipv4/ip_local_port_range", "re"), &std::fclose};
  unsigned first = 0;
  unsigned last = 0;
  if (!file || std::fscanf(file.get(), "%u %u", &first, &last) != 2 || last >= port_end || first > last)
    return {32768, 61000};
  return {first, last + 1};
}

/// Whatever reaches a leased UDP port is dropped before it is queued.
void let_nothing_in(int fd) {
  std::array nothing{sock_filter{BPF_RET | BPF_K, 0, 0, 0}};
  attach_filter(fd, nothing);
}

/// Both families with one socket where there is IPv6; errno value, or 0.
int hold(std::uint16_t port, int type, unique_fd& socket) {
  auto any = to_socket_address(ip_address::from_bytes(std::array<std::byte, 16>{}), port);
  socket.reset(::socket(AF_INET6, type | SOCK_CLOEXEC, 0));
  const int only_v6 = 0;
  if (socket && ::setsockopt(socket.get(), SOL_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6) == 0) {
    if (::bind(socket.get(), &any.any, any.size) == 0) return 0;
    if (errno != EADDRNOTAVAIL) return errno;  // that one: IPv6 is there, but disabled
  } else if (!socket && errno != EAFNOSUPPORT) {
    return errno;
  }
  any = to_socket_address(ip_address::v4(0), port);
  socket.reset(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  if (!socket || ::bind(socket.get(), &any.any, any.size) != 0) return errno;
  return 0;
}

std::string hint_for(int error, int type) {
  if (error == EACCES) return "ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE";
  if (error == EADDRINUSE)
    return std::string{"another socket has it; see: ss "} + (type == SOCK_STREAM ? "-tan" : "-uan");
  if (error == EMFILE) return "each leased port takes a descriptor; see: ulimit -n";
  return {};
}

}  // namespace

result<port_lease> lease_these_ports(std::uint16_t first, std::uint16_t count, port_kind kind) {
  if (first == 0 || count == 0 || count > most_ports || std::uint32_t{first} + count > port_end)
    return failure{{}, "take source ports", std::to_string(first), "no such row of ports", {}};
  std::vector<unique_fd> sockets;
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    if (kind == (type == SOCK_STREAM ? port_kind::udp : port_kind::tcp)) continue;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto port = static_cast<std::uint16_t>(first + i);
      if (const int error = hold(port, type, sockets.emplace_back()))
        return system_failure(error, "take source port", std::to_string(port), hint_for(error, type));
      if (type == SOCK_DGRAM) let_nothing_in(sockets.back().get());
    }
  }
  return port_lease{{first, count}, std::move(sockets)};
}

result<port_lease> lease_ports(std::uint16_t count, std::uint64_t seed, port_kind kind) {
  constexpr int tries = 64;
  const auto taken = ephemeral_ports();
  const stretch below{first_unprivileged, taken.first};
  const stretch above{taken.end, port_end};
  const stretch all{first_unprivileged, port_end};
  const auto outside = below.places(count) + above.places(count);
  seeded_random random{seed};
  failure last{{}, "take source ports", std::to_string(count), "there are not as many in a row", {}};
  for (int i = 0; i < tries; ++i) {
    // Half the tries outside what the kernel hands out; then anywhere.
    const bool polite = outside != 0 && i < tries / 2;
    const auto places = polite ? outside : all.places(count);
    if (places == 0) return last;
    auto first = static_cast<std::uint32_t>(random.below(places));
    if (!polite)
      first += all.first;
    else if (first < below.places(count))
      first += below.first;
    else
      first += above.first - below.places(count);
    auto lease = lease_these_ports(static_cast<std::uint16_t>(first), count, kind);
    if (lease || lease.error().code.value() != EADDRINUSE) return lease;
    last = lease.error();
  }
  return last;
}

}  // namespace diag::io
