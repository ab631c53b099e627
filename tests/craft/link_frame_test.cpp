// Link frames: what craft builds, wire reads back, in every framing.
#include "libdiag/craft/link_frame.hpp"

#include <string>

#include "libdiag/core/checksum.hpp"
#include "libdiag/core/hex.hpp"
#include "libdiag/core/random.hpp"
#include "libdiag/craft/frame.hpp"
#include "libdiag/wire/arp.hpp"
#include "libdiag/wire/dissect.hpp"
#include "libdiag/wire/ethernet.hpp"
#include "libdiag/wire/neighbor.hpp"

#include "tests/catch.hpp"
#include "tests/craft/sample_frames.hpp"

using namespace diag;
using craft_samples::ip;
using craft_samples::mac;

namespace {

const auto us = mac("02:00:5e:10:00:01");
const auto them = mac("02:00:5e:10:00:02");
const auto everyone = mac("ff:ff:ff:ff:ff:ff");
const auto v6_us = ip("2001:db8::1");
const auto v6_them = ip("2001:db8::abcd:ef12");

craft::arp_fields request(std::uint16_t operation = 1) {
  return {.operation = operation, .sender_hardware = us, .sender_protocol = ip("192.0.2.1")};
}

/// Every way a frame can be dressed.
struct dress {
  std::string name{};
  craft::link_fields link{};
  std::vector<std::uint16_t> ids{};
};

std::vector<dress> dresses() {
  using craft::link_framing;
  std::vector<dress> all;
  for (const auto framing : {link_framing::ethernet_2, link_framing::snap, link_framing::llc})
    for (std::size_t tags = 0; tags < 3; ++tags) {
      dress one{.link = {.source = us, .framing = framing}};
      for (std::size_t i = 0; i < tags; ++i) {
        one.ids.push_back(static_cast<std::uint16_t>(100 + i));
        one.link.tags.push_back({.id = one.ids.back(), .priority = static_cast<std::uint8_t>(5 - i)});
      }
      one.name = "framing " + std::to_string(static_cast<int>(framing)) + ", tags " + std::to_string(tags);
      all.push_back(one);
    }
  return all;
}

/// The headers of the link as they were asked for, padding and length field as the standards have them.
wire::ethernet_view check_link(byte_view frame, const dress& as, std::uint16_t type, std::size_t message,
                               bool has_sap) {
  REQUIRE(frame.size() >= craft::least_frame);
  const auto seen = *wire::ethernet_view::parse(frame);
  CHECK(seen.source() == us);
  CHECK_FALSE(seen.truncated());
  REQUIRE(seen.tags().size() == as.ids.size());
  for (std::size_t i = 0; i < as.ids.size(); ++i) {
    CHECK(seen.tags()[i].id == as.ids[i]);
    CHECK(seen.tags()[i].priority == 5 - i);
    CHECK(seen.tags()[i].tpid == (i == 0 && as.ids.size() == 2 ? 0x88a8 : 0x8100));
  }
  const auto tags = 4 * as.ids.size();
  if (as.link.framing == craft::link_framing::ethernet_2) {
    CHECK(seen.framing() == wire::ethernet_framing::ethernet_2);
    CHECK(seen.ether_type() == type);
    CHECK(frame.size() == std::max(craft::least_frame, 14 + tags + message));
    return seen;
  }
  const bool sap = has_sap && as.link.framing == craft::link_framing::llc;
  CHECK(seen.framing() == (sap ? wire::ethernet_framing::llc : wire::ethernet_framing::snap));
  CHECK(seen.ether_type() == (sap ? 0 : type));
  REQUIRE(seen.llc());
  CHECK(wire::is_arp(*seen.llc()) == sap);
  const std::size_t header = sap ? 3 : 8;
  // The length counts neither the header nor the padding (IEEE 802.3 §3.2.6).
  REQUIRE(seen.length());
  CHECK(*seen.length() == header + message);
  CHECK(seen.payload().size() == message);
  CHECK(frame.size() == std::max(craft::least_frame, 14 + tags + header + message));
  return seen;
}

bool is_zeros(byte_view octets) {
  return std::ranges::all_of(octets, [](std::byte octet) { return octet == std::byte{0}; });
}

}  // namespace

