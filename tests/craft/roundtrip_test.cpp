// What craft builds, wire reads back.
#include <string>

#include "libdiag/core/random.hpp"
#include "libdiag/craft/frame.hpp"
#include "libdiag/wire/dissect.hpp"
#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/neighbor.hpp"
#include "libdiag/wire/tcp_options.hpp"

#include "tests/catch.hpp"
#include "tests/craft/sample_frames.hpp"

using namespace diag;
using namespace diag::craft_samples;

namespace {

std::vector<std::byte> built(std::initializer_list<craft::layer> layers) {
  const auto frame = craft::build_frame(layers);
  REQUIRE(frame.has_value());
  return *frame;
}

std::string findings_of(const wire::dissection& seen) {
  std::string text;
  for (const auto& finding : seen.findings) text += std::string{describe(finding.kind)} + "; ";
  return text;
}

std::uint16_t word(seeded_random& random) {
  return static_cast<std::uint16_t>(random());
}
std::uint8_t octet(seeded_random& random) {
  return static_cast<std::uint8_t>(random());
}
std::uint32_t number(seeded_random& random) {
  return static_cast<std::uint32_t>(random());
}

}  // namespace

TEST_CASE("roundtrip: wire finds nothing wrong with any sample", "[craft][roundtrip]") {
  const material m;
  for (const auto& sample : all_samples(m)) {
    INFO(sample.name);
    const auto frame = craft::build_frame(sample.layers);
    REQUIRE(frame.has_value());
    const auto seen = wire::dissect(*frame, wire::link_type::ethernet);
    CHECK(findings_of(seen) == "");
    CHECK(seen.layers.size() >= 2);
  }
}

TEST_CASE("roundtrip: IPv4 and TCP fields come back as they went in", "[craft][roundtrip]") {
  seeded_random random{21};
  const material m;
  for (int round = 0; round < 500; ++round) {
    const craft::ipv4_fields ip{.tos = octet(random),
                                .ttl = octet(random),
                                .identification = word(random),
                                .dont_fragment = random.below(2) == 0,
                                .source = ip_address::v4(number(random)),
                                .destination = ip_address::v4(number(random)),
                                .options = byte_view{m.record_route}.first(random.below(2) * 7)};
    const craft::tcp_fields tcp{.source_port = word(random),
                                .destination_port = word(random),
                                .sequence = number(random),
                                .acknowledgment = number(random),
                                .flags = static_cast<std::uint16_t>(random() & 0xfff),
                                .window = word(random),
                                .urgent_pointer = word(random),
                                .options = m.syn_options.bytes()};
    const auto data = byte_view{m.large}.first(random.below(50));
    const auto frame = built({ethernet(), ip, tcp, craft::payload_fields{data}});
    const auto seen = wire::dissect(frame, wire::link_type::ethernet);
    REQUIRE(findings_of(seen) == "");
    const auto* ip_seen = seen.find<wire::ipv4_view>();
    const auto* tcp_seen = seen.find<wire::tcp_view>();
    REQUIRE(ip_seen != nullptr);
    REQUIRE(tcp_seen != nullptr);
    REQUIRE(ip_seen->tos() == ip.tos);
    REQUIRE(ip_seen->ttl() == ip.ttl);
    REQUIRE(ip_seen->identification() == ip.identification);
    REQUIRE(ip_seen->dont_fragment() == ip.dont_fragment);
    REQUIRE(ip_seen->source() == ip.source);
    REQUIRE(ip_seen->destination() == ip.destination);
    REQUIRE(ip_seen->header_size() == (ip.options.empty() ? 20 : 28));
    REQUIRE(tcp_seen->source_port() == tcp.source_port);
    REQUIRE(tcp_seen->destination_port() == tcp.destination_port);
    REQUIRE(tcp_seen->sequence() == tcp.sequence);
    REQUIRE(tcp_seen->acknowledgment() == tcp.acknowledgment);
    REQUIRE(tcp_seen->flags() == tcp.flags);
    REQUIRE(tcp_seen->window() == tcp.window);
    REQUIRE(tcp_seen->urgent_pointer() == tcp.urgent_pointer);
    REQUIRE(tcp_seen->payload().size() == data.size());
  }
}

TEST_CASE("roundtrip: TCP options come back as they went in", "[craft][roundtrip]") {
  const material m;
  const auto frame = built({ipv4(), craft::tcp_fields{.options = m.syn_options.bytes()}});
  const auto seen = wire::dissect(frame, wire::link_type::raw_ip);
  const auto options = wire::summarize_tcp_options(seen.find<wire::tcp_view>()->options());
  CHECK(options.maximum_segment_size == 1460);
  CHECK(options.window_scale == 7);
  CHECK(options.sack_permitted);
  REQUIRE(options.timestamps);
  CHECK(options.timestamps->value == 0x01020304);
  CHECK_FALSE(options.malformed);
}

