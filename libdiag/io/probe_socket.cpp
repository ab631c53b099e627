// Sending and receiving in batches; opening is in probe_socket_open.cpp, the buffers in message_batch.cpp.
#include "libdiag/io/probe_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "libdiag/io/control_messages.hpp"
#include "libdiag/io/error_queue.hpp"
#include "libdiag/io/icmp_filter.hpp"
#include "libdiag/io/probe_socket_state.hpp"
#include "libdiag/io/tcp_filter.hpp"

namespace diag::io {
namespace {

constexpr std::size_t error_slot_size =
    640;  // an ICMP error quotes at most 576 octets (v4), or we need no more

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

/// Whether a failed send may have delivered somebody else's news: an ICMP error the kernel had pending
/// (raw(7)). The local firewall and a blackhole route never come that way.
bool may_be_pending_error(int error) {
  return error != EPERM && error != EINVAL;
}

bool queue_is_full(int error) {
  return error == ENOBUFS || error == EAGAIN || error == ENOMEM;
}

/// Waits a little for room: the socket's buffer can be polled, the interface's queue cannot.
void wait_for_room(int fd, int error, int tries) {
  if (error == EAGAIN) {
    pollfd writable{fd, POLLOUT, 0};
    ::poll(&writable, 1, 5);
    return;
  }
  const timespec pause{0, 100'000L << std::min(tries, 4)};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

std::size_t receive_buffer_for(double packets_per_second, std::size_t packet_size, duration pause) {
  constexpr double bookkeeping = 768;  // sk_buff and rounding, charged to the socket for each packet
  constexpr double least = 212'992;    // the usual net.core.rmem_default
  constexpr double most = 32 << 20;
  const double octets =
      packets_per_second * seconds(pause) * (static_cast<double>(packet_size) + bookkeeping);
  return static_cast<std::size_t>(std::clamp(octets, least, most));
}

probe_socket::state::state(opened_probe_socket from, const probe_socket_config& config)
    : opened{std::move(from)},
      family{config.family},
      protocol{config.protocol},
      identifiers{opened.identifier, opened.kind == socket_kind::raw ? config.identifier_count : 1,
                  config.nonce},
      ports{config.ports},
      source{config.source},
      snap_length{std::max<std::size_t>(config.snap_length, 128)},
      outgoing{config.family} {}

void probe_socket::state::restart_stamps() {
  set_stamping(opened.fd.get(), false);
  set_stamping(opened.fd.get(), true);
  stamps.restart();
  stamps_uncertain = false;
}

bool probe_socket::state::read_errors(clock_bridge& clocks) {
  if (!errors) errors.emplace(batch_size, error_slot_size);
  const int count = errors->receive(opened.fd.get(), MSG_ERRQUEUE | MSG_DONTWAIT);
  if (count > 0) clocks.refresh();
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    const auto entry = read_error_entry(errors->header(i));
    if (entry.error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
      const auto at = entry.stamp ? clocks.to_mono(*entry.stamp) : std::nullopt;
      const auto token = stamps.take(entry.error.ee_data, at.value_or(now()));
      if (token && at) results.emplace_back(probe::sent{*token, {*at, probe::stamp_source::socket}});
      continue;
    }
    // A raw socket got the ICMP error as a packet too, and whole.
    if (opened.kind == socket_kind::raw && entry.error.ee_origin != SO_EE_ORIGIN_LOCAL) continue;
    results.emplace_back(to_notice(entry, errors->bytes(i), to_ip(errors->address(i))));
  }
  return count < static_cast<int>(errors->slots());
}

void probe_socket::state::note_sent(std::size_t first, std::size_t count, mono_time began, mono_time ended) {
  const auto each = (ended - began) / static_cast<long>(count);
  for (std::size_t k = 0; k < count; ++k) {
    const auto i = first + k;
    if (outgoing.stamped(i)) stamps.remember(outgoing.token(i), began);
    // One clock reading for the batch, spread evenly: never later than the packet's answer can be read.
    results.emplace_back(
        probe::sent{outgoing.token(i), {began + each * static_cast<long>(k), probe::stamp_source::user}});
  }
}

void probe_socket::state::queue_summed(const probe::transmit& packet, bool stamped) {
  if (source) return outgoing.add(packet, stamped, source, false);  // bound to it
  if (!opened.sources) {
    sourceless.push_back({packet.token, EOPNOTSUPP});
    return;
  }
  // Once a batch: the addresses of this host may have changed while it waited for something to send.
  if (outgoing.size() == 0) opened.sources->refresh(now());
  const auto& found = opened.sources->find(packet.destination);
  if (found.error != 0) {
    sourceless.push_back({packet.token, found.error});
    return;
  }
  settle_binding(found.source);
  // A link-local source (RFC 4007 §6) cannot be asked for without its link, which the route alone knows.
  const bool link_known = !found.source.is_link_local() || packet.destination.scope() != 0;
  outgoing.add(packet, stamped, found.source, family == ip_family::v4 || link_known);
}

void probe_socket::state::settle_binding(const ip_address& wanted) {
  if (binding_settled && (!bound || bound == wanted)) return;
  // An IPv6 socket would take a link-local source with it to other links.
  auto own = to_socket_address(binding_settled ? ip_address::v4(0) : wanted);
  const bool done = family == ip_family::v4 && ::bind(opened.fd.get(), &own.any, own.size) == 0;
  bound = done && !binding_settled ? wanted : ip_address{};
  binding_settled = true;
}

void probe_socket::state::doubt_stamps(std::size_t from, clock_bridge& clocks) {
  if (!outgoing.stamped(from)) return;
  if (!errors_read) {
    errors_read = true;
    if (read_errors(clocks)) return restart_stamps();
  }
  stamps_uncertain = true;
  for (auto i = from; i < outgoing.size(); ++i) outgoing.without_stamp(i);
}

bool probe_socket::state::lets_in(byte_view packet) const {
  if (opened.kind == socket_kind::datagram) return true;
  const bool v4 = family == ip_family::v4;
  if (protocol == probe_protocol::tcp) return v4 ? admits_tcpv4(packet, ports) : admits_tcpv6(packet, ports);
  if (ports.count != 0) return v4 ? admits_ipv4(packet, ports) : admits_icmpv6(packet, ports);
  return v4 ? admits_ipv4(packet, identifiers) : admits_icmpv6(packet, identifiers);
}

void probe_socket::state::filter_in_kernel() const {
  if (protocol == probe_protocol::tcp) return;  // it has been since it was opened
  const auto filter_for = [this](const auto& ours) {
    return family == ip_family::v4 ? icmpv4_filter(ours) : icmpv6_filter(ours);
  };
  auto code = ports.count != 0 ? filter_for(ports) : filter_for(identifiers);
  attach_filter(opened.fd.get(), code);  // where the kernel will not, lets_in() goes on alone
}

void probe_socket::state::take_in(std::size_t count, clock_bridge& clocks) {
  constexpr std::uint32_t too_many_strangers = 16;
  clocks.refresh();
  const auto read_at = now();
  const bool v4 = family == ip_family::v4;
  const bool raw = opened.kind == socket_kind::raw;
  const bool tcp = protocol == probe_protocol::tcp;
  const auto form = v4    ? raw ? probe::framing::ipv4_packet : probe::framing::icmpv4_message
                    : tcp ? probe::framing::tcp_segment
                          : probe::framing::icmpv6_message;
  // The kernel looks at a TCP checksum only after it has given raw sockets their copy.
  const bool unseen = tcp || (v4 && raw);
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
    packet.form = form;
    packet.bytes = bytes;
    packet.wire_size = incoming->true_size(i);
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

probe_socket::probe_socket(std::unique_ptr<state> made) : state_{std::move(made)} {}
probe_socket::probe_socket(probe_socket&&) noexcept = default;
probe_socket& probe_socket::operator=(probe_socket&&) noexcept = default;
probe_socket::~probe_socket() = default;

int probe_socket::fd() const {
  return state_->opened.fd.get();
}
ip_family probe_socket::family() const {
  return state_->family;
}
probe_protocol probe_socket::protocol() const {
  return state_->protocol;
}
port_range probe_socket::ports() const {
  return state_->ports;
}
socket_kind probe_socket::kind() const {
  return state_->opened.kind;
}
std::uint16_t probe_socket::identifier() const {
  return state_->opened.identifier;
}
identifier_range probe_socket::identifiers() const {
  return state_->identifiers;
}
std::size_t probe_socket::queued() const {
  return state_->outgoing.size() + state_->sourceless.size();
}
bool probe_socket::full() const {
  return state_->outgoing.full() || state_->sourceless.size() >= batch_size;
}
bool probe_socket::awaits_stamps() const {
  return state_->stamps.outstanding() != 0 || state_->stamps_uncertain;
}

void probe_socket::queue(const probe::transmit& packet) {
  auto& s = *state_;
  const bool stamped = packet.want_stamp && s.opened.kernel_stamps && !s.stamps_uncertain;
  if (packet.checksum_at)
    s.queue_summed(packet, stamped);
  else
    s.outgoing.add(packet, stamped);
}

std::span<const probe::stimulus> probe_socket::flush(clock_bridge& clocks) {
  auto& s = *state_;
  s.results.clear();
  s.errors_read = false;
  s.results.insert(s.results.end(), s.sourceless.begin(), s.sourceless.end());
  s.sourceless.clear();
  s.outgoing.prepare(s.bound);
  constexpr int tries_allowed = 2;
  constexpr duration patience = 20ms;
  std::optional<mono_time> give_up_at;
  int tries = 0;
  for (std::size_t next = 0; next < s.outgoing.size();) {
    const auto began = now();
    const int count = s.outgoing.send(fd(), next);
    const int error = errno;
    const auto ended = now();
    if (count > 0) {
      s.note_sent(next, static_cast<std::size_t>(count), began, ended);
      next += static_cast<std::size_t>(count);
      tries = 0;
      continue;
    }
    s.doubt_stamps(next, clocks);
    if (queue_is_full(error)) {
      if (!give_up_at) give_up_at = ended + patience;
      if (ended < *give_up_at) {
        wait_for_room(fd(), error, tries++);
        continue;
      }
    } else if (may_be_pending_error(error) && tries++ < tries_allowed) {
      continue;
    }
    s.results.emplace_back(probe::send_failed{s.outgoing.token(next), error == EAGAIN ? ENOBUFS : error});
    ++next;
    tries = 0;
  }
  s.outgoing.clear();
  return s.results;
}

std::span<const probe::stimulus> probe_socket::receive(clock_bridge& clocks) {
  auto& s = *state_;
  s.arrivals.clear();
  if (!s.incoming) {
    constexpr std::size_t room = 256 << 10;
    s.incoming.emplace(std::clamp<std::size_t>(room / s.snap_length, 4, batch_size), s.snap_length);
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
  // An entry may be nothing to report: read on until one is, or the queue is empty.
  for (bool empty = false; !empty;) {
    s.results.clear();
    empty = s.read_errors(clocks);
    if (empty && s.stamps_uncertain) s.restart_stamps();
    if (!s.results.empty()) break;
  }
  return s.results;
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

result<probe_socket> open_probe_socket(const probe_socket_config& config) {
  auto opened = open_probe_fd(config);
  if (!opened) return opened.error();
  auto made = std::make_unique<probe_socket::state>(std::move(*opened), config);
  const bool expects_much = config.receive_buffer != 0;
  if (expects_much && made->opened.kind == socket_kind::raw) made->filter_in_kernel();
  return probe_socket{std::move(made)};
}

}  // namespace diag::io
