// What comes out of a probe socket: packets, and the entries of its error queue.
#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libdiag/io/control_messages.hpp"
#include "libdiag/io/error_queue.hpp"
#include "libdiag/io/icmp_filter.hpp"
#include "libdiag/io/port_filter.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/probe_socket_state.hpp"

namespace diag::io {
namespace {

// RFC 4443 §2.4(c): an error with its quote fits 1280 octets.
constexpr std::size_t error_slot_size = 1280;
constexpr std::size_t udp_header = 8;

/// What arrived with one packet besides its octets.
void read_controls(msghdr& header, const clock_bridge& clocks, probe::arrival& packet) {
  for_each_control(header, [&](int level, int type, byte_view octets) {
    if (const auto stamp = software_stamp(level, type, octets)) {
      if (const auto at = clocks.to_mono(*stamp)) packet.kernel = {*at, probe::stamp_source::socket};
    } else if (level == SOL_IP && type == IP_PKTINFO) {
      if (const auto info = load_control<in_pktinfo>(octets)) {
        packet.interface = static_cast<std::uint32_t>(info->ipi_ifindex);
        packet.destination = to_ip(info->ipi_addr);
      }
    } else if (level == SOL_IPV6 && type == IPV6_PKTINFO) {
      if (const auto info = load_control<in6_pktinfo>(octets)) {
        packet.interface = static_cast<std::uint32_t>(info->ipi6_ifindex);
        packet.destination = to_ip(info->ipi6_addr);
      }
    } else if ((level == SOL_IP && type == IP_TTL) || (level == SOL_IPV6 && type == IPV6_HOPLIMIT)) {
      if (const auto hops = load_control<int>(octets)) packet.hop_limit = static_cast<std::uint8_t>(*hops);
    } else if (level == SOL_IP && type == IP_TOS) {
      if (!octets.empty()) packet.traffic_class = load_u8(octets, 0);
    } else if (level == SOL_IPV6 && type == IPV6_TCLASS) {
      if (const auto value = load_control<int>(octets))
        packet.traffic_class = static_cast<std::uint8_t>(*value);
    }
  });
}

}  // namespace

bool probe_socket::state::read_errors(clock_bridge& clocks) {
  if (!errors) errors.emplace(batch_size, error_slot_size);
  const int count = errors->receive(opened.fd.get(), MSG_ERRQUEUE | MSG_DONTWAIT);
  if (count > 0) clocks.refresh();
  const auto read_at = now();
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    const auto entry = read_error_entry(errors->header(i));
    if (sender.take_stamp(entry, clocks)) continue;
    // A raw socket got the ICMP error as a packet too, and whole.
    if (opened.kind == socket_kind::raw && entry.error.ee_origin != SO_EE_ORIGIN_LOCAL) continue;
    auto notice = to_notice(entry, errors->bytes(i), to_ip(errors->address(i)));
    notice.protocol = static_cast<std::uint8_t>(number_of(protocol, family));
    if (protocol == probe_protocol::udp) notice.destination_port = port_of(errors->address(i));
    notice.kernel = {read_at, probe::stamp_source::user};
    notice.read_at = read_at;
    if (const auto at = entry.stamp ? clocks.to_mono(*entry.stamp) : std::nullopt)
      notice.kernel = {*at, probe::stamp_source::socket};
    sender.report(notice);
  }
  return count < static_cast<int>(errors->slots());
}

bool probe_socket::state::lets_in(byte_view packet) const {
  if (opened.kind == socket_kind::datagram) return true;
  const bool v4 = family == ip_family::v4;
  if (protocol != probe_protocol::icmp)
    return v4 ? admits_port_v4(packet, ports) : admits_port_v6(packet, ports);
  const icmp_interest ours{identifiers, ports, every_error};
  return v4 ? admits_ipv4(packet, ours) : admits_icmpv6(packet, ours);
}

void probe_socket::state::filter_in_kernel() const {
  if (protocol != probe_protocol::icmp) return;  // it has been since it was opened
  const icmp_interest ours{identifiers, ports, every_error};
  auto code = family == ip_family::v4 ? icmpv4_filter(ours) : icmpv6_filter(ours);
  attach_filter(opened.fd.get(), code);  // where the kernel will not, lets_in() goes on alone
}