TEST_CASE("roundtrip: IPv6 and UDP fields come back as they went in", "[craft][roundtrip]") {
  seeded_random random{22};
  const material m;
  for (int round = 0; round < 500; ++round) {
    const craft::ipv6_fields ip{.traffic_class = octet(random),
                                .hop_limit = octet(random),
                                .flow_label = number(random) & 0xfffff,
                                .source = craft_samples::ip("2001:db8::").plus(random()),
                                .destination = craft_samples::ip("2001:db8:1::").plus(random())};
    const craft::udp_fields datagram{.source_port = word(random), .destination_port = word(random)};
    const auto data = byte_view{m.large}.first(random.below(50));
    const auto frame = built(
        {ethernet(), ip, craft::hop_by_hop_fields{m.router_alert}, datagram, craft::payload_fields{data}});
    const auto seen = wire::dissect(frame, wire::link_type::ethernet);
    REQUIRE(findings_of(seen) == "");
    const auto* ip_seen = seen.find<wire::ipv6_view>();
    const auto* udp_seen = seen.find<wire::udp_view>();
    REQUIRE(ip_seen != nullptr);
    REQUIRE(udp_seen != nullptr);
    REQUIRE(ip_seen->traffic_class() == ip.traffic_class);
    REQUIRE(ip_seen->flow_label() == ip.flow_label);
    REQUIRE(ip_seen->hop_limit() == ip.hop_limit);
    REQUIRE(ip_seen->source() == ip.source);
    REQUIRE(ip_seen->destination() == ip.destination);
    REQUIRE(udp_seen->source_port() == datagram.source_port);
    REQUIRE(udp_seen->destination_port() == datagram.destination_port);
    REQUIRE(udp_seen->payload().size() == data.size());
  }
}

TEST_CASE("roundtrip: a chain of extension headers is walked to its end", "[craft][roundtrip]") {
  const material m;
  const auto frame =
      built({ipv6(), craft::hop_by_hop_fields{m.router_alert}, craft::destination_options_fields{},
             craft::routing_fields{.segments_left = 2, .addresses = m.via},
             craft::fragment_fields{.more = true, .identification = 0xa1b2c3d4}, udp(),
             craft::payload_fields{m.text}});
  const auto packet = wire::ipv6_view::parse(frame);
  REQUIRE(packet.has_value());
  const auto upper = wire::upper_layer(*packet);
  CHECK(upper.protocol == 17);
  CHECK(upper.header_count == 4);
  CHECK(upper.headers_size == 8 + 8 + 40 + 8);
  CHECK(upper.routed);
  CHECK_FALSE(upper.malformed);
  REQUIRE(upper.fragment);
  CHECK(upper.fragment->more);
  CHECK(upper.fragment->offset == 0);
  CHECK(upper.fragment->identification == 0xa1b2c3d4);
  // With segments left the sum covers the last stop (RFC 8200 §8.1).
  const auto datagram = wire::udp_view::parse(upper.payload);
  REQUIRE(datagram.has_value());
  CHECK(datagram->verify(packet->source(), m.via[1]) == wire::checksum_validity::good);
  CHECK(datagram->verify(packet->source(), packet->destination()) == wire::checksum_validity::bad);
}

TEST_CASE("roundtrip: an ICMP error has its quote and its extension", "[craft][roundtrip]") {
  const material m;
  for (const bool v4 : {true, false}) {
    const auto frame = v4 ? built({ipv4(), craft::icmpv4_fields{.type = 11, .extension = m.extension}, ipv4(),
                                   udp(), craft::payload_fields{m.text}})
                          : built({ipv6(), craft::icmpv6_fields{.type = 3, .extension = m.extension}, ipv6(),
                                   udp(), craft::payload_fields{m.text}});
    const auto seen = wire::dissect(frame, wire::link_type::raw_ip);
    CHECK(findings_of(seen) == "");
    const auto body = v4 ? wire::split_error_body(*seen.find<wire::icmpv4_view>())
                         : wire::split_error_body(*seen.find<wire::icmpv6_view>());
    CHECK_FALSE(body.bad_length);
    CHECK(body.original.size() == 128);
    REQUIRE(body.extension);
    CHECK(body.extension->placement == wire::extension_placement::stated);
    CHECK(body.extension->version == 2);
    CHECK(body.extension->checksum == wire::checksum_validity::good);
    wire::icmp_extension_objects objects{body.extension->objects};
    const auto object = objects.next();
    REQUIRE(object);
    const auto stack = wire::parse_mpls_stack(*object);
    REQUIRE(stack);
    REQUIRE(stack->count == 1);
    CHECK(stack->labels()[0].label == 100);
    const auto quote = wire::parse_quote(body.original, v4 ? ip_family::v4 : ip_family::v6);
    REQUIRE(quote.has_value());
    CHECK(quote->protocol == 17);
    CHECK(wire::quoted_ports(*quote)->source == 33434);
    CHECK(wire::quoted_ports(*quote)->destination == 9);
  }
}

