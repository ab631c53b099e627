// Feed, drain, sleep: under a virtual clock.
#include "tests/sim/run.hpp"

#include <algorithm>
#include <cerrno>

#include "libdiag/core/checksum.hpp"

namespace diag::sim {

namespace {
// A machine that asks so often to be woken at once, and then does nothing, would burn a real processor.
constexpr std::uint32_t idle_turns_allowed = 10'000;

/// The checksum that a host writes for its machine (transmit::checksum_at): the last `size` octets of
/// `whole`.
void finish_transport(packet& whole, std::size_t size, const ip_header& header, std::size_t at) {
  const auto message = byte_span{whole}.last(size);
  store_be16(message, at, 0);
  checksum_sum sum;
  sum.add_pseudo_header(header.source, header.destination, header.protocol, static_cast<std::uint32_t>(size));
  store_be16(message, at, sum.add(message).finish());
}
}  // namespace

mono_time machine_host::kernel_time(mono_time at) const {
  return options_.wall_step ? at + options_.wall_step(at) : at;
}

void machine_host::note(const char* what, byte_view octets) {
  if (!options_.log) return;
  *options_.log += std::to_string(now().time_since_epoch().count());
  options_.log->append(" ").append(what).append(" ");
  for (const auto octet : octets) {
    constexpr auto digits = "0123456789abcdef";
    const auto value = std::to_integer<unsigned>(octet);
    options_.log->push_back(digits[value >> 4]);
    options_.log->push_back(digits[value & 15]);
  }
  options_.log->push_back('\n');
}

void machine_host::feed(probe::machine& what, const probe::stimulus& stimulus, const char* name) {
  note(name, {});
  what.feed(now(), stimulus);
}

void machine_host::drain_effects(probe::machine& what) {
  while (const auto next = what.next_effect(now())) {
    idle_turns_ = 0;
    if (const auto* sending = std::get_if<probe::transmit>(&*next))
      transmit(what, *sending);
    else if (const auto* opening = std::get_if<probe::open_stream>(&*next))
      refuse(what, *opening);
    if (options_.send_cost > 0ns) net_.advance(now() + options_.send_cost);
  }
}

void machine_host::refuse(probe::machine& what, const probe::open_stream& request) {
  probe::stream_failed failed;
  failed.token = request.token;
  failed.error = EOPNOTSUPP;
  failed.at = now();
  feed(what, failed, "no stream");
}

int machine_host::prepare(const probe::transmit& request, packet& out) {
  using layer = probe::transmit::layer_kind;
  auto dont_fragment = options_.dont_fragment;
  if (request.layer == layer::transport) {
    ip_header header;
    header.source = here_.address(request.destination.family());
    header.destination = request.destination;
    header.protocol = request.protocol;
    header.hop_limit = request.hop_limit.value_or(options_.hop_limit);
    header.dont_fragment = options_.dont_fragment;
    out = make_ip(header, request.bytes);
    if (request.checksum_at) finish_transport(out, request.bytes.size(), header, *request.checksum_at);
    // RFC 3542 §3.1: the kernel fills this one in.
    if (request.protocol == protocol_icmpv6) finish_icmp(out);
    if (options_.unprivileged) send_as_kernel(out, options_.sockets);
  } else {
    out.assign(request.bytes.begin(), request.bytes.end());
    const auto header = look(out);
    if (options_.unprivileged) return EPERM;
    if (request.layer == layer::network && (!header || header->destination != request.destination))
      return EINVAL;
    // raw(7), IP_HDRINCL: length and checksum are the kernel's, and what is too long is not cut.
    if (request.layer == layer::network && header->source.is_v4()) {
      store_be16(out, 2, static_cast<std::uint16_t>(out.size()));
      finish_ip(out);
      dont_fragment = true;
    }
  }
  if (dont_fragment && out.size() > options_.interface_mtu) return EMSGSIZE;
  return options_.send_error ? options_.send_error(request.token, now()) : 0;
}

void machine_host::transmit(probe::machine& what, const probe::transmit& request) {
  packet out;
  const auto stamp = request.want_stamp && options_.transmit_stamps;
  const auto token = request.token;
  if (const auto error = prepare(request, out); error != 0)
    return feed(what, probe::send_failed{token, error}, "refused");
  ++result_.sent;
  note("out", out);
  here_.send(net_, std::move(out));
  if (stamp) feed(what, probe::sent{token, {kernel_time(now()), probe::stamp_source::socket}}, "sent");
}

void machine_host::collect() {
  while (!here_.inbox.empty()) {
    auto next = std::move(here_.inbox.front());
    here_.inbox.pop_front();
    if (unread_.size() >= options_.receive_buffer) {
      ++unreported_drops_;
      ++result_.dropped;
      continue;
    }
    auto read_at = next.at + options_.read_delay.draw(net_.random());
    if (!unread_.empty()) read_at = std::max(read_at, unread_.back().read_at);
    unread_.push_back({next.at, read_at, std::move(next.octets)});
  }
}

namespace {

/// IPv6 sockets take the header off and tell what stood in it (RFC 3542 §6).
void take_from_socket(probe::arrival& in, const ip_header& header) {
  in.bytes = header.payload;
  in.source = header.source;
  in.destination = header.destination;
  in.hop_limit = header.hop_limit;
  in.traffic_class = header.traffic_class;
}

}  // namespace

void machine_host::feed_datagram(probe::machine& what, const unread& waiting, const ip_header& header,
                                 probe::arrival& in) {
  note("in", waiting.octets);
  if (auto notice = notice_of(waiting.octets, options_.sockets)) {
    notice->kernel = in.kernel;
    notice->read_at = now();
    return what.feed(now(), *notice);
  }
  const auto v4 = header.source.is_v4();
  const auto icmp = header.protocol == (v4 ? protocol_icmp : protocol_icmpv6);
  if (!icmp && header.protocol != protocol_udp) return;
  take_from_socket(in, header);
  in.form = !icmp ? probe::framing::udp_datagram
            : v4  ? probe::framing::icmpv4_message
                  : probe::framing::icmpv6_message;
  in.checksum = probe::checksum_trust::verified;
  in.wire_size = in.bytes.size();
  what.feed(now(), in);
}

void machine_host::feed_packet(probe::machine& what, const unread& waiting) {
  const auto header = look(waiting.octets);
  if (!header) return;
  ++result_.received;
  probe::arrival in;
  in.bytes = waiting.octets;
  in.read_at = now();
  if (options_.receive_stamps) in.kernel = {kernel_time(waiting.at), probe::stamp_source::socket};
  if (options_.unprivileged) return feed_datagram(what, waiting, *header, in);
  if (header->source.is_v4()) {
    if (header->protocol != protocol_icmp && header->protocol != protocol_tcp &&
        header->protocol != protocol_udp)
      return;
    in.form = probe::framing::ipv4_packet;
  } else if (options_.captured) {
    in.form = probe::framing::ipv6_packet;
  } else if (header->protocol == protocol_tcp || header->protocol == protocol_udp) {
    take_from_socket(in, *header);
    in.form = header->protocol == protocol_tcp ? probe::framing::tcp_segment : probe::framing::udp_datagram;
  } else {
    if (header->protocol != protocol_icmpv6) return;
    auto copy = waiting.octets;
    finish_icmp(copy);
    if (copy != waiting.octets) return;  // the kernel verifies ICMPv6 (RFC 4443 §2.3) and drops
    take_from_socket(in, *header);
    in.form = probe::framing::icmpv6_message;
    in.checksum = probe::checksum_trust::verified;
  }
  in.wire_size = in.bytes.size();
  note("in", waiting.octets);
  what.feed(now(), in);
}

bool machine_host::feed_next(probe::machine& what) {
  result_.ended = now();
  const auto deadline = what.deadline();
  if (!deadline) {
    result_.finished = true;
    return false;
  }
  auto next = std::max(*deadline, now());
  if (options_.interrupt_at && !interrupted_) next = std::min(next, std::max(*options_.interrupt_at, now()));
  if (!unread_.empty()) next = std::min(next, std::max(unread_.front().read_at, now()));
  if (const auto event = net_.next_event()) next = std::min(next, *event);
  if (next > options_.until) return false;
  if (next > now()) idle_turns_ = 0;
  if (++idle_turns_ > idle_turns_allowed) {
    result_.spinning = true;
    return false;
  }
  net_.advance(next);
  collect();
  const auto drops = unreported_drops_;
  unreported_drops_ = 0;
  if (drops != 0) feed(what, probe::receiver_dropped{drops}, "dropped");
  // A real host empties its sockets before it looks at the clock.
  while (!unread_.empty() && unread_.front().read_at <= now()) {
    const auto waiting = std::move(unread_.front());
    unread_.pop_front();
    idle_turns_ = 0;
    feed_packet(what, waiting);
  }
  if (options_.interrupt_at && !interrupted_ && *options_.interrupt_at <= now()) {
    interrupted_ = true;
    feed(what, probe::interrupt{}, "interrupt");
  }
  const auto due = what.deadline();
  if (due && *due <= now()) feed(what, probe::wakeup{}, "wakeup");
  return true;
}

}  // namespace diag::sim
