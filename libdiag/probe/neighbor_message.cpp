// Frames read as ARP: RFC 826, 903, 2390, 5227; which frames are ours at all: IEEE 802.3 §3.2.6, 802.1Q §9,
// RFC 1042. Neighbour discovery and echo replies: neighbor_packet.cpp.
#include "libdiag/probe/neighbor_message.hpp"

#include <algorithm>

#include "libdiag/probe/neighbor_packet.hpp"
#include "libdiag/wire/arp.hpp"

namespace diag::probe {

namespace {

constexpr std::size_t mac_size = 6;

enum class content : std::uint8_t { other, arp, ipv4, ipv6 };

content content_of_type(std::uint16_t type) {
  switch (type) {
    case wire::ether_type::arp:
    case wire::ether_type::reverse_arp:
      return content::arp;
    case wire::ether_type::ipv4:
      return content::ipv4;
    case wire::ether_type::ipv6:
      return content::ipv6;
    default:
      return content::other;
  }
}

bool has_sap_of_arp(const wire::ethernet_view& frame) {
  const auto llc = frame.llc();
  return llc && wire::is_arp(*llc);
}

/// Under an ethertype of the user's own choice the octets tell: IP begins with its version, ARP with the high
/// octet of a hardware type, which is zero.
content content_of_octets(byte_view octets, content otherwise) {
  if (octets.empty()) return otherwise;
  switch (load_u8(octets, 0) >> 4) {
    case 0:
      return content::arp;
    case 4:
      return content::ipv4;
    case 6:
      return content::ipv6;
    default:
      return otherwise;
  }
}

content content_of(const wire::ethernet_view& frame, const craft::link_fields& ours) {
  if (frame.framing() == wire::ethernet_framing::llc)
    return has_sap_of_arp(frame) ? content::arp : content::other;
  const auto by_type = content_of_type(frame.ether_type());
  if (by_type == content::arp || !ours.type || frame.ether_type() != *ours.type) return by_type;
  return content_of_octets(frame.payload(), by_type);
}

/// RFC 903: reverse messages have a type of their own; inverse ones (RFC 2390) do not.
bool is_type_of_arp(std::uint16_t type, neighbor_message::kind what) {
  using kind = neighbor_message::kind;
  const auto reverse = what == kind::reverse_request || what == kind::reverse_reply;
  return type == (reverse ? wire::ether_type::reverse_arp : wire::ether_type::arp);
}

/// `said`: the message, where it could be read.
bool is_framed_as_ours(const wire::ethernet_view& frame, content what, const neighbor_message* said,
                       const craft::link_fields& ours) {
  using craft::link_framing;
  using wire::ethernet_framing;
  if (ours.framing == link_framing::llc && what == content::arp) return has_sap_of_arp(frame);
  // What has no SAP goes out in SNAP then (link_frame.hpp).
  const auto wanted =
      ours.framing == link_framing::ethernet_2 ? ethernet_framing::ethernet_2 : ethernet_framing::snap;
  if (frame.framing() != wanted) return false;
  if (ours.type) return frame.ether_type() == *ours.type;
  return what != content::arp || said == nullptr || is_type_of_arp(frame.ether_type(), said->what);
}

/// By number alone: neither priority nor the tag's own ethertype says which VLAN it is. VLAN 0 is none (IEEE
/// 802.1Q table 9-2).
bool is_tagged_as_ours(std::span<const wire::vlan_tag> tags, const craft::link_fields& ours) {
  const auto names_one = [](const auto& tag) { return tag.id != 0; };
  auto seen = tags.begin();
  for (const auto& own : ours.tags) {
    if (!names_one(own)) continue;
    seen = std::find_if(seen, tags.end(), names_one);
    if (seen == tags.end() || seen->id != own.id) return false;
    ++seen;
  }
  return std::none_of(seen, tags.end(), names_one);
}

mac_address mac_at(byte_view octets, std::size_t at) {
  mac_address mac;
  std::ranges::copy(octets.subspan(at, mac_size), mac.octets.begin());
  return mac;
}

std::optional<neighbor_message::kind> kind_of(const wire::arp_view& arp) {
  using kind = neighbor_message::kind;
  switch (arp.operation()) {
    case wire::arp_operation::request:
      if (arp.is_probe()) return kind::probe;
      return arp.is_announcement() ? kind::announcement : kind::request;
    case wire::arp_operation::reply:
      return arp.is_announcement() ? kind::announcement : kind::reply;
    case wire::arp_operation::reverse_request:
      return kind::reverse_request;
    case wire::arp_operation::reverse_reply:
      return kind::reverse_reply;
    case wire::arp_operation::inverse_request:
      return kind::inverse_request;
    case wire::arp_operation::inverse_reply:
      return kind::inverse_reply;
  }
  return std::nullopt;
}

/// What follows the message is padding, whatever it holds.
std::optional<reject_reason> read_arp(byte_view octets, neighbor_message& said) {
  using kind = neighbor_message::kind;
  const auto arp = wire::arp_view::parse(octets);
  if (!arp || !arp->is_ethernet_ipv4()) return reject_reason::bad_arp_header;
  said.owner = *arp->sender_mac();
  said.asked = *arp->target_ip();
  said.target_hardware = *arp->target_mac();
  const auto what = kind_of(*arp);
  if (!what) {
    said.claimed = *arp->sender_ip();
    return reject_reason::bad_operation;
  }
  said.what = *what;
  switch (*what) {
    case kind::reverse_reply:
      said.claimed = *arp->target_ip();
      said.owner = *arp->target_mac();
      break;
    case kind::probe:
    case kind::reverse_request:  // RFC 903: its sender protocol address is undefined
      break;
    default:
      said.claimed = *arp->sender_ip();
  }
  if (!is_valid_owner(said.owner)) return reject_reason::invalid_hardware;
  return std::nullopt;
}

}  // namespace

frame_reading read_neighbor_frame(const arrival& packet, const neighbor_link& ours) {
  if (packet.form != framing::ethernet_frame) return unrelated_frame{};
  const auto frame = wire::ethernet_view::parse(packet.bytes);
  neighbor_message envelope;
  if (packet.bytes.size() >= 2 * mac_size) {
    envelope.frame_destination = mac_at(packet.bytes, 0);
    envelope.frame_source = mac_at(packet.bytes, mac_size);
  }
  if (!frame) return unbelievable_frame{reject_reason::bad_link_header, envelope};
  const auto tags = frame->tags();
  if (!tags.empty()) envelope.tag = tags.front();
  const auto what = content_of(*frame, ours.frames);
  if (what == content::other) return unrelated_frame{};
  // A length beyond the octets is a lie, and padding would be read as the message.
  if (frame->truncated()) return unbelievable_frame{reject_reason::bad_link_header, envelope};

  auto said = envelope;
  const auto reading = what == content::arp
                           ? packet_reading{true, read_arp(frame->payload(), said)}
                           : read_neighbor_packet(packet, frame->payload(), what == content::ipv4, said);
  if (!reading.related) return unrelated_frame{};
  const auto& shown = reading.fault ? envelope : said;
  if (!is_framed_as_ours(*frame, what, reading.fault ? nullptr : &said, ours.frames))
    return unbelievable_frame{reject_reason::wrong_framing, shown};
  if (!is_tagged_as_ours(tags, ours.frames)) return unbelievable_frame{reject_reason::wrong_vlan, shown};
  if (reading.fault) return unbelievable_frame{*reading.fault, said};
  return said;
}

bool neighbor_message::to_everyone() const {
  return is_group(frame_destination);
}

std::string_view describe(neighbor_message::kind what) {
  using kind = neighbor_message::kind;
  switch (what) {
    case kind::request:
      return "request";
    case kind::reply:
      return "reply";
    case kind::probe:
      return "probe";
    case kind::announcement:
      return "announcement";
    case kind::solicitation:
      return "solicitation";
    case kind::advertisement:
      return "advertisement";
    case kind::reverse_request:
      return "reverse-request";
    case kind::reverse_reply:
      return "reverse-reply";
    case kind::inverse_request:
      return "inverse-request";
    case kind::inverse_reply:
      return "inverse-reply";
    case kind::echo_reply:
      return "echo-reply";
  }
  return "unknown";
}

bool is_valid_owner(const mac_address& mac) {
  return mac != mac_address{} && mac != broadcast_mac;
}
bool is_group(const mac_address& mac) {
  return (mac.octets[0] & std::byte{1}) != std::byte{0};
}
bool is_locally_administered(const mac_address& mac) {
  return (mac.octets[0] & std::byte{2}) != std::byte{0};
}

}  // namespace diag::probe
