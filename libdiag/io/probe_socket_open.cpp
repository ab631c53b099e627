// socket(2) and its options, in the order that leaves no foreign packet in the queue: open, filter, drain.
#include "libdiag/io/probe_socket_open.hpp"

#include <array>
#include <cerrno>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string>
#include <sys/socket.h>
#include <utility>

#include "libdiag/io/port_filter.hpp"
#include "libdiag/io/privilege.hpp"
#include "libdiag/io/socket_address.hpp"

#ifndef IP_RECVERR_RFC4884
#define IP_RECVERR_RFC4884 26
#endif
#ifndef IPV6_RECVERR_RFC4884
#define IPV6_RECVERR_RFC4884 31
#endif
#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

namespace diag::io {
namespace {

// Of linux/icmp.h, which redefines what netinet/ip_icmp.h has.
constexpr int ICMP_FILTER = 1;
struct icmp_filter {
  std::uint32_t data;
};

/// Sets options one after another and keeps the first failure.
class option_setter {
 public:
  explicit option_setter(int fd) : fd_{fd} {}

  bool attempt(int level, int name, int value) {
    return ::setsockopt(fd_, level, name, &value, sizeof value) == 0;
  }
  void require(int level, int name, int value, const char* what) {
    if (error_ == 0 && !attempt(level, name, value)) fail(what);
  }
  void fail(const char* what) {
    if (error_ != 0) return;
    error_ = errno;
    what_ = what;
  }
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] const char* what() const { return what_; }

 private:
  int fd_;
  int error_ = 0;
  const char* what_ = "";
};

int path_mtu_option(path_mtu_mode mode) {
  switch (mode) {
    case path_mtu_mode::dont:
      return IP_PMTUDISC_DONT;
    case path_mtu_mode::force:
      return IP_PMTUDISC_DO;
    case path_mtu_mode::probe:
      return IP_PMTUDISC_PROBE;
    case path_mtu_mode::system:
    case path_mtu_mode::want:
      break;
  }
  return IP_PMTUDISC_WANT;
}

/// Not where an ICMP socket has them whole: each ICMP error would end the next send call first.
bool wants_errors(const probe_socket_config& config, socket_kind kind) {
  return config.protocol == probe_protocol::icmp || kind == socket_kind::datagram;
}

/// Of whole packets the caller decides: what the kernel has heard of the path MTU does not count.
path_mtu_mode path_mtu_of(const probe_socket_config& config) {
  return config.protocol == probe_protocol::whole ? path_mtu_mode::probe : config.path_mtu;
}

void set_ipv4(option_setter& options, const probe_socket_config& config, socket_kind kind) {
  if (config.hop_limit) {
    options.require(SOL_IP, IP_TTL, *config.hop_limit, "set TTL");
    options.require(SOL_IP, IP_MULTICAST_TTL, *config.hop_limit, "set multicast TTL");
  }
  if (config.traffic_class) options.require(SOL_IP, IP_TOS, *config.traffic_class, "set TOS");
  if (!config.multicast_loop) options.require(SOL_IP, IP_MULTICAST_LOOP, 0, "turn multicast loop off");
  if (const auto mode = path_mtu_of(config); mode != path_mtu_mode::system)
    options.require(SOL_IP, IP_MTU_DISCOVER, path_mtu_option(mode), "set path MTU discovery");
  if (wants_errors(config, kind)) {
    options.require(SOL_IP, IP_RECVERR, 1, "ask for ICMP errors");
    options.attempt(SOL_IP, IP_RECVERR_RFC4884, 1);
  }
  if (kind == socket_kind::raw) return;  // there the header itself comes
  options.require(SOL_IP, IP_PKTINFO, 1, "ask for packet information");
  options.require(SOL_IP, IP_RECVTTL, 1, "ask for TTL");
  options.require(SOL_IP, IP_RECVTOS, 1, "ask for TOS");
}

void set_ipv6(option_setter& options, const probe_socket_config& config, socket_kind kind) {
  if (config.hop_limit) {
    options.require(SOL_IPV6, IPV6_UNICAST_HOPS, *config.hop_limit, "set hop limit");
    options.require(SOL_IPV6, IPV6_MULTICAST_HOPS, *config.hop_limit, "set multicast hop limit");
  }
  if (config.traffic_class)
    options.require(SOL_IPV6, IPV6_TCLASS, *config.traffic_class, "set traffic class");
  if (!config.multicast_loop) options.require(SOL_IPV6, IPV6_MULTICAST_LOOP, 0, "turn multicast loop off");
  if (const auto mode = path_mtu_of(config); mode != path_mtu_mode::system)
    options.require(SOL_IPV6, IPV6_MTU_DISCOVER, path_mtu_option(mode), "set path MTU discovery");
  // IPv4 knows by the protocol IPPROTO_RAW; kernels differ in whether IPv6 does.
  if (config.protocol == probe_protocol::whole)
    options.require(SOL_IPV6, IPV6_HDRINCL, 1, "send whole packets");
  // The IPv4 socket has the same port.
  if (config.protocol == probe_protocol::udp && kind == socket_kind::datagram)
    options.require(SOL_IPV6, IPV6_V6ONLY, 1, "leave IPv4 out");
  if (wants_errors(config, kind)) {
    options.require(SOL_IPV6, IPV6_RECVERR, 1, "ask for ICMP errors");
    options.attempt(SOL_IPV6, IPV6_RECVERR_RFC4884, 1);
  }
  options.require(SOL_IPV6, IPV6_RECVPKTINFO, 1, "ask for packet information");
  options.require(SOL_IPV6, IPV6_RECVHOPLIMIT, 1, "ask for hop limit");
  options.require(SOL_IPV6, IPV6_RECVTCLASS, 1, "ask for traffic class");
}

/// Types by raw(7)'s own filter: tested before the packet is even cloned for this socket.
void pass_wanted_icmpv4_types(int fd) {
  icmp_filter types{0xffffffff};  // a set bit blocks
  for (const int type : {ICMP_ECHOREPLY, ICMP_TIMESTAMPREPLY, ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH,
                         ICMP_REDIRECT, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB})
    types.data &= ~(1U << type);
  ::setsockopt(fd, SOL_RAW, ICMP_FILTER, &types, sizeof types);
}

/// The same in RFC 3542 §3.2's form.
void pass_wanted_icmpv6_types(int fd) {
  icmp6_filter types{};
  ICMP6_FILTER_SETBLOCKALL(&types);
  for (const int type :
       {ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB, ICMP6_ECHO_REPLY})
    ICMP6_FILTER_SETPASS(type, &types);
  ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types);
}