probe::framing probe_socket::state::form() const {
  const bool v4 = family == ip_family::v4;
  if (v4 && opened.kind == socket_kind::raw) return probe::framing::ipv4_packet;
  if (protocol == probe_protocol::tcp) return probe::framing::tcp_segment;
  if (protocol == probe_protocol::udp) return probe::framing::udp_datagram;
  return v4 ? probe::framing::icmpv4_message : probe::framing::icmpv6_message;
}

/// The header that the kernel has taken off and verified; RFC 768.
byte_view probe_socket::state::with_udp_header(std::size_t i) {
  const auto datagram = incoming->with_headroom(i);
  store_be16(datagram, 0, port_of(incoming->address(i)));
  store_be16(datagram, 2, ports.base);
  store_be16(datagram, 4, static_cast<std::uint16_t>(udp_header + incoming->true_size(i)));
  store_be16(datagram, 6, 0);
  return datagram;
}

void probe_socket::state::take_in(std::size_t count, clock_bridge& clocks) {
  constexpr std::uint32_t too_many_strangers = 16;
  clocks.refresh();
  const auto read_at = now();
  const bool raw = opened.kind == socket_kind::raw;
  const bool headless = protocol == probe_protocol::udp && !raw;
  // The kernel looks at a TCP or UDP checksum only after it has given raw sockets their copy.
  const bool unseen = raw && (family == ip_family::v4 || protocol != probe_protocol::icmp);
  const auto trust = unseen ? probe::checksum_trust::verify : probe::checksum_trust::verified;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = incoming->bytes(i);
    // Those that were queued before the kernel began to filter are let through to the machine, which knows
    // them.
    if (!lets_in(bytes)) {
      if (++strangers == too_many_strangers) filter_in_kernel();
      continue;
    }
    probe::arrival packet;
    packet.form = form();
    packet.bytes = headless ? with_udp_header(i) : bytes;
    packet.wire_size = incoming->true_size(i) + (headless ? udp_header : 0);
    packet.checksum = trust;
    packet.kernel = {read_at, probe::stamp_source::user};
    packet.read_at = read_at;
    read_controls(incoming->header(i), clocks, packet);
    if (packet.form == probe::framing::ipv4_packet)
      packet.destination = {};  // the header says
    else
      packet.source = to_ip(incoming->address(i));
    arrivals.emplace_back(packet);
  }
}

std::span<const probe::stimulus> probe_socket::receive(clock_bridge& clocks) {
  auto& s = *state_;
  s.arrivals.clear();
  if (s.protocol == probe_protocol::whole) return s.arrivals;
  if (!s.incoming) {
    constexpr std::size_t room = 256 << 10;
    s.incoming.emplace(std::clamp<std::size_t>(room / s.snap_length, 4, batch_size), s.snap_length,
                       udp_header);
  }
  for (bool more = true; more && s.arrivals.empty();) {
    int count = s.incoming->receive(fd(), MSG_DONTWAIT | MSG_TRUNC);
    // A pending ICMP error ends the call before any packet; reading it has cleared it.
    for (int tries = 0; count < 0 && errno != EAGAIN && tries < 2; ++tries)
      count = s.incoming->receive(fd(), MSG_DONTWAIT | MSG_TRUNC);
    if (count <= 0) break;
    if (const auto lost = take_drops()) s.arrivals.emplace_back(probe::receiver_dropped{lost});
    s.take_in(static_cast<std::size_t>(count), clocks);
    more = static_cast<std::size_t>(count) == s.incoming->slots();
  }
  return s.arrivals;
}

std::span<const probe::stimulus> probe_socket::receive_errors(clock_bridge& clocks) {
  auto& s = *state_;
  return s.sender.read_queue([&s, &clocks] { return s.read_errors(clocks); });
}

std::uint64_t probe_socket::take_drops() {
  // SO_MEMINFO, not SO_RXQ_OVFL: it also tells of losses that no later packet reported.
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (::getsockopt(fd(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  const auto lost = memory[SK_MEMINFO_DROPS] - state_->drops_seen;  // wraps as the kernel's counter does
  state_->drops_seen = memory[SK_MEMINFO_DROPS];
  return lost;
}

result<void> probe_socket::mute() {
  std::array nothing{sock_filter{BPF_RET | BPF_K, 0, 0, 0}};
  if (!attach_filter(fd(), nothing)) return system_failure(errno, "mute socket");
  return {};
}

}  // namespace diag::io
