// One honest frame of every kind that craft builds: for the round trip through wire and for tshark.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "libdiag/core/hex.hpp"
#include "libdiag/craft/fields.hpp"
#include "libdiag/craft/icmp_options.hpp"
#include "libdiag/craft/tcp_options.hpp"

namespace diag::craft_samples {

struct sample {
  std::string name;
  std::vector<craft::layer> layers;
};

inline ip_address ip(std::string_view text) {
  return parse_ip(text).value();
}
inline mac_address mac(std::string_view text) {
  return parse_mac(text).value();
}
inline std::vector<std::byte> hex(std::string_view text) {
  return parse_hex(text).value();
}

/// Octets and addresses that the samples borrow; it must outlive them.
struct material {
  std::vector<std::byte> text =
      hex("68656c6c6f20776f726c64");  // eleven octets, so that sums end in half a word
  std::vector<std::byte> record_route = hex("07070400000000");  // seven octets: padded to eight
  std::vector<std::byte> router_alert = hex("05020000");
  std::vector<std::byte> large = std::vector<std::byte>(1400, std::byte{0x5a});
  std::vector<std::byte> dns = hex("123401000001000000000000076578616d706c6503636f6d0000010001");
  std::vector<std::byte> extension = [] {
    std::vector<std::byte> objects;
    craft::append_extension_object(objects, 1, 1, hex("000641ff"));
    return craft::icmp_extension(objects);
  }();
  std::vector<std::byte> source_mac_option = [] {
    std::vector<std::byte> options;
    craft::append_neighbor_option(options, 1, hex("020000000001"));
    return options;
  }();
  std::vector<std::byte> target_mac_option = [] {
    std::vector<std::byte> options;
    craft::append_neighbor_option(options, 2, hex("020000000002"));
    return options;
  }();
  craft::tcp_options syn_options = craft::tcp_options{}
                                       .mss(1460)
                                       .sack_permitted()
                                       .timestamps(0x01020304, 0)
                                       .no_operation()
                                       .window_scale(7);
  std::array<ip_address, 2> via{ip("2001:db8::a"), ip("2001:db8::b")};
};

inline craft::ethernet_fields ethernet() {
  return {.destination = mac("02:00:00:00:00:02"), .source = mac("02:00:00:00:00:01")};
}
inline craft::ipv4_fields ipv4() {
  return {.identification = 0xbeef, .source = ip("192.0.2.1"), .destination = ip("198.51.100.2")};
}
inline craft::ipv6_fields ipv6() {
  return {.traffic_class = 0xb8,
          .flow_label = 0xabcde,
          .source = ip("2001:db8::1"),
          .destination = ip("2001:db8::2")};
}
inline craft::udp_fields udp() {
  return {.source_port = 33434, .destination_port = 9};
}

inline std::vector<sample> ipv4_samples(const material& m) {
  using namespace craft;
  const payload_fields text{m.text};
  return {
      {"ipv4 echo request", {ethernet(), ipv4(), icmpv4_fields{.identifier = 0x1234, .sequence = 1}, text}},
      {"ipv4 echo reply",
       {ethernet(), ipv4(), icmpv4_fields{.type = 0, .identifier = 0x1234, .sequence = 1}, text}},
      {"ipv4 timestamp",
       {ethernet(), ipv4(), icmpv4_fields{.type = 13, .identifier = 7, .originate = 12345678}}},
      {"ipv4 udp", {ethernet(), ipv4(), udp(), text}},
      {"ipv4 udp empty", {ethernet(), ipv4(), udp()}},
      {"ipv4 dns",
       {ethernet(), ipv4(), udp_fields{.source_port = 40000, .destination_port = 53}, payload_fields{m.dns}}},
      {"ipv4 tcp syn",
       {ethernet(), ipv4(),
        tcp_fields{.source_port = 40000,
                   .destination_port = 443,
                   .sequence = 0x01020304,
                   .flags = 0x002,
                   .options = m.syn_options.bytes()}}},
      {"ipv4 tcp data",
       {ethernet(), ipv4(),
        tcp_fields{.source_port = 40000,
                   .destination_port = 4444,
                   .sequence = 1,
                   .acknowledgment = 2,
                   .flags = 0x018},
        payload_fields{m.large}}},
      {"ipv4 options",
       {ethernet(),
        [&] {
          auto f = ipv4();
          f.options = m.record_route;
          return f;
        }(),
        icmpv4_fields{}, text}},
      {"ipv4 fragment",
       {ethernet(),
        [&] {
          auto f = ipv4();
          f.fragment_offset = 185;
          f.more_fragments = true;
          f.protocol = 17;
          return f;
        }(),
        payload_fields{byte_view{m.large}.first(1400)}}},
      {"ipv4 port unreachable",
       {ethernet(), ipv4(), icmpv4_fields{.type = 3, .code = 3}, ipv4(), udp(), text}},
      {"ipv4 fragmentation needed",
       {ethernet(), ipv4(), icmpv4_fields{.type = 3, .code = 4, .mtu = 1400}, ipv4(), udp(), text}},
      {"ipv4 redirect",
       {ethernet(), ipv4(), icmpv4_fields{.type = 5, .code = 1, .gateway = ip("192.0.2.254")}, ipv4(), udp(),
        text}},
      {"ipv4 time exceeded with MPLS",
       {ethernet(), ipv4(), icmpv4_fields{.type = 11, .extension = m.extension}, ipv4(), udp(), text}},
      {"ipv4 parameter problem",
       {ethernet(), ipv4(), icmpv4_fields{.type = 12, .pointer = 20}, ipv4(), udp(), text}},
      {"ipv4 in ipv4", {ethernet(), ipv4(), ipv4(), udp(), text}},
  };
}

inline std::vector<sample> ipv6_samples(const material& m) {
  using namespace craft;
  const payload_fields text{m.text};
  auto neighbors = ipv6();
  neighbors.hop_limit = 255;
  neighbors.traffic_class = 0;
  return {
      {"ipv6 echo request", {ethernet(), ipv6(), icmpv6_fields{.identifier = 0x1234, .sequence = 1}, text}},
      {"ipv6 echo reply",
       {ethernet(), ipv6(), icmpv6_fields{.type = 129, .identifier = 0x1234, .sequence = 1}, text}},
      {"ipv6 udp", {ethernet(), ipv6(), udp(), text}},
      {"ipv6 tcp syn",
       {ethernet(), ipv6(),
        tcp_fields{.source_port = 40000,
                   .destination_port = 443,
                   .flags = 0x0c2,
                   .options = m.syn_options.bytes()}}},
      {"ipv6 hop-by-hop", {ethernet(), ipv6(), hop_by_hop_fields{m.router_alert}, icmpv6_fields{}, text}},
      {"ipv6 destination options", {ethernet(), ipv6(), destination_options_fields{}, udp(), text}},
      {"ipv6 routing done",
       {ethernet(), ipv6(), routing_fields{.type = 4, .reserved = 0x01000000, .addresses = m.via}, udp(),
        text}},
      {"ipv6 first fragment",
       {ethernet(), ipv6(), fragment_fields{.more = true, .identification = 0x01020304}, udp(),
        payload_fields{byte_view{m.large}.first(1000)}}},
      {"ipv6 later fragment",
       {ethernet(), ipv6(), fragment_fields{.offset = 126, .identification = 0x01020304, .next_header = 17},
        payload_fields{byte_view{m.large}.first(400)}}},
      {"ipv6 chain",
       {ethernet(), ipv6(), hop_by_hop_fields{m.router_alert}, destination_options_fields{},
        fragment_fields{}, udp(), text}},
      {"ipv6 port unreachable",
       {ethernet(), ipv6(), icmpv6_fields{.type = 1, .code = 4}, ipv6(), udp(), text}},
      {"ipv6 packet too big",
       {ethernet(), ipv6(), icmpv6_fields{.type = 2, .mtu = 1280}, ipv6(), udp(), text}},
      {"ipv6 time exceeded with MPLS",
       {ethernet(), ipv6(), icmpv6_fields{.type = 3, .extension = m.extension}, ipv6(), udp(), text}},
      {"ipv6 parameter problem",
       {ethernet(), ipv6(), icmpv6_fields{.type = 4, .pointer = 40}, ipv6(), udp(), text}},
      {"neighbor solicitation",
       {ethernet(), neighbors,
        icmpv6_fields{.type = 135, .target = ip("2001:db8::2"), .options = m.source_mac_option}}},
      {"neighbor advertisement",
       {ethernet(), neighbors,
        icmpv6_fields{.type = 136,
                      .target = ip("2001:db8::2"),
                      .solicited = true,
                      .override_entry = true,
                      .options = m.target_mac_option}}},
      {"router solicitation",
       {ethernet(), neighbors, icmpv6_fields{.type = 133, .options = m.source_mac_option}}},
      {"router advertisement",
       {ethernet(), neighbors,
        icmpv6_fields{.type = 134,
                      .hop_limit = 64,
                      .flags = 0x80,
                      .router_lifetime = 1800,
                      .reachable_time = 30000,
                      .retransmit_timer = 1000,
                      .options = m.source_mac_option}}},
      {"ipv6 redirect",
       {ethernet(), neighbors,
        icmpv6_fields{.type = 137,
                      .target = ip("fe80::1"),
                      .destination = ip("2001:db8::3"),
                      .options = m.target_mac_option}}},
  };
}

inline std::vector<sample> link_samples(const material& m) {
  using namespace craft;
  const payload_fields text{m.text};
  auto provider = ethernet();
  provider.type = 0x88a8;
  const arp_fields request{.sender_hardware = mac("02:00:00:00:00:01"),
                           .sender_protocol = ip("192.0.2.1"),
                           .target_protocol = ip("192.0.2.2")};
  return {
      {"arp", {ethernet(), request}},
      {"vlan arp", {ethernet(), vlan_fields{.id = 100, .priority = 5}, request}},
      {"qinq udp",
       {provider, vlan_fields{.id = 7}, vlan_fields{.id = 4094, .drop_eligible = true}, ipv4(), udp(), text}},
      {"snap udp", {ethernet(), llc_fields{}, snap_fields{}, ipv4(), udp(), text}},
      {"llc", {ethernet(), llc_fields{.dsap = 0xf0, .ssap = 0xf0, .control = 0x03}, text}},
  };
}

inline std::vector<sample> all_samples(const material& m) {
  auto all = ipv4_samples(m);
  for (auto& more : {ipv6_samples(m), link_samples(m)}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace diag::craft_samples
