// ip(7), ipv6(7), packet(7): IP_RECVERR, IPV6_RECVERR, PACKET_TX_TIMESTAMP; SCM_TIMESTAMPING of the kernel's
// timestamping.rst.
#include "libdiag/io/error_queue.hpp"

#include <cerrno>
#include <chrono>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <time.h>

#include "libdiag/io/control_messages.hpp"
#include "libdiag/io/socket_address.hpp"

namespace diag::io {
namespace {

wall_time to_wall(const timespec& spec) {
  return wall_time{std::chrono::seconds{spec.tv_sec} + std::chrono::nanoseconds{spec.tv_nsec}};
}

}  // namespace

std::optional<wall_time> software_stamp(int level, int type, byte_view octets) {
  if (level != SOL_SOCKET || type != SCM_TIMESTAMPING) return std::nullopt;
  const auto stamps = load_control<scm_timestamping>(octets);
  if (!stamps || (stamps->ts[0].tv_sec == 0 && stamps->ts[0].tv_nsec == 0)) return std::nullopt;
  return to_wall({stamps->ts[0].tv_sec, stamps->ts[0].tv_nsec});
}

error_entry read_error_entry(msghdr& header) {
  error_entry entry;
  for_each_control(header, [&](int level, int type, byte_view octets) {
    if (const auto stamp = software_stamp(level, type, octets)) entry.stamp = stamp;
    if ((level == SOL_IP && type == IP_TTL) || (level == SOL_IPV6 && type == IPV6_HOPLIMIT))
      if (const auto hops = load_control<int>(octets)) entry.hop_limit = static_cast<std::uint8_t>(*hops);
    const bool v4 = level == SOL_IP && type == IP_RECVERR;
    const bool v6 = level == SOL_IPV6 && type == IPV6_RECVERR;
    const bool link = level == SOL_PACKET && type == PACKET_TX_TIMESTAMP;
    if (!v4 && !v6 && !link) return;
    const auto error = load_control<sock_extended_err>(octets);
    if (!error) return;
    entry.error = *error;
    const auto behind = octets.subspan(sizeof *error);
    if (behind.size() >= sizeof(sockaddr_in)) entry.offender = to_ip(behind.data(), behind.size());
  });
  return entry;
}

probe::path_notice to_notice(const error_entry& entry, byte_view quoted, const ip_address& destination) {
  using origin_kind = probe::path_notice::origin_kind;
  probe::path_notice notice;
  const auto& error = entry.error;
  notice.origin = error.ee_origin == SO_EE_ORIGIN_ICMP    ? origin_kind::icmpv4
                  : error.ee_origin == SO_EE_ORIGIN_ICMP6 ? origin_kind::icmpv6
                                                          : origin_kind::local;
  notice.error = static_cast<int>(error.ee_errno);
  if (notice.origin != origin_kind::local) {
    notice.type = error.ee_type;
    notice.code = error.ee_code;
    notice.hop_limit = entry.hop_limit;
    // IP_RECVERR_RFC4884: counted from the first octet of `quoted`; 0 where there is no such structure.
    const std::size_t extension = error.ee_rfc4884.len;
    if (extension < quoted.size()) notice.extension_at = extension;
  }
  if (notice.error == EMSGSIZE) notice.mtu = error.ee_info;
  notice.offender = entry.offender;
  notice.destination = destination;
  notice.quoted = quoted;
  return notice;
}

}  // namespace diag::io
