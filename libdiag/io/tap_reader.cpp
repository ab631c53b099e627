// IPv4 and IPv6 headers are read only as far as needed to tell ours from others'; the machine reads them
// fully.
#include "libdiag/io/tap_reader.hpp"

#include <algorithm>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv6.hpp"

namespace diag::io {
namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

/// The ICMP message of a captured IP packet; `message` is empty when it carries none.
struct icmp_inside {
  byte_view message{};
  ip_address destination{};
  std::uint8_t protocol = 0;
  bool request = false;
};

icmp_inside find_icmp(const frame& one) {
  icmp_inside found;
  const auto packet = one.packet;
  if (one.ethertype == ethertype_ipv4 && packet.size() >= 20) {
    const std::size_t header = (load_u8(packet, 0) & 0xfU) * 4;
    const bool first_fragment = (load_be16(packet, 6) & 0x1fff) == 0;
    if (load_u8(packet, 9) != IPPROTO_ICMP || !first_fragment || header < 20 || packet.size() <= header)
      return {};
    found.protocol = IPPROTO_ICMP;
    found.message = packet.subspan(header);
    found.destination = ip_address::from_bytes(packet.subspan(16, 4));
    const auto type = load_u8(found.message, 0);
    found.request = type == ICMP_ECHO || type == ICMP_TIMESTAMP;
  } else if (one.ethertype == ethertype_ipv6 && packet.size() > 40) {
    // Extension headers stand before no request of ours, but may before an answer.
    const auto upper = wire::upper_layer(load_u8(packet, 6), packet.subspan(40));
    if (upper.malformed || upper.fragment || upper.protocol != wire::ip_protocol::icmpv6 ||
        upper.payload.empty())
      return {};
    found.protocol = IPPROTO_ICMPV6;
    found.message = upper.payload;
    found.destination = ip_address::from_bytes(packet.subspan(24, 16));
    found.request = load_u8(found.message, 0) == ICMP6_ECHO_REQUEST;
  }
  return found;
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

std::optional<probe::stimulus> tap_reader::read(const frame& one, mono_time read_at, bool everywhere,
                                                const packet_recogniser& recognise) {
  const auto icmp = find_icmp(one);
  if (icmp.message.empty()) return std::nullopt;
  // On loopback libpcap shows a packet once, as incoming: a request there is one of ours leaving.
  if (icmp.request) {
    if (!one.outgoing && !icmp.destination.is_loopback()) return std::nullopt;
    const auto token =
        recognise ? recognise({icmp.protocol, {}, icmp.destination, icmp.message}) : std::nullopt;
    if (!token) return std::nullopt;
    return probe::sent{*token, one.kernel};
  }
  if (one.outgoing) return std::nullopt;
  const bool v4 = one.ethertype == ethertype_ipv4;
  if (v4 ? !admits_ipv4(one.packet, ours_v4_) : !admits_icmpv6(icmp.message, ours_v6_)) return std::nullopt;
  if (everywhere && seen_elsewhere(one)) return std::nullopt;
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