TEST_CASE("arp_template: a plain request, octet for octet", "[craft][link_frame]") {
  craft::arp_template frames{{.source = us}, request()};
  CHECK(hex_text(frames.stamp(everyone, ip("192.0.2.7"))) ==
        "ffffffffffff02005e1000010806"
        "0001080006040001"
        "02005e100001c0000201000000000000c0000207"
        "000000000000000000000000000000000000");
}

TEST_CASE("arp_template: wire reads back every field in every framing", "[craft][link_frame]") {
  for (const auto& as : dresses()) {
    INFO(as.name);
    craft::arp_template frames{as.link, request()};
    const auto octets = frames.stamp(them, ip("192.0.2.7"), everyone);
    const auto seen = check_link(octets, as, wire::ether_type::arp, 28, true);
    CHECK(seen.destination() == them);
    const auto message = wire::arp_view::parse(seen.payload());
    REQUIRE(message.has_value());
    CHECK(message->is_ethernet_ipv4());
    CHECK(message->operation() == wire::arp_operation::request);
    CHECK(message->sender_mac() == us);
    CHECK(message->sender_ip() == ip("192.0.2.1"));
    CHECK(message->target_mac() == everyone);
    CHECK(message->target_ip() == ip("192.0.2.7"));
    CHECK(is_zeros(seen.payload().subspan(28)));
  }
}

TEST_CASE("arp_template: a stamp leaves nothing of the stamp before and moves nothing",
          "[craft][link_frame]") {
  for (const auto& as : dresses()) {
    INFO(as.name);
    craft::arp_template used{as.link, request()};
    craft::arp_template fresh{as.link, request()};
    const auto* where = used.stamp(everyone, ip("255.255.255.255"), everyone).data();
    const auto again = used.stamp(them, ip("192.0.2.9"));
    CHECK(again.data() == where);
    CHECK(hex_text(again) == hex_text(fresh.stamp(them, ip("192.0.2.9"))));
    CHECK(hex_text(used.stamp(them, {})) == hex_text(fresh.stamp(them, ip("0.0.0.0"))));
  }
}

TEST_CASE("arp_template: reverse messages have a type of their own, inverse ones do not",
          "[craft][link_frame]") {
  const auto [operation, type] = GENERATE(table<std::uint16_t, std::uint16_t>(
      {{1, 0x0806}, {2, 0x0806}, {3, 0x8035}, {4, 0x8035}, {8, 0x0806}, {9, 0x0806}}));
  CAPTURE(operation);
  for (const auto framing : {craft::link_framing::ethernet_2, craft::link_framing::snap}) {
    craft::arp_template frames{{.source = us, .framing = framing}, request(operation)};
    CHECK(wire::ethernet_view::parse(frames.stamp(everyone, {}, them))->ether_type() == type);
  }
}

TEST_CASE("link frames: a forced type stands behind all tags, and in SNAP", "[craft][link_frame]") {
  for (auto as : dresses()) {
    if (as.link.framing == craft::link_framing::llc) continue;
    INFO(as.name);
    as.link.type = 0x1234;
    craft::arp_template requests{as.link, request(3)};
    check_link(requests.stamp(them, {}), as, 0x1234, 28, true);
    craft::solicitation_template solicitations{as.link, {.source = v6_us}};
    check_link(solicitations.stamp(them, v6_them, v6_them), as, 0x1234, 64, false);
    check_link(
        craft::advertisement_frame(as.link, them, {.source = v6_us, .destination = v6_them, .target = v6_us}),
        as, 0x1234, 72, false);
  }
}

TEST_CASE("arp_template: forced address lengths are written, and the message stays where it is",
          "[craft][link_frame]") {
  auto wrong = request();
  wrong.hardware_length = std::uint8_t{255};
  wrong.hardware_type = 6;
  craft::arp_template frames{{.source = us}, wrong};
  const auto octets = frames.stamp(everyone, ip("192.0.2.7"));
  CHECK(load_be16(octets, 14) == 6);
  CHECK(load_u8(octets, 18) == 255);
  CHECK(load_be32(octets, 14 + 24) == 0xC0000207);
}