TEST_CASE("roundtrip: the words of ICMP errors are where wire looks for them", "[craft][roundtrip]") {
  const auto too_big =
      built({ipv4(), craft::icmpv4_fields{.type = 3, .code = 4, .mtu = 1400}, ipv4(), udp()});
  CHECK(wire::dissect(too_big, wire::link_type::raw_ip).find<wire::icmpv4_view>()->next_hop_mtu() == 1400);
  const auto redirect =
      built({ipv4(), craft::icmpv4_fields{.type = 5, .gateway = ip("192.0.2.254")}, ipv4(), udp()});
  CHECK(wire::dissect(redirect, wire::link_type::raw_ip).find<wire::icmpv4_view>()->gateway() ==
        ip("192.0.2.254"));
  const auto problem = built({ipv4(), craft::icmpv4_fields{.type = 12, .pointer = 21}, ipv4(), udp()});
  CHECK(wire::dissect(problem, wire::link_type::raw_ip).find<wire::icmpv4_view>()->pointer() == 21);
  const auto too_big6 = built({ipv6(), craft::icmpv6_fields{.type = 2, .mtu = 0x12345}, ipv6(), udp()});
  CHECK(wire::dissect(too_big6, wire::link_type::raw_ip).find<wire::icmpv6_view>()->mtu() == 0x12345);
  const auto problem6 = built({ipv6(), craft::icmpv6_fields{.type = 4, .pointer = 41}, ipv6(), udp()});
  CHECK(wire::dissect(problem6, wire::link_type::raw_ip).find<wire::icmpv6_view>()->pointer() == 41);
}

TEST_CASE("roundtrip: timestamps come back", "[craft][roundtrip]") {
  const auto frame = built({ipv4(), craft::icmpv4_fields{.type = 14,
                                                         .identifier = 9,
                                                         .sequence = 8,
                                                         .originate = 1,
                                                         .receive = 0x80000002,
                                                         .transmit = 3}});
  const auto seen = wire::dissect(frame, wire::link_type::raw_ip);
  const auto* message = seen.find<wire::icmpv4_view>();
  REQUIRE(message != nullptr);
  CHECK(message->identifier() == 9);
  CHECK(message->sequence() == 8);
  CHECK(message->originate() == 1u);
  CHECK(message->receive() == 0x80000002);
  CHECK(message->transmit() == 3u);
}

TEST_CASE("roundtrip: neighbor discovery comes back", "[craft][roundtrip]") {
  const material m;
  const auto frame = built({ipv6(), craft::icmpv6_fields{.type = 136,
                                                         .target = ip("2001:db8::9"),
                                                         .router = true,
                                                         .override_entry = true,
                                                         .options = m.target_mac_option}});
  const auto seen = wire::dissect(frame, wire::link_type::raw_ip);
  const auto neighbor = wire::neighbor_view::parse(*seen.find<wire::icmpv6_view>());
  REQUIRE(neighbor.has_value());
  CHECK(neighbor->target() == ip("2001:db8::9"));
  CHECK(neighbor->router());
  CHECK_FALSE(neighbor->solicited());
  CHECK(neighbor->override_flag());
  CHECK(neighbor->link_layer_address() == mac("02:00:00:00:00:02"));
}

TEST_CASE("roundtrip: ARP and its tags come back", "[craft][roundtrip]") {
  const auto frame = built({ethernet(), craft::vlan_fields{.id = 0xabc, .priority = 6, .drop_eligible = true},
                            craft::arp_fields{.operation = 2,
                                              .sender_hardware = mac("02:00:00:00:00:05"),
                                              .sender_protocol = ip("192.0.2.5"),
                                              .target_hardware = mac("02:00:00:00:00:06"),
                                              .target_protocol = ip("192.0.2.6")}});
  const auto seen = wire::dissect(frame, wire::link_type::ethernet);
  const auto* link = seen.find<wire::ethernet_view>();
  const auto* arp = seen.find<wire::arp_view>();
  REQUIRE(link != nullptr);
  REQUIRE(arp != nullptr);
  CHECK(link->source() == mac("02:00:00:00:00:01"));
  CHECK(link->destination() == mac("02:00:00:00:00:02"));
  REQUIRE(link->tags().size() == 1);
  CHECK(link->tags()[0].id == 0xabc);
  CHECK(link->tags()[0].priority == 6);
  CHECK(link->tags()[0].drop_eligible);
  CHECK(arp->operation() == wire::arp_operation::reply);
  CHECK(arp->sender_mac() == mac("02:00:00:00:00:05"));
  CHECK(arp->sender_ip() == ip("192.0.2.5"));
  CHECK(arp->target_mac() == mac("02:00:00:00:00:06"));
  CHECK(arp->target_ip() == ip("192.0.2.6"));
}

TEST_CASE("roundtrip: 802.3 with SNAP comes back", "[craft][roundtrip]") {
  const material m;
  const auto frame = built(
      {ethernet(), craft::llc_fields{}, craft::snap_fields{}, ipv4(), udp(), craft::payload_fields{m.text}});
  const auto seen = wire::dissect(frame, wire::link_type::ethernet);
  const auto* link = seen.find<wire::ethernet_view>();
  CHECK(link->framing() == wire::ethernet_framing::snap);
  CHECK(link->length() == frame.size() - 14);
  CHECK(link->ether_type() == 0x0800);
  CHECK(seen.find<wire::udp_view>() != nullptr);
}
