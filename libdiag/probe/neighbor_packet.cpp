// Neighbour discovery: RFC 4861 §7.1.1, §7.1.2 (which messages are to be discarded), RFC 6980 §5 (no
// fragments), RFC 2464 §6 (address options); echo replies: RFC 792, RFC 4443 §4.2.
//
// A frame comes as it was on the wire: no kernel has looked at its headers, and the checksum is known only as
// far as the device said.
#include "libdiag/probe/neighbor_packet.hpp"

#include <algorithm>

#include "libdiag/probe/ip_reader.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"
#include "libdiag/wire/neighbor.hpp"

namespace diag::probe {

namespace {

constexpr std::size_t icmp_checksum_at = 2;
constexpr std::size_t tag_size = 8;
constexpr std::size_t mac_size = 6;
constexpr std::uint8_t neighbor_hop_limit = 255;

constexpr packet_reading unrelated{};
packet_reading faulty(reject_reason why) {
  return {true, why};
}

/// Unknown is believed: that is what a host's own checksum offload leaves behind on a veth.
bool is_corrupt(const arrival& around, const ip_message& message) {
  return judge_checksum(around, message, icmp_checksum_at) == checksum_verdict::bad;
}

/// No packet comes from nobody, and none from a group (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2 and §2.7).
bool can_be_host(const ip_address& address) {
  return !address.is_unspecified() && !address.is_multicast();
}

/// Type, code and checksum have been seen to: the rest of an echo reply, which is laid out alike in both.
void read_echo(const ip_message& message, neighbor_message& said) {
  said.what = neighbor_message::kind::echo_reply;
  said.claimed = message.from;
  said.owner = said.frame_source;
  said.owner_stated = false;
  said.echo_identifier = load_be16(message.octets, 4);
  said.echo_sequence = load_be16(message.octets, 6);
  const auto payload = message.octets.subspan(wire::icmpv4_view::header_size);
  if (payload.size() >= tag_size) said.echo_tag = load_be64(payload, 0);
}

std::optional<reject_reason> judge_echo(const arrival& around, const ip_message& message,
                                        const neighbor_message& said) {
  if (message.octets.size() < wire::icmpv4_view::header_size) return reject_reason::bad_icmp_header;
  if (is_corrupt(around, message)) return reject_reason::bad_checksum;
  if (load_u8(message.octets, 1) != 0) return reject_reason::bad_code;
  if (!can_be_host(message.from)) return reject_reason::bad_ip_header;
  if (!is_valid_owner(said.frame_source)) return reject_reason::invalid_hardware;
  return std::nullopt;
}

packet_reading read_echo_reply(const arrival& around, const ip_message& message, neighbor_message& said) {
  if (message.octets.size() >= wire::icmpv4_view::header_size) read_echo(message, said);
  return {true, judge_echo(around, message, said)};
}

packet_reading read_ipv4(const arrival& around, byte_view octets, neighbor_message& said) {
  const auto ip = wire::ipv4_view::parse(octets);
  if (!ip) return faulty(reject_reason::bad_ip_header);
  if (ip->protocol() != wire::ip_protocol::icmp || ip->fragment_offset() != 0) return unrelated;
  const auto inside = ip->payload();
  const auto is_reply =
      !inside.empty() && wire::icmpv4_type{load_u8(inside, 0)} == wire::icmpv4_type::echo_reply;
  if (!inside.empty() && !is_reply) return unrelated;
  said.source = ip->source();
  said.destination = ip->destination();
  // The kernel's word on a frame is about what is inside, not about this header.
  if (ip->checksum() == wire::checksum_validity::bad) return faulty(reject_reason::bad_checksum);
  // A reply to what we ask needs no fragments, and the checksum of one cannot be verified.
  if (ip->truncated() || ip->more_fragments()) return faulty(reject_reason::bad_ip_header);
  ip_message message{.family = ip_family::v4,
                     .from = said.source,
                     .to = said.destination,
                     .protocol = ip->protocol(),
                     .size = static_cast<std::uint32_t>(inside.size()),
                     .octets = inside};
  return read_echo_reply(around, message, said);
}

/// RFC 4291 §2.7.1: ff02::1:ff00:0/104.
bool is_solicited_node_group(const ip_address& address) {
  return address == craft::solicited_node_group(address);
}

/// The options, gone through to the end: an address of another size than Ethernet's names nobody here, and
/// the frame's source must not stand in for it.
std::optional<reject_reason> read_options(const wire::neighbor_view& message, neighbor_message& said) {
  const auto wanted = message.solicitation() ? wire::nd_option_type::source_link_layer_address
                                             : wire::nd_option_type::target_link_layer_address;
  auto walk = message.options();
  while (const auto option = walk.next()) {
    if (option->type == wanted && option->data.size() != mac_size) return reject_reason::bad_neighbor_message;
    if (option->type == wire::nd_option_type::nonce && option->data.size() == mac_size && !said.nonce) {
      said.nonce.emplace();
      std::ranges::copy(option->data, said.nonce->begin());
    }
  }
  if (walk.malformed()) return reject_reason::bad_neighbor_message;
  const auto stated = message.link_layer_address();
  said.owner_stated = stated.has_value();
  said.owner = stated.value_or(said.frame_source);
  return std::nullopt;
}

/// RFC 4861 §7.1.1.
std::optional<reject_reason> read_solicitation(const wire::neighbor_view& message, neighbor_message& said) {
  const bool from_nobody = said.source.is_unspecified();
  said.what = from_nobody ? neighbor_message::kind::probe : neighbor_message::kind::solicitation;
  said.asked = message.target();
  if (!from_nobody) said.claimed = said.source;
  if (const auto fault = read_options(message, said)) return fault;
  if (from_nobody && (!is_solicited_node_group(said.destination) || said.owner_stated))
    return reject_reason::bad_neighbor_message;
  return std::nullopt;
}

/// RFC 4861 §7.1.2.
std::optional<reject_reason> read_advertisement(const wire::neighbor_view& message, neighbor_message& said) {
  said.what = neighbor_message::kind::advertisement;
  said.claimed = message.target();
  said.router = message.router();
  said.solicited = message.solicited();
  said.override_flag = message.override_flag();
  if (const auto fault = read_options(message, said)) return fault;
  // Who asks from the unspecified address is answered by a group, unsolicited (§7.2.4): both cannot be.
  if (said.solicited && said.destination.is_multicast()) return reject_reason::bad_neighbor_message;
  return std::nullopt;
}

/// What both sections have, in their order.
std::optional<reject_reason> judge_neighbor(const arrival& around, const ip_message& message, bool fragment) {
  if (message.hop_limit != neighbor_hop_limit) return reject_reason::bad_hop_limit;
  if (fragment) return reject_reason::bad_neighbor_message;
  if (is_corrupt(around, message)) return reject_reason::bad_checksum;
  const bool code_is_zero = message.octets.size() > 1 && load_u8(message.octets, 1) == 0;
  if (!code_is_zero || message.octets.size() < wire::neighbor_view::message_size)
    return reject_reason::bad_neighbor_message;
  return std::nullopt;
}

packet_reading read_neighbor(const arrival& around, const ip_message& message, bool fragment,
                             neighbor_message& said) {
  auto fault = judge_neighbor(around, message, fragment);
  const auto icmp = wire::icmpv6_view::parse(message.octets);
  if (!icmp) return {true, fault};
  const auto neighbor = wire::neighbor_view::parse(*icmp);
  if (!neighbor) return {true, fault};
  const auto inner =
      neighbor->solicitation() ? read_solicitation(*neighbor, said) : read_advertisement(*neighbor, said);
  if (!fault) fault = inner;
  if (!fault && (neighbor->target().is_multicast() || said.source.is_multicast()))
    fault = reject_reason::bad_neighbor_message;
  if (!fault && !is_valid_owner(said.owner)) fault = reject_reason::invalid_hardware;
  return {true, fault};
}

packet_reading read_ipv6(const arrival& around, byte_view octets, neighbor_message& said) {
  const auto ip = wire::ipv6_view::parse(octets);
  if (!ip) return faulty(reject_reason::bad_ip_header);
  said.source = ip->source();
  said.destination = ip->destination();
  const auto upper = wire::upper_layer(*ip);
  if (upper.malformed) return faulty(reject_reason::bad_ip_header);
  // With segments left it is on its way to somebody else.
  if (upper.protocol != wire::ip_protocol::icmpv6 || upper.routed) return unrelated;
  if (upper.fragment && upper.fragment->offset != 0) return unrelated;
  // With a payload length of zero all octets of the frame would be the packet's, padding too (RFC 2675).
  if (ip->truncated() || ip->payload_length() == 0 || upper.payload.empty())
    return faulty(reject_reason::bad_ip_header);
  const ip_message message{.family = ip_family::v6,
                           .from = said.source,
                           .to = said.destination,
                           .protocol = upper.protocol,
                           .hop_limit = ip->hop_limit(),
                           .size = static_cast<std::uint32_t>(upper.payload.size()),
                           .octets = upper.payload};
  switch (wire::icmpv6_type{load_u8(upper.payload, 0)}) {
    case wire::icmpv6_type::neighbor_solicitation:
    case wire::icmpv6_type::neighbor_advertisement:
      return read_neighbor(around, message, upper.fragment.has_value(), said);
    case wire::icmpv6_type::echo_reply:
      if (upper.fragment && upper.fragment->more) return faulty(reject_reason::bad_ip_header);
      return read_echo_reply(around, message, said);
    default:
      return unrelated;
  }
}

}  // namespace

packet_reading read_neighbor_packet(const arrival& around, byte_view octets, bool ipv4,
                                    neighbor_message& said) {
  return ipv4 ? read_ipv4(around, octets, said) : read_ipv6(around, octets, said);
}

}  // namespace diag::probe
