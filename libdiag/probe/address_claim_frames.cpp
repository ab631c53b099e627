// Probe, announcement and defence as frames.
#include "libdiag/probe/address_claim_frames.hpp"

namespace diag::probe {

namespace {
constexpr std::uint16_t arp_request = 1;
constexpr std::uint16_t arp_reply = 2;

std::vector<std::byte> copy_of(byte_view octets) {
  return {octets.begin(), octets.end()};
}

ip_address unspecified_v6() {
  return ip_address::from_bytes(std::array<std::byte, 16>{});
}
}  // namespace

std::vector<std::byte> claim_probe_frame(const neighbor_link& link, const ip_address& address,
                                         const claim_nonce& nonce) {
  if (address.is_v6()) {
    // RFC 4862 §5.4.2: from the unspecified address, so without the link-layer option (RFC 4861 §4.3).
    craft::solicitation_template question{link.frames, {unspecified_v6(), {}, nonce}};
    const auto group = craft::solicited_node_group(address);
    return copy_of(question.stamp(craft::multicast_mac(group), group, address));
  }
  // RFC 5227 §2.1.1: sender address 0.0.0.0, so that nobody's table is spoilt; target hardware all zeros.
  craft::arp_fields fields;
  fields.operation = arp_request;
  fields.sender_hardware = link.hardware;
  fields.sender_protocol = ip_address::v4(0);
  craft::arp_template question{link.frames, fields};
  return copy_of(question.stamp(broadcast_mac, address));
}

std::vector<std::byte> claim_announcement_frame(const neighbor_link& link, const ip_address& address,
                                                claim_config::form form) {
  const auto as_reply = form == claim_config::form::reply;
  if (address.is_v6()) {
    // RFC 4861 §7.2.6: unsolicited, to all nodes; the override flag may be either.
    craft::advertisement_fields fields;
    fields.source = fields.target = address;
    fields.destination = craft::all_nodes_group();
    fields.link_layer = link.hardware;
    fields.override_entry = as_reply;
    return craft::advertisement_frame(link.frames, craft::multicast_mac(fields.destination), fields);
  }
  // RFC 5227 §2.3: sender and target address the same. In a reply the target hardware address is what the
  // tables are to hold (RFC 5944 §4.6).
  craft::arp_fields fields;
  fields.operation = as_reply ? arp_reply : arp_request;
  fields.sender_hardware = link.hardware;
  fields.sender_protocol = address;
  craft::arp_template statement{link.frames, fields};
  return copy_of(statement.stamp(broadcast_mac, address, as_reply ? link.hardware : mac_address{}));
}

}  // namespace diag::probe