TEST_CASE("solicitation_template: a plain solicitation, octet for octet", "[craft][link_frame]") {
  craft::solicitation_template frames{{.source = us}, {.source = v6_us, .link_layer = us}};
  const auto group = craft::solicited_node_group(v6_them);
  CHECK(hex_text(frames.stamp(craft::multicast_mac(group), group, v6_them)) ==
        "3333ffcdef1202005e10000186dd"
        "6000000000203aff"
        "20010db8000000000000000000000001ff0200000000000000000001ffcdef12"
        "8700335a00000000"
        "20010db80000000000000000abcdef12"
        "010102005e100001");
}

TEST_CASE("solicitation_template: wire reads back every field in every framing, with a right checksum",
          "[craft][link_frame]") {
  const std::array<std::byte, 6> nonce{std::byte{1}, std::byte{2}, std::byte{3},
                                       std::byte{4}, std::byte{5}, std::byte{6}};
  for (const auto& as : dresses()) {
    INFO(as.name);
    craft::solicitation_template frames{as.link, {.source = v6_us, .link_layer = us, .nonce = nonce}};
    const auto octets = frames.stamp(them, v6_them, v6_them);
    const auto seen = check_link(octets, as, wire::ether_type::ipv6, 80, false);
    CHECK(seen.destination() == them);
    const auto whole = wire::dissect(octets, wire::link_type::ethernet);
    CHECK(whole.findings.empty());
    const auto* packet = whole.find<wire::ipv6_view>();
    REQUIRE(packet != nullptr);
    CHECK(packet->hop_limit() == 255);
    CHECK(packet->source() == v6_us);
    CHECK(packet->destination() == v6_them);
    const auto* icmp = whole.find<wire::icmpv6_view>();
    REQUIRE(icmp != nullptr);
    CHECK(icmp->code() == 0);
    CHECK(icmp->verify(v6_us, v6_them) == wire::checksum_validity::good);
    const auto message = wire::neighbor_view::parse(*icmp);
    REQUIRE(message.has_value());
    CHECK(message->solicitation());
    CHECK(message->target() == v6_them);
    CHECK(message->link_layer_address() == us);
    auto options = message->options();
    CHECK(options.next()->type == wire::nd_option_type::source_link_layer_address);
    const auto second = options.next();
    REQUIRE(second);
    CHECK(second->type == wire::nd_option_type::nonce);
    CHECK(hex_text(second->data) == "010203040506");
    CHECK_FALSE(options.next());
    CHECK_FALSE(options.malformed());
  }
}

TEST_CASE("solicitation_template: each stamp is what a whole build gives", "[craft][link_frame]") {
  seeded_random random{5};
  craft::solicitation_template frames{{.source = us}, {.source = v6_us}};
  for (int round = 0; round < 300; ++round) {
    const auto target = ip("fe80::").plus(random());
    const auto to = round % 2 == 0 ? target : craft::solicited_node_group(target);
    const auto whole =
        craft::build_frame({craft::ethernet_fields{.destination = them, .source = us},
                            craft::ipv6_fields{.hop_limit = 255, .source = v6_us, .destination = to},
                            craft::icmpv6_fields{.type = 135, .target = target}});
    REQUIRE(whole.has_value());
    REQUIRE(hex_text(frames.stamp(them, to, target)) == hex_text(*whole));
  }
}

TEST_CASE("solicitation_template: from the unspecified address it has no address option",
          "[craft][link_frame][rfc4861]") {
  for (const auto& source : {ip("::"), ip_address{}}) {
    craft::solicitation_template frames{{.source = us}, {.source = source, .link_layer = us}};
    const auto group = craft::solicited_node_group(v6_them);
    const auto octets = frames.stamp(craft::multicast_mac(group), group, v6_them);
    CHECK(octets.size() == 14 + 40 + 24);
    const auto seen = wire::dissect(octets, wire::link_type::ethernet);
    CHECK(seen.findings.empty());
    CHECK(seen.find<wire::ipv6_view>()->source().is_unspecified());
  }
}

