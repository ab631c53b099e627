// What of a connection can be had without privilege.
#include "libdiag/io/stream_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/error_queue.hpp"
#include "libdiag/io/socket_address.hpp"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace diag::io {
namespace {

bool set(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/// errno value, or 0.
int set_options(int fd, const stream_config& config, const probe::open_stream& wanted) {
  const bool v4 = wanted.destination.is_v4();
  if (!config.interface.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, config.interface.data(),
                                                static_cast<socklen_t>(config.interface.size())) != 0)
    return errno;
  if (config.mark && !set(fd, SOL_SOCKET, SO_MARK, static_cast<int>(*config.mark))) return errno;
  set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, 1);
  set(fd, SOL_TCP, TCP_SYNCNT, 1);
  if (wanted.hop_limit &&
      !set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS, *wanted.hop_limit))
    return errno;
  if (config.traffic_class &&
      !set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TOS : IPV6_TCLASS, *config.traffic_class))
    return errno;
  return 0;
}

int bind_source(int fd, const stream_config& config, const probe::open_stream& wanted) {
  const auto family = wanted.destination.family();
  const bool given = config.source.family() == family;
  if (!given && wanted.source_port == 0) return 0;
  // One port may serve many destinations; without one the kernel chooses it when it knows the destination.
  if (wanted.source_port != 0)
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  else
    set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const auto any =
      family == ip_family::v4 ? ip_address::v4(0) : ip_address::from_bytes(std::array<std::byte, 16>{});
  const auto own = to_socket_address(given ? config.source : any, wanted.source_port);
  return ::bind(fd, &own.any, own.size) == 0 ? 0 : errno;
}

}  // namespace

connecting start_connecting(const stream_config& config, const probe::open_stream& wanted) {
  connecting made;
  const auto refused = [&made](int error) {
    made.socket.reset();
    made.error = error;
    return std::move(made);
  };
  const int family = wanted.destination.is_v4() ? AF_INET : AF_INET6;
  made.socket.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.socket) return refused(errno);
  const int fd = made.socket.get();
  if (const int error = set_options(fd, config, wanted)) return refused(error);
  if (const int error = bind_source(fd, config, wanted)) return refused(error);
  auto address = to_socket_address(wanted.destination, wanted.port);
  made.at = now();
  // EINTR: it goes on all the same (connect(2)).
  if (::connect(fd, &address.any, address.size) != 0 && errno != EINPROGRESS && errno != EINTR)
    return refused(errno);
  address.size = sizeof address.v6;
  if (::getsockname(fd, &address.any, &address.size) == 0) {
    made.source = to_ip(address);
    made.source_port = ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
  }
  return made;
}

int take_socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

probe::stream_facts read_stream_facts(int fd) {
  constexpr std::uint32_t timestamps_option = 12;  // RFC 7323 §3.2, padded; an MSS counts it (RFC 6691)
  probe::stream_facts facts;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, SOL_TCP, TCP_INFO, &info, &size) != 0) return facts;
  facts.retransmits = info.tcpi_total_retrans;
  if (facts.retransmits == 0 && info.tcpi_rtt != 0) facts.rtt = std::chrono::microseconds{info.tcpi_rtt};
  facts.timestamps = (info.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0;
  facts.sack = (info.tcpi_options & TCPI_OPT_SACK) != 0;
  facts.ecn = (info.tcpi_options & TCPI_OPT_ECN) != 0;
  if ((info.tcpi_options & TCPI_OPT_WSCALE) != 0)
    facts.window_scale = static_cast<std::uint8_t>(info.tcpi_snd_wscale);
  facts.maximum_segment = info.tcpi_snd_mss + (facts.timestamps ? timestamps_option : 0);
  return facts;
}

std::optional<probe::path_notice> read_notice(int fd, byte_span room) {
  constexpr std::size_t control_size = 512;
  alignas(cmsghdr) std::array<std::byte, control_size> control;
  socket_address destination;
  iovec vector{room.data(), room.size()};
  msghdr header{};
  header.msg_name = &destination.any;
  header.msg_namelen = sizeof destination.v6;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto got = ::recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (got < 0) return std::nullopt;
  if (header.msg_namelen == 0) destination.any.sa_family = AF_UNSPEC;
  return to_notice(read_error_entry(header), room.first(static_cast<std::size_t>(got)), to_ip(destination));
}

void make_close_reset(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace diag::io
