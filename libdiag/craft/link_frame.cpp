// Link frames: headers by libnet, once for each shape; addresses and the ICMPv6 checksum in place. RFC 826,
// RFC 4861 §4.3, §4.4; 802.2 and SNAP: RFC 1042.
#include "libdiag/craft/link_frame.hpp"

#include <algorithm>
#include <exception>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/frame.hpp"
#include "libdiag/craft/icmp_options.hpp"

namespace diag::craft {
namespace {

constexpr std::uint8_t sap_of_arp = 0x98;  // IEEE 802 numbers: the one protocol here with a SAP of its own
constexpr std::uint16_t provider_tag = 0x88a8;
constexpr std::uint16_t reverse_arp = 0x8035;  // RFC 903
constexpr std::uint16_t reverse_request = 3;
constexpr std::uint16_t reverse_reply = 4;

// In an ARP message for Ethernet and IPv4 (RFC 826).
constexpr std::size_t target_hardware_at = 18;
constexpr std::size_t target_protocol_at = 24;

// In an IPv6 packet without extension headers that holds a solicitation.
constexpr std::size_t destination_at = 24;
constexpr std::size_t message_at = 40;
constexpr std::size_t checksum_at = message_at + 2;
constexpr std::size_t target_at = message_at + 8;
constexpr std::size_t v6_size = 16;
constexpr std::size_t v4_size = 4;

constexpr std::uint8_t protocol_icmpv6 = 58;
constexpr std::uint8_t neighbor_solicitation = 135;
constexpr std::uint8_t neighbor_advertisement = 136;
constexpr std::uint8_t echo_request_v4 = 8;
constexpr std::uint8_t echo_request_v6 = 128;
constexpr std::uint8_t neighbor_hop_limit = 255;  // RFC 4861 §7.1: anything less has crossed a router
constexpr std::uint8_t source_link_layer_option = 1;
constexpr std::uint8_t target_link_layer_option = 2;
constexpr std::uint8_t nonce_option = 14;
constexpr std::size_t echo_payload = 56;

struct built_frame {
  std::vector<std::byte> octets;
  std::size_t message_at = 0;  ///< where the first layer after those of the link begins
};

/// The headers of the link. `sap`: of the protocol that follows, when it has one.
std::vector<layer> link_layers(const link_fields& link, const mac_address& destination,
                               const forced<std::uint16_t>& type, const forced<std::uint8_t>& sap) {
  ethernet_fields ethernet{.destination = destination, .source = link.source};
  std::vector<vlan_fields> tags = link.tags;
  if (tags.size() > 1) ethernet.type = provider_tag;
  if (link.framing == link_framing::ethernet_2) {
    auto& innermost = tags.empty() ? ethernet.type : tags.back().type;
    if (type) innermost = type;
  }
  std::vector<layer> layers{ethernet};
  layers.insert(layers.end(), tags.begin(), tags.end());
  if (link.framing == link_framing::llc && sap) {
    layers.emplace_back(llc_fields{.dsap = *sap, .ssap = *sap});
  } else if (link.framing != link_framing::ethernet_2) {
    layers.emplace_back(llc_fields{});
    layers.emplace_back(snap_fields{.type = type});
  }
  return layers;
}

built_frame build_or_end(std::vector<layer> layers, std::initializer_list<layer> message) {
  const auto first = layers.size();
  layers.insert(layers.end(), message);
  auto builder = frame_builder::make();
  // What can be wrong is an address of the other family, and that is a broken contract.
  if (!builder) std::terminate();
  auto octets = builder->build(layers);
  if (!octets) std::terminate();
  const auto at = builder->placements()[first].offset;
  // Padding comes after the length fields were written: they do not count it (IEEE 802.3 §3.2.8).
  if (octets->size() < least_frame) octets->resize(least_frame);
  return {std::move(*octets), at};
}

/// Zeros where the address is of another size.
void write_address(byte_span out, std::size_t at, std::size_t size, const ip_address& address) {
  const auto place = out.subspan(at, size);
  if (address.bytes().size() == size)
    std::ranges::copy(address.bytes(), place.begin());
  else
    std::ranges::fill(place, std::byte{0});
}

void write_mac(byte_span out, std::size_t at, const mac_address& mac) {
  std::ranges::copy(mac.octets, out.subspan(at).begin());
}

std::vector<std::byte> echo_octets(std::uint64_t tag) {
  std::vector<std::byte> payload(echo_payload);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i);
  store_be64(payload, 0, tag);
  return payload;
}

}  // namespace

arp_template::arp_template(const link_fields& link, const arp_fields& message) {
  auto type = link.type;
  if (!type && (message.operation == reverse_request || message.operation == reverse_reply))
    type = reverse_arp;
  auto built = build_or_end(link_layers(link, {}, type, sap_of_arp), {message});
  frame_ = std::move(built.octets);
  message_at_ = built.message_at;
}

