// IP headers by libnet, once for each shape; numbers, flow and checksums in place.
#include "libdiag/craft/flow_packet.hpp"

#include <algorithm>
#include <cassert>
#include <exception>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/frame.hpp"

namespace diag::craft {
namespace {

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;
constexpr std::size_t query_header = 8;  // UDP, ICMP echo
constexpr std::size_t make_weight_size = 2;
constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_icmpv6 = 58;
constexpr std::uint16_t dont_fragment_flag = 0x4000;

std::size_t header_of(ip_family family) {
  return family == ip_family::v4 ? ipv4_header : ipv6_header;
}

void write_ipv4(byte_span packet, const flow_packet_header& ip) {
  store_u8(packet, 1, ip.traffic_class);
  store_be16(packet, 4, ip.identification);
  store_be16(packet, 6, ip.dont_fragment ? dont_fragment_flag : std::uint16_t{0});
  store_u8(packet, 8, ip.hop_limit);
  std::ranges::copy(ip.source.bytes(), packet.begin() + 12);
  std::ranges::copy(ip.destination.bytes(), packet.begin() + 16);
  store_be16(packet, 10, 0);
  store_be16(packet, 10, internet_checksum(packet.first(ipv4_header)));
}

void write_ipv6(byte_span packet, const flow_packet_header& ip) {
  store_be32(packet, 0, 6U << 28 | std::uint32_t{ip.traffic_class} << 20 | (ip.flow_label & 0xfffff));
  store_u8(packet, 7, ip.hop_limit);
  std::ranges::copy(ip.source.bytes(), packet.begin() + 8);
  std::ranges::copy(ip.destination.bytes(), packet.begin() + 24);
}

/// Octets of the payload that never change. As Butskoy's traceroute fills its packets, so that a capture
/// looks familiar.
std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(0x40 + (i & 0x3f));
  return out;
}

/// Writes `wanted` as the checksum and what the two octets of make-weight must hold for it to be right.
/// `sum`: of the message and its pseudo-header with both zero (RFC 1071: sum + weight + wanted = 0xffff).
void balance(byte_span message, std::size_t checksum_at, std::uint16_t sum, std::uint16_t wanted) {
  store_be16(message, checksum_at, wanted);
  const auto rest = checksum_sum{}.add16(sum).add16(wanted).finish();
  store_be16(message, query_header + flow_packet::tag_size, rest);
}

}  // namespace

std::size_t flow_packet::least_size(ip_family family) {
  return header_of(family) + query_header + tag_size + make_weight_size;
}

byte_span flow_packet::lay_out(const flow_packet_header& ip, std::uint8_t protocol,
                               std::size_t transport_size) {
  const auto family = ip.destination.family();
  assert(family == ip.source.family());
  const auto size = header_of(family) + transport_size;
  if (family != family_ || protocol != protocol_ || size != packet_.size()) {
    const auto payload = pattern(transport_size);
    auto built =
        family == ip_family::v4
            ? build_frame(
                  {ipv4_fields{.source = ip.source, .destination = ip.destination, .protocol = protocol},
                   payload_fields{payload}})
            : build_frame(
                  {ipv6_fields{.source = ip.source, .destination = ip.destination, .next_header = protocol},
                   payload_fields{payload}});
    // Within the sizes that the caller keeps to nothing can be wrong with it: this is memory that ran out.
    if (!built) std::terminate();
    packet_ = std::move(*built);
    family_ = family;
    protocol_ = protocol;
  }
  const byte_span packet{packet_};
  family == ip_family::v4 ? write_ipv4(packet, ip) : write_ipv6(packet, ip);
  return packet.subspan(header_of(family));
}

byte_view flow_packet::udp(const flow_packet_header& ip, std::uint16_t source_port,
                           std::uint16_t destination_port, std::uint16_t checksum, std::uint64_t tag) {
  const auto message = lay_out(ip, protocol_udp, ip.size - header_of(ip.destination.family()));
  const auto length = static_cast<std::uint16_t>(message.size());
  store_be16(message, 0, source_port);
  store_be16(message, 2, destination_port);
  store_be16(message, 4, length);
  store_be16(message, 6, 0);
  store_be64(message, query_header, tag);
  store_be16(message, query_header + tag_size, 0);
  const auto sum =
      checksum_sum{}.add_pseudo_header(ip.source, ip.destination, protocol_udp, length).add(message).folded();
  balance(message, 6, sum, checksum);
  return packet_;
}

byte_view flow_packet::echo(const flow_packet_header& ip, std::uint16_t identifier, std::uint16_t sequence,
                            std::uint16_t checksum, std::uint64_t tag) {
  const bool v4 = ip.destination.is_v4();
  const auto protocol = v4 ? protocol_icmp : protocol_icmpv6;
  const auto message = lay_out(ip, protocol, ip.size - header_of(ip.destination.family()));
  store_be16(message, 0, v4 ? 0x0800 : 0x8000);
  store_be16(message, 2, 0);
  store_be16(message, 4, identifier);
  store_be16(message, 6, sequence);
  store_be64(message, query_header, tag);
  store_be16(message, query_header + tag_size, 0);
  checksum_sum sum;
  if (!v4)
    sum.add_pseudo_header(ip.source, ip.destination, protocol, static_cast<std::uint32_t>(message.size()));
  balance(message, 2, sum.add(message).folded(), checksum);
  return packet_;
}

byte_view flow_packet::tcp(const flow_packet_header& ip, segment_template& segment,
                           const segment_template::fields& values) {
  const auto octets = segment.stamp(values);
  const auto message = lay_out(ip, protocol_tcp, octets.size());
  std::ranges::copy(octets, message.begin());
  const auto checksum = checksum_sum{}
                            .add_pseudo_header(ip.source, ip.destination, protocol_tcp,
                                               static_cast<std::uint32_t>(message.size()))
                            .add(message)
                            .finish();
  store_be16(message, segment_template::checksum_at, checksum);
  return packet_;
}

}  // namespace diag::craft