void set_interface(option_setter& options, int fd, const probe_socket_config& config) {
  if (config.interface.empty()) return;
  const auto size = static_cast<socklen_t>(config.interface.size());
  if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, config.interface.data(), size) != 0)
    return options.fail("use interface");
  // Multicast does not follow SO_BINDTODEVICE everywhere.
  const auto index = ::if_nametoindex(config.interface.c_str());
  if (config.family == ip_family::v6) {
    options.attempt(SOL_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index));
  } else {
    ip_mreqn request{};
    request.imr_ifindex = static_cast<int>(index);
    ::setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &request, sizeof request);
  }
}

/// The identifier of an ICMP datagram socket is its "port"; nobody can ask for a certain one.
result<std::uint16_t> bind_source(int fd, const probe_socket_config& config, socket_kind kind) {
  const bool udp = config.protocol == probe_protocol::udp && kind == socket_kind::datagram;
  const auto port = udp ? config.ports.base : std::uint16_t{0};
  auto own = to_socket_address(config.source, port);
  if (own.size == 0) {
    if (kind == socket_kind::raw) return config.identifier_base;
    own = to_socket_address(config.family == ip_family::v4
                                ? ip_address::v4(0)
                                : ip_address::from_bytes(std::array<std::byte, 16>{}),
                            port);
  }
  if (::bind(fd, &own.any, own.size) != 0) {
    if (errno == EADDRNOTAVAIL || port == 0)
      return system_failure(errno, "use source address", to_string(config.source),
                            errno == EADDRNOTAVAIL ? "not an address of this host; see: ip address" : "");
    return system_failure(errno, "take source port", std::to_string(port),
                          errno == EADDRINUSE ? "another socket has it; see: ss -uan" : "");
  }
  if (kind == socket_kind::raw) return config.identifier_base;
  socklen_t size = sizeof own.v6;
  if (::getsockname(fd, &own.any, &size) != 0) return system_failure(errno, "read socket identifier");
  return port_of(own);
}

