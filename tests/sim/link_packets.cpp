// Frames out and in, octet by octet.
#include "tests/sim/link_packets.hpp"

#include <algorithm>

namespace diag::sim {

namespace {
constexpr std::size_t least_size = 60;
constexpr std::size_t arp_size = 28;
constexpr std::uint8_t solicitation = 135;
constexpr std::uint8_t advertisement = 136;

void put(packet& out, byte_view octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}
void put16(packet& out, std::uint16_t value) {
  out.push_back(static_cast<std::byte>(value >> 8));
  out.push_back(static_cast<std::byte>(value & 0xff));
}
void put_v4(packet& out, const ip_address& address) {
  if (address.is_v4())
    put(out, address.bytes());
  else
    out.insert(out.end(), 4, std::byte{0});
}
mac_address mac_at(byte_view octets, std::size_t at) {
  mac_address out;
  std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), 6, out.octets.begin());
  return out;
}
bool is_tag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

std::optional<arp_message> read_arp(byte_view in) {
  if (in.size() < arp_size || load_be16(in, 0) != 1 || load_be16(in, 2) != type_ipv4) return std::nullopt;
  return arp_message{load_be16(in, 6), mac_at(in, 8), ip_address::from_bytes(in.subspan(14, 4)),
                     mac_at(in, 18), ip_address::from_bytes(in.subspan(24, 4))};
}

std::optional<nd_message> read_nd(byte_view in) {
  const auto header = look(in);
  if (!header || header->protocol != protocol_icmpv6 || header->payload.size() < 24) return std::nullopt;
  const auto size = std::min<std::size_t>(load_be16(in, 4), header->payload.size());
  const auto message = header->payload.first(size);
  if (size < 24) return std::nullopt;
  nd_message out;
  out.type = load_u8(message, 0);
  if (out.type != solicitation && out.type != advertisement) return std::nullopt;
  out.from = header->source;
  out.to = header->destination;
  out.hop_limit = header->hop_limit;
  const auto flags = load_u8(message, 4);
  out.router = (flags & 0x80) != 0;
  out.solicited = (flags & 0x40) != 0;
  out.override_entry = (flags & 0x20) != 0;
  out.target = ip_address::from_bytes(message.subspan(8, 16));
  for (std::size_t at = 24; at + 8 <= size && load_u8(message, at + 1) != 0;
       at += std::size_t{load_u8(message, at + 1)} * 8) {
    if (load_u8(message, at) <= 2) out.link_layer = mac_at(message, at + 2);
    if (load_u8(message, at) == 14) out.nonce = mac_at(message, at + 2).octets;
  }
  return out;
}

}  // namespace

packet make_frame(const frame_head& head, std::uint16_t type, byte_view payload) {
  packet out;
  out.reserve(96);
  put(out, head.destination.octets);
  put(out, head.source.octets);
  for (const auto& tag : head.tags) {
    put16(out, tag.type);
    put16(out, static_cast<std::uint16_t>(tag.priority << 13 | tag.id));
  }
  if (head.form == frame_form::ethernet_2) {
    put16(out, type);
  } else if (head.form == frame_form::snap) {
    put16(out, static_cast<std::uint16_t>(payload.size() + 8));
    for (const auto octet : {0xaa, 0xaa, 0x03, 0, 0, 0}) out.push_back(static_cast<std::byte>(octet));
    put16(out, type);
  } else {
    put16(out, static_cast<std::uint16_t>(payload.size() + 3));
    for (const auto octet : {0x98, 0x98, 0x03}) out.push_back(static_cast<std::byte>(octet));
  }
  put(out, payload);
  if (out.size() < least_size) out.resize(least_size);
  return out;
}

packet make_arp(const frame_head& head, const arp_message& message) {
  packet body;
  body.reserve(arp_size);
  put16(body, 1);
  put16(body, type_ipv4);
  put16(body, 0x0604);
  put16(body, message.operation);
  put(body, message.sender_hardware.octets);
  put_v4(body, message.sender);
  put(body, message.target_hardware.octets);
  put_v4(body, message.target);
  const auto reverse = message.operation == 3 || message.operation == 4;
  return make_frame(head, reverse ? type_reverse_arp : type_arp, body);
}

packet make_nd(const frame_head& head, const nd_message& message) {
  packet body(24);
  store_u8(body, 0, message.type);
  const auto flags =
      (message.router ? 0x80U : 0) | (message.solicited ? 0x40U : 0) | (message.override_entry ? 0x20U : 0);
  store_u8(body, 4, static_cast<std::uint8_t>(flags));
  std::ranges::copy(message.target.bytes(), body.begin() + 8);
  if (message.link_layer) {
    put16(body, message.type == solicitation ? 0x0101 : 0x0201);
    put(body, message.link_layer->octets);
  }
  if (message.nonce) {
    put16(body, 0x0e01);
    put(body, *message.nonce);
  }
  ip_header header;
  header.source = message.from;
  header.destination = message.to;
  header.protocol = protocol_icmpv6;
  header.hop_limit = message.hop_limit;
  auto whole = make_ip(header, body);
  finish_icmp(whole);
  return make_frame(head, type_ipv6, whole);
}

std::optional<seen_frame> look_frame(byte_view octets) {
  if (octets.size() < 14) return std::nullopt;
  seen_frame out;
  out.head.destination = mac_at(octets, 0);
  out.head.source = mac_at(octets, 6);
  std::size_t at = 12;
  while (at + 6 <= octets.size() && is_tag(load_be16(octets, at))) {
    const auto control = load_be16(octets, at + 2);
    out.head.tags.push_back({static_cast<std::uint16_t>(control & 0xfff), load_be16(octets, at),
                             static_cast<std::uint8_t>(control >> 13)});
    at += 4;
  }
  out.type = load_be16(octets, at);
  at += 2;
  if (out.type < 0x600) {
    if (at + 8 > octets.size()) return std::nullopt;
    const auto snap = load_u8(octets, at) == 0xaa;
    out.head.form = snap ? frame_form::snap : frame_form::llc;
    out.type = snap ? load_be16(octets, at + 6) : type_arp;
    at += snap ? 8 : 3;
  }
  out.payload_at = at;
  const auto payload = octets.subspan(at);
  if (out.type == type_arp || out.type == type_reverse_arp) {
    out.arp = read_arp(payload);
  } else if (out.type == type_ipv6 || out.type == type_ipv4) {
    out.nd = read_nd(payload);
    if (!out.nd) out.ip.emplace(payload.begin(), payload.end());
  }
  return out;
}

mac_address host_mac(std::uint32_t number) {
  return {{std::byte{0x00}, std::byte{0x16}, std::byte{0x3e}, static_cast<std::byte>(number >> 16 & 0xff),
           static_cast<std::byte>(number >> 8 & 0xff), static_cast<std::byte>(number & 0xff)}};
}

mac_address group_mac(const ip_address& group) {
  const auto octets = group.bytes();
  mac_address out{{std::byte{0x33}, std::byte{0x33}}};
  std::copy(octets.end() - 4, octets.end(), out.octets.begin() + 2);
  return out;
}

ip_address node_group(const ip_address& address) {
  const auto group = *parse_ip("ff02::1:ff00:0");
  std::array<std::byte, 16> octets{};
  std::ranges::copy(group.bytes(), octets.begin());
  const auto from = address.bytes();
  std::copy(from.end() - 3, from.end(), octets.end() - 3);
  return ip_address::from_bytes(octets);
}

bool is_group_frame(const mac_address& destination) {
  return (destination.octets[0] & std::byte{1}) != std::byte{0};
}

}  // namespace diag::sim
