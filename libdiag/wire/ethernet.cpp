// Ethernet frames: IEEE 802.3 clause 3, 802.1Q clause 9, 802.2; SNAP over 802: RFC 1042.
#include "libdiag/wire/ethernet.hpp"

#include <algorithm>
#include <cstdio>

namespace diag::wire {

namespace {

constexpr std::size_t destination_at = 0;
constexpr std::size_t source_at = 6;
constexpr std::size_t type_at = 12;
constexpr std::size_t tag_size = 4;
constexpr std::size_t llc_size = 3;
constexpr std::size_t snap_size = 5;
constexpr std::uint16_t max_length = 1500;  // 802.3 §3.2.6: up to here the field is a length
constexpr std::uint8_t snap_sap = 0xaa;
constexpr std::uint8_t arp_sap = 0x98;  // IEEE 802 numbers
constexpr std::uint8_t unnumbered_information = 0x03;

mac_address mac_at(byte_view bytes, std::size_t at) {
  mac_address mac;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), mac.octets.size(), mac.octets.begin());
  return mac;
}

bool is_tag(std::uint16_t type) {
  return type == ether_type::vlan || type == ether_type::provider_vlan ||
         type == ether_type::old_provider_vlan;
}

}  // namespace

std::string describe_ether_type(std::uint16_t value) {
  switch (value) {
    case ether_type::ipv4:
      return "IPv4";
    case ether_type::arp:
      return "ARP";
    case ether_type::reverse_arp:
      return "RARP";
    case ether_type::ipv6:
      return "IPv6";
    case ether_type::vlan:
      return "VLAN";
    case ether_type::provider_vlan:
    case ether_type::old_provider_vlan:
      return "provider VLAN";
    case ether_type::mpls:
      return "MPLS";
    default: {
      std::array<char, 20> text{};
      std::snprintf(text.data(), text.size(), "ethertype 0x%04x", static_cast<unsigned>(value));
      return text.data();
    }
  }
}

bool is_arp(const llc_header& llc) {
  return llc.dsap == arp_sap && llc.ssap == arp_sap && llc.control == unnumbered_information;
}

result<ethernet_view, wire_errc> ethernet_view::parse(byte_view bytes) {
  if (bytes.size() < header_size) return wire_errc::truncated;
  ethernet_view view{bytes};
  auto type = load_be16(bytes, type_at);
  while (is_tag(type) && view.tag_count_ < max_tags) {
    const auto at = view.header_length_;
    if (bytes.size() < at + tag_size) return wire_errc::truncated;
    const auto control = load_be16(bytes, at);
    view.tags_[view.tag_count_++] = {.tpid = type,
                                     .id = static_cast<std::uint16_t>(control & 0x0fff),
                                     .priority = static_cast<std::uint8_t>(control >> 13),
                                     .drop_eligible = (control & 0x1000) != 0};
    type = load_be16(bytes, at + 2);
    view.header_length_ += tag_size;
  }
  view.payload_ = bytes.subspan(view.header_length_);
  if (type <= max_length)
    view.read_llc(type);
  else
    view.type_ = type;
  return view;
}

void ethernet_view::read_llc(std::uint16_t length) {
  framing_ = ethernet_framing::llc;
  length_ = length;
  truncated_ = length > payload_.size();
  payload_ = payload_.first(std::min<std::size_t>(length, payload_.size()));
  if (payload_.size() < llc_size) return;
  llc_ =
      llc_header{.dsap = load_u8(payload_, 0), .ssap = load_u8(payload_, 1), .control = load_u8(payload_, 2)};
  header_length_ += llc_size;
  payload_ = payload_.subspan(llc_size);
  if (llc_->dsap != snap_sap || llc_->ssap != snap_sap || llc_->control != unnumbered_information ||
      payload_.size() < snap_size)
    return;
  framing_ = ethernet_framing::snap;
  oui_ = load_be32(payload_, 0) >> 8;
  // RFC 1042: under OUI 0 the protocol identifier is an EtherType; under others it is the vendor's own.
  if (*oui_ == 0) type_ = load_be16(payload_, 3);
  header_length_ += snap_size;
  payload_ = payload_.subspan(snap_size);
}

mac_address ethernet_view::destination() const {
  return mac_at(bytes_, destination_at);
}
mac_address ethernet_view::source() const {
  return mac_at(bytes_, source_at);
}

}  // namespace diag::wire
