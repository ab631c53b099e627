// Built once a link, patched for each address.
#include "libdiag/probe/neighbor_question.hpp"

namespace diag::probe {

namespace {
constexpr std::uint16_t arp_request = 1;
}  // namespace

craft::arp_fields arp_message_from(const neighbor_link& link, std::uint16_t operation) {
  craft::arp_fields fields;
  fields.operation = operation;
  fields.sender_hardware = link.hardware;
  fields.sender_protocol = link.v4;
  return fields;
}

neighbor_question::neighbor_question(const neighbor_link& link)
    : anonymous_v6_{!link.v6 || link.v6.is_unspecified()},
      arp_{link.frames, arp_message_from(link, arp_request)},
      solicitation_{link.frames, {link.v6, link.hardware, {}}} {}

byte_view neighbor_question::ask(const ip_address& address, const std::optional<mac_address>& only) {
  if (address.is_v4()) return arp_.stamp(only.value_or(broadcast_mac), address);
  const auto group = craft::solicited_node_group(address);
  // RFC 4861 §7.2.2: multicast to find the address, unicast to see whether it is still there. §7.1.1: what
  // comes from the unspecified address must go to the group, whatever the frame's destination.
  if (only) return solicitation_.stamp(*only, anonymous_v6_ ? group : address, address);
  return solicitation_.stamp(craft::multicast_mac(group), group, address);
}

}  // namespace diag::probe
