// IPv4: RFC 791; IPv6: RFC 8200, extension headers walked.
#include "libdiag/probe/ip_reader.hpp"

#include "libdiag/wire/checksum.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"

namespace diag::probe {

namespace {

ip_unreadable unreadable(const arrival& packet, const ip_address& from) {
  return {from, static_cast<std::uint32_t>(packet.bytes.size())};
}

result<ip_message, ip_unreadable> read_ipv4(const arrival& packet) {
  const auto ip = wire::ipv4_view::parse(packet.bytes);
  if (!ip) return unreadable(packet, packet.source);
  // A total length beyond the octets is a lie, unless it was we who cut the packet.
  const auto cut_here = packet.wire_size > packet.bytes.size();
  if ((ip->truncated() && !cut_here) || ip->is_fragment()) return unreadable(packet, ip->source());
  ip_message out;
  out.family = ip_family::v4;
  out.from = ip->source();
  out.to = ip->destination();
  out.protocol = ip->protocol();
  out.hop_limit = ip->ttl();
  out.traffic_class = ip->tos();
  out.identification = ip->identification();
  out.size = static_cast<std::uint32_t>(ip->total_length() - ip->header_size());
  out.octets = ip->payload();
  return out;
}

result<ip_message, ip_unreadable> read_ipv6(const arrival& packet) {
  const auto ip = wire::ipv6_view::parse(packet.bytes);
  if (!ip) return unreadable(packet, packet.source);
  const auto cut_here = packet.wire_size > packet.bytes.size();
  const auto upper = wire::upper_layer(*ip);
  if ((ip->truncated() && !cut_here) || upper.malformed || upper.fragment)
    return unreadable(packet, ip->source());
  ip_message out;
  out.family = ip_family::v6;
  out.from = ip->source();
  out.to = ip->destination();
  out.protocol = upper.protocol;
  out.hop_limit = ip->hop_limit();
  out.traffic_class = ip->traffic_class();
  const auto headers = upper.headers_size;
  out.size = ip->payload_length() > headers ? static_cast<std::uint32_t>(ip->payload_length() - headers) : 0;
  out.octets = upper.payload;
  return out;
}

/// The socket has taken the header off and tells what stood in it.
ip_message from_socket(const arrival& packet, ip_family family, std::uint8_t protocol) {
  ip_message out;
  out.family = family;
  out.from = packet.source;
  out.to = packet.destination;
  out.protocol = protocol;
  out.hop_limit = packet.hop_limit;
  out.traffic_class = packet.traffic_class;
  out.size = static_cast<std::uint32_t>(packet.wire_size != 0 ? packet.wire_size : packet.bytes.size());
  out.octets = packet.bytes;
  return out;
}

}  // namespace

result<ip_message, ip_unreadable> read_ip(const arrival& packet) {
  switch (packet.form) {
    case framing::ipv4_packet:
      return read_ipv4(packet);
    case framing::ipv6_packet:
      return read_ipv6(packet);
    case framing::icmpv4_message:
      return from_socket(packet, ip_family::v4, wire::ip_protocol::icmp);
    case framing::icmpv6_message:
      return from_socket(packet, ip_family::v6, wire::ip_protocol::icmpv6);
    case framing::tcp_segment:
      return from_socket(packet, packet.source.family(), wire::ip_protocol::tcp);
    case framing::udp_datagram:
      return from_socket(packet, packet.source.family(), wire::ip_protocol::udp);
    case framing::ethernet_frame:
      break;
  }
  return unreadable(packet, packet.source);
}

checksum_verdict judge_checksum(const arrival& packet, const ip_message& message, std::size_t checksum_at) {
  if (packet.checksum == checksum_trust::verified) return checksum_verdict::good;
  if (packet.checksum != checksum_trust::verify || message.cut()) return checksum_verdict::unknown;
  auto validity = wire::checksum_validity::unverifiable;
  if (message.protocol == wire::ip_protocol::icmp) {
    validity = wire::verify_alone(message.octets);
  } else if (message.from && message.to) {
    validity = wire::verify_with(
        {message.from, message.to, message.protocol, static_cast<std::uint32_t>(message.octets.size())},
        message.octets, checksum_at);
  }
  switch (validity) {
    case wire::checksum_validity::good:
    case wire::checksum_validity::unfinished:  // it never crossed a wire that could have changed it
      return checksum_verdict::good;
    case wire::checksum_validity::bad:
      return checksum_verdict::bad;
    default:
      return checksum_verdict::unknown;
  }
}

}  // namespace diag::probe
