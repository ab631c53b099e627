// Sending in batches; opening is in probe_socket_open.cpp, receiving in probe_socket_receive.cpp, the buffers
// are in message_batch.cpp.
#include "libdiag/io/probe_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "libdiag/io/probe_socket_state.hpp"

namespace diag::io {
namespace {

/// Whether a failed send may have delivered somebody else's news: an ICMP error the kernel had pending
/// (raw(7)). The local firewall and a blackhole route never come that way.
bool may_be_pending_error(int error) {
  return error != EPERM && error != EINVAL;
}

/// An ICMP error that has come ends the next send call, which sends nothing and (before Linux 6.9) uses up a
/// stamp's number all the same. On a datagram socket every answer of a router is such an error, so there what
/// is to be stamped goes out one by one, and the error that pends is taken away first. The error queue keeps
/// it.
void forget_pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
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
      ports{opened.kind == socket_kind::datagram && config.protocol == probe_protocol::udp
                ? port_range{opened.identifier, 1}
                : config.ports},
      every_error{config.every_error},
      source{config.source},
      snap_length{std::max<std::size_t>(config.snap_length, 128)},
      outgoing{config.family} {}

void probe_socket::state::restart_stamps() {
  set_stamping(opened.fd.get(), false);
  set_stamping(opened.fd.get(), true);
  stamps.restart();
  stamps_uncertain = false;
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
    refused.push_back({packet.token, EOPNOTSUPP});
    return;
  }
  // Once a batch: the addresses of this host may have changed while it waited for something to send.
  if (outgoing.size() == 0) opened.sources->refresh(now());
  const auto& found = opened.sources->find(packet.destination);
  if (found.error != 0) {
    refused.push_back({packet.token, found.error});
    return;
  }
  settle_binding(found.source);
  // A link-local source (RFC 4007 §6) cannot be asked for without its link, which the route alone knows.
  const bool link_known = !found.source.is_link_local() || packet.destination.scope() != 0;
  outgoing.add(packet, stamped, found.source, family == ip_family::v4 || link_known);
}

void probe_socket::state::queue_datagram(const probe::transmit& packet, bool stamped) {
  constexpr std::size_t header = 8;
  if (opened.kind == socket_kind::raw || packet.bytes.size() < header) {
    refused.push_back({packet.token, opened.kind == socket_kind::raw ? EOPNOTSUPP : EINVAL});
    return;
  }
  auto payload = packet;
  payload.bytes = packet.bytes.subspan(header);
  outgoing.add(payload, stamped, load_be16(packet.bytes, 2));
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
bool probe_socket::every_error() const {
  return state_->every_error;
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
  return state_->outgoing.size() + state_->refused.size();
}
bool probe_socket::full() const {
  return state_->outgoing.full() || state_->refused.size() >= batch_size;
}
bool probe_socket::awaits_stamps() const {
  return state_->stamps.outstanding() != 0 || state_->stamps_uncertain;
}

void probe_socket::queue(const probe::transmit& packet) {
  auto& s = *state_;
  const bool stamped = packet.want_stamp && s.opened.kernel_stamps && !s.stamps_uncertain;
  if (s.protocol == probe_protocol::udp) return s.queue_datagram(packet, stamped);
  if (packet.checksum_at && s.protocol != probe_protocol::whole) return s.queue_summed(packet, stamped);
  s.outgoing.add(packet, stamped);
}

std::span<const probe::stimulus> probe_socket::flush(clock_bridge& clocks) {
  auto& s = *state_;
  s.results.clear();
  s.errors_read = false;
  s.results.insert(s.results.end(), s.refused.begin(), s.refused.end());
  s.refused.clear();
  s.outgoing.prepare(s.bound);
  constexpr int tries_allowed = 2;
  constexpr duration patience = 20ms;
  std::optional<mono_time> give_up_at;
  int tries = 0;
  for (std::size_t next = 0; next < s.outgoing.size();) {
    const bool alone = s.opened.kind == socket_kind::datagram && s.outgoing.stamped(next);
    if (alone) forget_pending_error(fd());
    const auto began = now();
    const int count = s.outgoing.send(fd(), next, alone ? 1 : batch_size);
    const int error = errno;
    const auto ended = now();
    if (count > 0) {
      s.note_sent(next, static_cast<std::size_t>(count), began, ended);
      const bool cut_short = !alone && next + static_cast<std::size_t>(count) < s.outgoing.size();
      next += static_cast<std::size_t>(count);
      tries = 0;
      if (cut_short) s.doubt_stamps(next, clocks);
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

result<probe_socket> open_probe_socket(const probe_socket_config& config) {
  auto opened = open_probe_fd(config);
  if (!opened) return opened.error();
  auto made = std::make_unique<probe_socket::state>(std::move(*opened), config);
  const bool expects_much = config.receive_buffer != 0;
  if (expects_much && made->opened.kind == socket_kind::raw) made->filter_in_kernel();
  return probe_socket{std::move(made)};
}

}  // namespace diag::io