TEST_CASE("advertisement_frame: wire reads back addresses, flags and option", "[craft][link_frame]") {
  for (const auto& as : dresses())
    for (unsigned flags = 0; flags < 8; ++flags) {
      INFO(as.name << ", flags " << flags);
      const auto octets = craft::advertisement_frame(as.link, them,
                                                     {.source = v6_us,
                                                      .destination = v6_them,
                                                      .target = ip("2001:db8::9"),
                                                      .link_layer = us,
                                                      .router = (flags & 1) != 0,
                                                      .solicited = (flags & 2) != 0,
                                                      .override_entry = (flags & 4) != 0});
      check_link(octets, as, wire::ether_type::ipv6, 72, false);
      const auto seen = wire::dissect(octets, wire::link_type::ethernet);
      CHECK(seen.findings.empty());
      CHECK(seen.find<wire::ipv6_view>()->hop_limit() == 255);
      const auto message = wire::neighbor_view::parse(*seen.find<wire::icmpv6_view>());
      REQUIRE(message.has_value());
      CHECK_FALSE(message->solicitation());
      CHECK(message->target() == ip("2001:db8::9"));
      CHECK(message->link_layer_address() == us);
      CHECK(message->router() == ((flags & 1) != 0));
      CHECK(message->solicited() == ((flags & 2) != 0));
      CHECK(message->override_flag() == ((flags & 4) != 0));
    }
}

TEST_CASE("echo_frame: an echo request of either family, to any MAC address", "[craft][link_frame]") {
  for (const auto& as : dresses()) {
    INFO(as.name);
    const craft::link_echo_fields v4{.source = ip("192.0.2.1"),
                                     .destination = ip("192.0.2.255"),
                                     .identifier = 0x1234,
                                     .sequence = 7,
                                     .tag = 0xa1a2a3a4a5a6a7a8};
    const auto octets = craft::echo_frame(as.link, them, v4);
    CHECK(check_link(octets, as, wire::ether_type::ipv4, 84, false).destination() == them);
    const auto seen = wire::dissect(octets, wire::link_type::ethernet);
    CHECK(seen.findings.empty());
    CHECK(seen.find<wire::ipv4_view>()->destination() == v4.destination);
    const auto* message = seen.find<wire::icmpv4_view>();
    REQUIRE(message != nullptr);
    CHECK(message->type() == wire::icmpv4_type::echo_request);
    CHECK(message->identifier() == 0x1234);
    CHECK(message->sequence() == 7);
    CHECK(hex_text(message->body().first(12)) == "a1a2a3a4a5a6a7a808090a0b");
    CHECK(message->body().size() == 56);

    auto v6 = v4;
    v6.source = v6_us;
    v6.destination = ip("ff02::1");
    const auto to_group = craft::echo_frame(as.link, them, v6);
    check_link(to_group, as, wire::ether_type::ipv6, 104, false);
    const auto seen_v6 = wire::dissect(to_group, wire::link_type::ethernet);
    CHECK(seen_v6.findings.empty());
    const auto* message_v6 = seen_v6.find<wire::icmpv6_view>();
    REQUIRE(message_v6 != nullptr);
    CHECK(message_v6->type() == wire::icmpv6_type::echo_request);
    CHECK(load_be64(message_v6->body(), 0) == v6.tag);
  }
}

TEST_CASE("multicast_mac: 23 bits of an IPv4 group, 32 of an IPv6 group", "[craft][link_frame]") {
  const auto [group, expected] = GENERATE(table<const char*, const char*>({
      {"224.0.0.1", "01:00:5e:00:00:01"},
      {"239.255.1.2", "01:00:5e:7f:01:02"},
      {"255.255.255.255", "ff:ff:ff:ff:ff:ff"},
      {"192.0.2.255", "ff:ff:ff:ff:ff:ff"},
      {"ff02::1", "33:33:00:00:00:01"},
      {"ff02::1:ffab:cdef", "33:33:ff:ab:cd:ef"},
  }));
  CHECK(to_string(craft::multicast_mac(ip(group))) == expected);
}

TEST_CASE("solicited_node_group: the last 24 bits of the address", "[craft][link_frame]") {
  CHECK(craft::solicited_node_group(v6_them) == ip("ff02::1:ffcd:ef12"));
  CHECK(craft::solicited_node_group(ip("fe80::1%3")).scope() == 3);
  CHECK_FALSE(craft::solicited_node_group(ip("192.0.2.1")));
}

TEST_CASE("link frame: the group of all nodes", "[craft][link]") {
  CHECK(craft::all_nodes_group() == parse_ip("ff02::1"));
}