/// What came in between socket() and the filter is nobody's answer: nothing has been asked yet.
void drain(int fd) {
  constexpr int bound = 4096;
  std::byte octet{};
  for (int i = 0; i < bound && ::recv(fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0; ++i) {
  }
}

std::string socket_name(const probe_socket_config& config, socket_kind kind) {
  if (config.protocol == probe_protocol::whole) return "raw IP socket";
  if (config.protocol == probe_protocol::tcp) return "raw TCP socket";
  const std::string name = kind == socket_kind::raw ? "raw" : "datagram";
  if (config.protocol == probe_protocol::udp) return name + " UDP socket";
  return name + (config.family == ip_family::v4 ? " ICMP socket" : " ICMPv6 socket");
}

failure open_failure(const probe_socket_config& config, socket_kind kind, int error) {
  std::string hint;
  const bool udp_datagram = config.protocol == probe_protocol::udp && kind == socket_kind::datagram;
  if ((error == EPERM || error == EACCES) && !udp_datagram) {
    hint = kind == socket_kind::raw ? "needs CAP_NET_RAW; see diag(7)"
                                    : "this group is outside sysctl net.ipv4.ping_group_range; see diag(7)";
    if (config.kind == socket_kind::best && config.protocol == probe_protocol::icmp)
      hint = "needs CAP_NET_RAW, or a group inside sysctl net.ipv4.ping_group_range; see diag(7)";
  }
  if (error == EAFNOSUPPORT) hint = "this kernel runs without IPv6";
  return system_failure(error, "open " + socket_name(config, kind), {}, std::move(hint));
}

/// Keeps what nobody can want out of the queue, and empties it of what came before.
void refuse_strangers(int fd, const probe_socket_config& config) {
  const bool v4 = config.family == ip_family::v4;
  if (config.protocol == probe_protocol::icmp) {
    v4 ? pass_wanted_icmpv4_types(fd) : pass_wanted_icmpv6_types(fd);
  } else {
    const auto ports = config.protocol == probe_protocol::whole ? port_range{} : config.ports;
    auto code = v4 ? port_filter_v4(ports) : port_filter_v6(ports);
    attach_filter(fd, code);  // where the kernel will not, the socket's own test goes on alone
  }
  drain(fd);
}

result<opened_probe_socket> open_kind(const probe_socket_config& config, socket_kind kind) {
  const bool v4 = config.family == ip_family::v4;
  const int type = (kind == socket_kind::raw ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  opened_probe_socket made;
  made.kind = kind;
  made.fd = unique_fd{::socket(v4 ? AF_INET : AF_INET6, type, number_of(config.protocol, config.family))};
  if (!made.fd) return open_failure(config, kind, errno);
  const int fd = made.fd.get();

  if (kind == socket_kind::raw) refuse_strangers(fd, config);
  option_setter options{fd};
  set_interface(options, fd, config);
  if (config.mark) options.require(SOL_SOCKET, SO_MARK, static_cast<int>(*config.mark), "set mark");
  if (config.broadcast) options.require(SOL_SOCKET, SO_BROADCAST, 1, "allow broadcast");
  set_receive_buffer(fd, config.receive_buffer);
  v4 ? set_ipv4(options, config, kind) : set_ipv6(options, config, kind);
  if (options.error() != 0) {
    const bool about_interface = options.error() == ENODEV;
    return system_failure(options.error(), options.what(), config.interface,
                          about_interface            ? "no such interface; see: ip link"
                          : options.error() == EPERM ? "needs CAP_NET_ADMIN or CAP_NET_RAW; see diag(7)"
                                                     : "");
  }
  made.kernel_stamps = config.stamps && set_stamping(fd, true);
  const auto identifier = bind_source(fd, config, kind);
  if (!identifier) return identifier.error();
  made.identifier = *identifier;
  if (config.protocol == probe_protocol::tcp && !config.source) {
    auto sources = open_source_finder(config);
    if (!sources) return sources.error();
    made.sources.emplace(std::move(*sources));
  }
  return made;
}

}  // namespace

int number_of(probe_protocol protocol, ip_family family) {
  switch (protocol) {
    case probe_protocol::whole:
      return IPPROTO_RAW;
    case probe_protocol::tcp:
      return IPPROTO_TCP;
    case probe_protocol::udp:
      return IPPROTO_UDP;
    case probe_protocol::icmp:
      break;
  }
  return family == ip_family::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
}

bool set_stamping(int fd, bool with_identifiers) {
  unsigned flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY |
                   SOF_TIMESTAMPING_OPT_CMSG;
  if (with_identifiers) flags |= SOF_TIMESTAMPING_OPT_ID;
  return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

void set_receive_buffer(int fd, std::size_t octets) {
  if (octets == 0) return;
  // The kernel doubles the value for its own bookkeeping; FORCE passes rmem_max.
  const int half = static_cast<int>(octets / 2);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof half);
}

bool attach_filter(int fd, std::span<sock_filter> code) {
  const sock_fprog whole{static_cast<unsigned short>(code.size()), code.data()};
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole) == 0;
}

result<opened_probe_socket> open_probe_fd(const probe_socket_config& config) {
  const raised_privileges for_the_moment;
  if (config.protocol == probe_protocol::whole || config.protocol == probe_protocol::tcp)
    return open_kind(config, socket_kind::raw);
  if (config.kind == socket_kind::datagram) return open_kind(config, socket_kind::datagram);
  auto raw = open_kind(config, socket_kind::raw);
  if (raw || config.kind == socket_kind::raw) return raw;
  const auto error = raw.error().code.value();
  if (error != EPERM && error != EACCES) return raw;
  return open_kind(config, socket_kind::datagram);
}

}  // namespace diag::io
