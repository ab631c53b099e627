// Packets of one flow: valid, and different only where no router looks.
#include "libdiag/craft/flow_packet.hpp"

#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"
#include "libdiag/wire/tcp.hpp"
#include "libdiag/wire/udp.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::craft;

namespace {

flow_packet_header header_v4(std::size_t size = 60) {
  return {.source = *parse_ip("192.0.2.1"),
          .destination = *parse_ip("198.51.100.7"),
          .hop_limit = 5,
          .traffic_class = 0xb8,
          .identification = 0x1234,
          .dont_fragment = true,
          .size = size};
}
flow_packet_header header_v6(std::size_t size = 80) {
  return {.source = *parse_ip("2001:db8::1"),
          .destination = *parse_ip("2001:db8:1::7"),
          .hop_limit = 9,
          .traffic_class = 0x20,
          .flow_label = 0xabcde,
          .size = size};
}

}  // namespace

TEST_CASE("flow packet: a UDP datagram over IPv4 has every field it was given", "[craft][flow]") {
  flow_packet made;
  const auto ip = header_v4();
  const auto packet = made.udp(ip, 40000, 33434, 0xbeef, 0x0102030405060708U);
  REQUIRE(packet.size() == 60);
  const auto outer = wire::ipv4_view::parse(packet);
  REQUIRE(outer.has_value());
  CHECK(outer->source() == ip.source);
  CHECK(outer->destination() == ip.destination);
  CHECK(outer->ttl() == 5);
  CHECK(outer->identification() == 0x1234);
  CHECK(outer->total_length() == 60);
  CHECK(outer->protocol() == 17);
  CHECK(load_be16(packet, 6) == 0x4000);
  CHECK(load_u8(packet, 1) == 0xb8);
  CHECK(wire::verify_alone(packet.first(20)) == wire::checksum_validity::good);
  const auto udp = wire::udp_view::parse(packet.subspan(20));
  REQUIRE(udp.has_value());
  CHECK(udp->checksum() == 0xbeef);
  CHECK(udp->verify(ip.source, ip.destination) == wire::checksum_validity::good);
  CHECK(load_be64(udp->payload(), 0) == 0x0102030405060708U);
}

TEST_CASE("flow packet: any checksum but zero can be had over UDP, in both families", "[craft][flow]") {
  flow_packet made;
  for (const std::uint32_t wanted : {0x0001U, 0x7fffU, 0x8000U, 0xfffeU, 0xffffU}) {
    const auto v4 = header_v4(61);  // an odd length
    const auto first = made.udp(v4, 1, 2, static_cast<std::uint16_t>(wanted), wanted * 77);
    const auto udp4 = wire::udp_view::parse(first.subspan(20));
    REQUIRE(udp4.has_value());
    CHECK(udp4->checksum() == wanted);
    CHECK(udp4->verify(v4.source, v4.destination) == wire::checksum_validity::good);
    const auto v6 = header_v6();
    const auto second = made.udp(v6, 1, 2, static_cast<std::uint16_t>(wanted), wanted * 77);
    const auto udp6 = wire::udp_view::parse(second.subspan(40));
    REQUIRE(udp6.has_value());
    CHECK(udp6->verify(v6.source, v6.destination) == wire::checksum_validity::good);
  }
}

TEST_CASE("flow packet: echo requests of one flow share their first four octets", "[craft][flow]") {
  flow_packet made;
  for (std::uint16_t sequence = 0; sequence < 300; sequence = static_cast<std::uint16_t>(sequence + 37)) {
    const auto v4 = made.echo(header_v4(), 0x4711, sequence, 0x6af3, std::uint64_t{sequence} << 32);
    CHECK(load_be32(v4, 20) == 0x08006af3);
    CHECK(load_be16(v4, 26) == sequence);
    CHECK(wire::verify_alone(v4.subspan(20)) == wire::checksum_validity::good);
    const auto ip = header_v6();
    const auto v6 = made.echo(ip, 0x4711, sequence, 0x6af3, std::uint64_t{sequence} << 32);
    CHECK(load_be32(v6, 40) == 0x80006af3);
    CHECK(wire::verify_with({ip.source, ip.destination, 58, 40}, v6.subspan(40), 2) ==
          wire::checksum_validity::good);
  }
}

TEST_CASE("flow packet: a SYN over IPv6 carries the flow label and a right checksum", "[craft][flow]") {
  flow_packet made;
  segment_template segment{ip_family::v6, 0x002, linux_profile()};
  const auto ip = header_v6();
  const auto packet = made.tcp(
      ip, segment, {.source_port = 50000, .destination_port = 443, .sequence = 0xfeedf00d, .timestamp = 5});
  const auto outer = wire::ipv6_view::parse(packet);
  REQUIRE(outer.has_value());
  CHECK(outer->flow_label() == 0xabcde);
  CHECK(outer->traffic_class() == 0x20);
  CHECK(outer->hop_limit() == 9);
  CHECK(outer->payload_length() == packet.size() - 40);
  const auto tcp = wire::tcp_view::parse(packet.subspan(40));
  REQUIRE(tcp.has_value());
  CHECK(tcp->sequence() == 0xfeedf00d);
  CHECK(wire::verify_with({ip.source, ip.destination, 6, static_cast<std::uint32_t>(packet.size() - 40)},
                          packet.subspan(40), 16) == wire::checksum_validity::good);
}

TEST_CASE("flow packet: the smallest and another size", "[craft][flow]") {
  flow_packet made;
  CHECK(flow_packet::least_size(ip_family::v4) == 38);
  CHECK(flow_packet::least_size(ip_family::v6) == 58);
  CHECK(made.udp(header_v4(38), 1, 2, 3, 4).size() == 38);
  const auto large = made.udp(header_v4(1500), 1, 2, 3, 4);
  CHECK(large.size() == 1500);
  CHECK(load_be16(large, 2) == 1500);
  CHECK(wire::verify_alone(large.first(20)) == wire::checksum_validity::good);
}