byte_view arp_template::stamp(const mac_address& destination, const ip_address& target,
                              const mac_address& target_hardware) {
  write_mac(frame_, 0, destination);
  write_mac(frame_, message_at_ + target_hardware_at, target_hardware);
  write_address(frame_, message_at_ + target_protocol_at, v4_size, target);
  return frame_;
}

solicitation_template::solicitation_template(const link_fields& link, const fields& message) {
  std::vector<std::byte> options;
  // RFC 4861 §4.3: never from the unspecified address, which nobody can answer by unicast.
  if (message.link_layer && message.source && !message.source.is_unspecified())
    append_neighbor_option(options, source_link_layer_option, message.link_layer->octets);
  if (message.nonce) append_neighbor_option(options, nonce_option, *message.nonce);
  auto built = build_or_end(link_layers(link, {}, link.type, {}),
                            {ipv6_fields{.hop_limit = neighbor_hop_limit, .source = message.source},
                             icmpv6_fields{.type = neighbor_solicitation, .options = options}});
  frame_ = std::move(built.octets);
  packet_at_ = built.message_at;
}

byte_view solicitation_template::stamp(const mac_address& destination, const ip_address& group_or_host,
                                       const ip_address& target) {
  write_mac(frame_, 0, destination);
  // No solicitation is shorter than the least frame, so that it has no padding.
  const auto packet = byte_span{frame_}.subspan(packet_at_);
  write_address(packet, destination_at, v6_size, group_or_host);
  write_address(packet, target_at, v6_size, target);
  store_be16(packet, checksum_at, 0);
  // Source and destination lie together, so one run of octets is both of the pseudo-header's addresses.
  constexpr std::size_t source_at = destination_at - v6_size;
  const auto message = packet.subspan(message_at);
  const auto checksum = checksum_sum{}
                            .add(packet.subspan(source_at, 2 * v6_size))
                            .add32(static_cast<std::uint32_t>(message.size()))
                            .add32(protocol_icmpv6)
                            .add(message)
                            .finish();
  store_be16(packet, checksum_at, checksum);
  return frame_;
}

std::vector<std::byte> advertisement_frame(const link_fields& link, const mac_address& destination,
                                           const advertisement_fields& message) {
  std::vector<std::byte> options;
  append_neighbor_option(options, target_link_layer_option, message.link_layer.octets);
  return build_or_end(link_layers(link, destination, link.type, {}),
                      {ipv6_fields{.hop_limit = neighbor_hop_limit,
                                   .source = message.source,
                                   .destination = message.destination},
                       icmpv6_fields{.type = neighbor_advertisement,
                                     .target = message.target,
                                     .router = message.router,
                                     .solicited = message.solicited,
                                     .override_entry = message.override_entry,
                                     .options = options}})
      .octets;
}

std::vector<std::byte> echo_frame(const link_fields& link, const mac_address& destination,
                                  const link_echo_fields& message) {
  const auto payload = echo_octets(message.tag);
  const auto layers = link_layers(link, destination, link.type, {});
  if (message.destination.is_v6())
    return build_or_end(layers, {ipv6_fields{.source = message.source, .destination = message.destination},
                                 icmpv6_fields{.type = echo_request_v6,
                                               .identifier = message.identifier,
                                               .sequence = message.sequence},
                                 payload_fields{payload}})
        .octets;
  return build_or_end(layers, {ipv4_fields{.source = message.source, .destination = message.destination},
                               icmpv4_fields{.type = echo_request_v4,
                                             .identifier = message.identifier,
                                             .sequence = message.sequence},
                               payload_fields{payload}})
      .octets;
}

mac_address multicast_mac(const ip_address& group) {
  const auto octets = group.bytes();
  if (group.is_v6()) {
    mac_address mac{{std::byte{0x33}, std::byte{0x33}}};
    std::ranges::copy(octets.last(4), mac.octets.begin() + 2);  // RFC 2464 §7
    return mac;
  }
  mac_address mac;
  if (!group.is_multicast() || octets[0] == std::byte{0xff}) {
    mac.octets.fill(std::byte{0xff});
    return mac;
  }
  // RFC 1112 §6.4: 23 bits of the group, so that 32 groups share an address.
  mac = {
      {std::byte{0x01}, std::byte{0x00}, std::byte{0x5e}, octets[1] & std::byte{0x7f}, octets[2], octets[3]}};
  return mac;
}

ip_address all_nodes_group() {
  std::array<std::byte, v6_size> octets{std::byte{0xff}, std::byte{0x02}};
  octets.back() = std::byte{0x01};
  return ip_address::from_bytes(octets);
}

ip_address solicited_node_group(const ip_address& address) {
  if (!address.is_v6()) return {};
  std::array<std::byte, 16> octets{std::byte{0xff}, std::byte{0x02}};
  octets[11] = std::byte{0x01};
  octets[12] = std::byte{0xff};
  std::ranges::copy(address.bytes().last(3), octets.begin() + 13);
  return ip_address::from_bytes(octets, address.scope());
}

}  // namespace diag::craft
