// IPv4 and IPv6 headers are read only as far as needed to tell ours from others'; the machine reads them
// fully.
#include "libdiag/io/tap_reader.hpp"

#include <algorithm>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "libdiag/io/icmp_filter.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv6.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::io {
namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

/// Of network namespaces, too: LOOPBACK_IFINDEX of the kernel.
constexpr std::uint32_t loopback_interface = 1;

/// What a captured IP packet carries; nothing when it is a later fragment, or cut off before.
std::optional<outgoing_packet> look_inside(const frame& one) {
  const auto packet = one.packet;
  outgoing_packet found;
  if (one.ethertype == ethertype_ipv4 && packet.size() >= 20) {
    const std::size_t header = (load_u8(packet, 0) & 0xfU) * 4;
    const bool first_fragment = (load_be16(packet, 6) & 0x1fff) == 0;
    if (!first_fragment || header < 20 || packet.size() <= header) return std::nullopt;
    found.protocol = load_u8(packet, 9);
    found.source = ip_address::from_bytes(packet.subspan(12, 4));
    found.destination = ip_address::from_bytes(packet.subspan(16, 4));
    found.transport = packet.subspan(header);
    return found;
  }
  if (one.ethertype == ethertype_ipv6 && packet.size() > 40) {
    // Extension headers stand before no request of ours, but may before an answer.
    const auto upper = wire::upper_layer(load_u8(packet, 6), packet.subspan(40));
    if (upper.malformed || upper.fragment || upper.payload.empty()) return std::nullopt;
    found.protocol = upper.protocol;
    found.source = ip_address::from_bytes(packet.subspan(8, 16));
    found.destination = ip_address::from_bytes(packet.subspan(24, 16));
    found.transport = upper.payload;
    return found;
  }
  return std::nullopt;
}

bool is_request(const outgoing_packet& inside) {
  const auto type = load_u8(inside.transport, 0);
  if (inside.protocol == IPPROTO_ICMPV6) return type == ICMP6_ECHO_REQUEST;
  return type == ICMP_ECHO || type == ICMP_TIMESTAMP;
}

std::optional<probe::probe_token> ask(const packet_recogniser& recognise, const outgoing_packet& one) {
  return recognise ? recognise(one) : std::nullopt;
}

/// Whether we know the segment that an ICMP error quotes.
bool knows_quoted(const packet_recogniser& recognise, const icmp_quote& quote) {
  if (quote.protocol != IPPROTO_TCP || quote.transport.empty()) return false;
  const bool v4 = quote.header.size() == 20;
  outgoing_packet ours;
  ours.protocol = IPPROTO_TCP;
  ours.source = ip_address::from_bytes(v4 ? quote.header.subspan(12, 4) : quote.header.subspan(8, 16));
  ours.destination = ip_address::from_bytes(v4 ? quote.header.subspan(16, 4) : quote.header.subspan(24, 16));
  ours.transport = quote.transport;
  return ask(recognise, ours).has_value();
}

/// FNV-1a over the head of the packet, IP identification included.
std::uint64_t digest_of(byte_view packet) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const auto octet : packet.first(std::min<std::size_t>(packet.size(), 96)))
    value = (value ^ std::to_integer<std::uint64_t>(octet)) * 0x100000001b3;
  return value;
}

}  // namespace

bool tap_reader::seen_elsewhere(const frame& one) {
  constexpr duration transit = 1ms;  // from one interface of a stack to the next
  const auto digest = digest_of(one.packet);
  for (const auto& before : recent_) {
    if (before.digest != digest || one.kernel.at - before.at >= transit) continue;
    // The interface that had it first is its home; there a second one is a duplicate of the network's making.
    return before.interface != one.interface;
  }
  recent_[next_++ % recent_.size()] = {digest, one.interface, one.kernel.at};
  return false;
}

tap_reader::verdict tap_reader::judge_icmp(const frame& one, const outgoing_packet& inside,
                                           const packet_recogniser& recognise) const {
  // On loopback libpcap shows a packet once, as incoming: a request there is one of ours leaving.
  if (is_request(inside)) {
    if (!wanted_.echoes || (!one.outgoing && !inside.destination.is_loopback())) return {};
    return {ask(recognise, inside)};
  }
  if (one.outgoing) return {};
  const bool v4 = one.ethertype == ethertype_ipv4;
  if (wanted_.echoes || wanted_.every_error || wanted_.ports.count != 0) {
    icmp_interest ours{{}, wanted_.ports, wanted_.every_error};
    if (wanted_.echoes) ours.identifiers = v4 ? wanted_.ours_v4 : wanted_.ours_v6;
    if (v4 ? admits_ipv4(one.packet, ours) : admits_icmpv6(inside.transport, ours)) return {{}, true};
  }
  if (!wanted_.connections) return {};
  const auto quote = v4 ? find_quote_v4(one.packet) : find_quote_v6(inside.transport);
  return {{}, quote.error && knows_quoted(recognise, quote)};
}

tap_reader::verdict tap_reader::judge_ports(const frame& one, const outgoing_packet& inside,
                                            const packet_recogniser& recognise) const {
  constexpr std::size_t flags_at = 13, udp_header = 8;
  const bool tcp = inside.protocol == IPPROTO_TCP;
  const auto segment = inside.transport;
  if (segment.size() < (tcp ? flags_at + 1 : udp_header)) return {};
  const bool on_loopback = inside.destination.is_loopback() || one.interface == loopback_interface;
  const bool may_leave = one.outgoing || on_loopback;
  if (wanted_.ports.count != 0) {
    if (may_leave && wanted_.ports.holds(load_be16(segment, 0)))
      if (const auto token = ask(recognise, inside)) return {token};
    return {{}, !one.outgoing && wanted_.ports.holds(load_be16(segment, 2))};
  }
  if (!wanted_.connections || !tcp) return {};
  const auto flags = load_u8(segment, flags_at);
  const bool opens = (flags & (wire::tcp_flag::syn | wire::tcp_flag::ack)) == wire::tcp_flag::syn;
  if (opens && may_leave)
    if (const auto token = ask(recognise, inside)) return {token};
  if (one.outgoing || (flags & (wire::tcp_flag::syn | wire::tcp_flag::rst)) == 0) return {};
  const std::array<std::byte, 4> ports{segment[2], segment[3], segment[0], segment[1]};
  const outgoing_packet mirrored{inside.protocol, inside.destination, inside.source, ports};
  return {{}, ask(recognise, mirrored).has_value()};
}

std::optional<probe::stimulus> tap_reader::read(const frame& one, mono_time read_at, bool everywhere,
                                                const packet_recogniser& recognise) {
  const auto inside = look_inside(one);
  if (!inside) return std::nullopt;
  const bool v4 = one.ethertype == ethertype_ipv4;
  verdict found;
  if (inside->protocol == IPPROTO_TCP || inside->protocol == IPPROTO_UDP)
    found = judge_ports(one, *inside, recognise);
  else if (inside->protocol == (v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}))
    found = judge_icmp(one, *inside, recognise);
  if (found.left) return probe::sent{*found.left, one.kernel};
  if (!found.answer || (everywhere && seen_elsewhere(one))) return std::nullopt;
  probe::arrival packet;
  packet.form = v4 ? probe::framing::ipv4_packet : probe::framing::ipv6_packet;
  packet.bytes = one.packet;
  packet.wire_size = one.wire_size - (one.bytes.size() - one.packet.size());
  packet.interface = one.interface;
  packet.kernel = one.kernel;
  packet.read_at = read_at;
  return packet;
}

}  // namespace diag::io
