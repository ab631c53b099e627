// What is sent, and from which address; opening is in probe_socket_open.cpp, receiving in
// probe_socket_receive.cpp, sending in stamped_sender.cpp.
#include "libdiag/io/probe_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libdiag/io/probe_socket_state.hpp"

namespace diag::io {
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
      sender{opened.fd.get(), config.family, opened.kernel_stamps} {}

void probe_socket::state::queue_summed(const probe::transmit& packet, bool stamped) {
  if (source) return sender.outgoing().add(packet, stamped, source, false);  // bound to it
  if (!opened.sources) return sender.refuse(packet.token, EOPNOTSUPP);
  // Once a batch: the addresses of this host may have changed while it waited for something to send.
  if (sender.outgoing().size() == 0) opened.sources->refresh(now());
  const auto& found = opened.sources->find(packet.destination);
  if (found.error != 0) return sender.refuse(packet.token, found.error);
  settle_binding(found.source);
  // A link-local source (RFC 4007 §6) cannot be asked for without its link, which the route alone knows.
  const bool link_known = !found.source.is_link_local() || packet.destination.scope() != 0;
  sender.outgoing().add(packet, stamped, found.source, family == ip_family::v4 || link_known);
}

void probe_socket::state::queue_datagram(const probe::transmit& packet, bool stamped) {
  constexpr std::size_t header = 8;
  if (opened.kind == socket_kind::raw) return sender.refuse(packet.token, EOPNOTSUPP);
  if (packet.bytes.size() < header) return sender.refuse(packet.token, EINVAL);
  auto payload = packet;
  payload.bytes = packet.bytes.subspan(header);
  sender.outgoing().add(payload, stamped, to_socket_address(packet.destination, load_be16(packet.bytes, 2)));
}

void probe_socket::state::settle_binding(const ip_address& wanted) {
  if (binding_settled && (!bound || bound == wanted)) return;
  // An IPv6 socket would take a link-local source with it to other links.
  auto own = to_socket_address(binding_settled ? ip_address::v4(0) : wanted);
  const bool done = family == ip_family::v4 && ::bind(opened.fd.get(), &own.any, own.size) == 0;
  bound = done && !binding_settled ? wanted : ip_address{};
  binding_settled = true;
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
  return state_->sender.queued();
}
bool probe_socket::full() const {
  return state_->sender.full();
}
bool probe_socket::awaits_stamps() const {
  return state_->sender.awaits_stamps();
}

void probe_socket::queue(const probe::transmit& packet) {
  auto& s = *state_;
  const bool stamped = s.sender.may_stamp(packet);
  if (s.protocol == probe_protocol::udp) return s.queue_datagram(packet, stamped);
  if (packet.checksum_at && s.protocol != probe_protocol::whole) return s.queue_summed(packet, stamped);
  s.sender.outgoing().add(packet, stamped, to_socket_address(packet.destination));
}

std::span<const probe::stimulus> probe_socket::flush(clock_bridge& clocks) {
  auto& s = *state_;
  s.sender.outgoing().prepare(s.bound);
  // An ICMP error that has come ends the next send call, which sends nothing and (before Linux 6.9) uses up a
  // stamp's number all the same. On a datagram socket every answer of a router is such an error.
  const bool alone = s.opened.kind == socket_kind::datagram;
  return s.sender.flush(alone, [&s, &clocks] { return s.read_errors(clocks); });
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
