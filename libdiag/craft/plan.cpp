// Sizes and what follows what.
#include "libdiag/craft/plan.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace diag::craft {
namespace {

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;  // clang 14 cannot deduce aggregates

constexpr std::size_t max_options = 40;               // IHL and data offset are four bits of 32-bit words
constexpr std::size_t smallest_extended_quote = 128;  // RFC 4884 §3

failure refusal(std::string operation, std::string why) {
  return {.operation = "build " + std::move(operation), .why = std::move(why)};
}

std::size_t header_size(const layer& what) {
  return std::visit(
      overloaded{[](const ethernet_fields&) -> std::size_t { return 14; },
                 [](const vlan_fields&) -> std::size_t { return 4; },
                 [](const llc_fields&) -> std::size_t { return 3; },
                 [](const snap_fields&) -> std::size_t { return 5; },
                 [](const arp_fields&) -> std::size_t { return 28; },
                 [](const ipv4_fields& f) { return 20 + padded(f.options.size(), 4); },
                 [](const ipv6_fields&) -> std::size_t { return 40; },
                 [](const hop_by_hop_fields& f) { return padded(2 + f.options.size(), 8); },
                 [](const destination_options_fields& f) { return padded(2 + f.options.size(), 8); },
                 [](const routing_fields& f) { return 8 + 16 * f.addresses.size(); },
                 [](const fragment_fields&) -> std::size_t { return 8; },
                 [](const icmpv4_fields& f) -> std::size_t { return f.type == 13 || f.type == 14 ? 20 : 8; },
                 [](const icmpv6_fields& f) { return 8 + neighbor_body_size(f) + f.options.size(); },
                 [](const udp_fields&) -> std::size_t { return 8; },
                 [](const tcp_fields& f) { return 20 + padded(f.options.size(), 4); },
                 [](const payload_fields& f) { return f.octets.size(); }},
      what);
}

/// Sets the padding of a quote that an extension follows; gives the octets of both.
template <class Fields>
std::size_t add_trailer(const Fields& fields, std::size_t quote, placement& at) {
  if (fields.extension.empty()) return 0;
  const auto unit = std::max<std::size_t>(quote_length_of(fields).unit, 4);
  at.padding = padded(std::max(quote, smallest_extended_quote), unit) - quote;
  return at.padding + fields.extension.size();
}

std::size_t trailer_size(const layer& what, std::size_t quote, placement& at) {
  if (const auto* v4 = std::get_if<icmpv4_fields>(&what)) return add_trailer(*v4, quote, at);
  if (const auto* v6 = std::get_if<icmpv6_fields>(&what)) return add_trailer(*v6, quote, at);
  return 0;
}

result<void> check_family(const char* header, const ip_address& address, ip_family family) {
  if (!address || address.family() == family) return {};
  return refusal(header, to_string(address) + " is not an address of this family");
}

result<void> check_fits(const char* header, std::size_t value, std::size_t high, bool is_forced) {
  if (is_forced || value <= high) return {};
  return refusal(header, std::to_string(value) + " octets do not fit its length field");
}

template <class Fields>
result<void> check_options(const char* header, const Fields& fields) {
  if (fields.options.size() <= max_options) return {};
  return refusal(header, "options hold at most 40 octets");
}

result<void> check_addresses(const char* header, std::initializer_list<ip_address> addresses,
                             ip_family family) {
  for (const auto& address : addresses)
    if (auto checked = check_family(header, address, family); !checked) return checked;
  return {};
}

/// Whether the layer can be written at all. `inside` counts the octets after its header.
struct checker {
  const placement& at;
  bool is_802_3;
  [[nodiscard]] std::size_t inside() const { return at.size - at.header; }

  result<void> operator()(const ethernet_fields& f) const {
    // From 0x600 up the field would be read as a type (IEEE 802.3 §3.2.6).
    return check_fits("802.3 header", inside(), 1500, f.type.has_value() || !is_802_3);
  }
  result<void> operator()(const vlan_fields& f) const {
    return check_fits("802.1Q tag", inside(), 1500, f.type.has_value() || !is_802_3);
  }
  result<void> operator()(const arp_fields& f) const {
    return check_addresses("ARP message", {f.sender_protocol, f.target_protocol}, ip_family::v4);
  }
  result<void> operator()(const ipv4_fields& f) const {
    if (auto checked = check_options("IPv4 header", f); !checked) return checked;
    if (auto checked = check_addresses("IPv4 header", {f.source, f.destination}, ip_family::v4); !checked)
      return checked;
    return check_fits("IPv4 header", at.size, 0xffff, f.total_length.has_value());
  }
  result<void> operator()(const ipv6_fields& f) const {
    if (auto checked = check_addresses("IPv6 header", {f.source, f.destination}, ip_family::v6); !checked)
      return checked;
    return check_fits("IPv6 header", inside(), 0xffff, f.payload_length.has_value());
  }
  result<void> operator()(const hop_by_hop_fields&) const {
    return check_fits("hop-by-hop header", at.header, 2048, false);
  }
  result<void> operator()(const destination_options_fields&) const {
    return check_fits("destination options header", at.header, 2048, false);
  }
  result<void> operator()(const routing_fields& f) const {
    for (const auto& address : f.addresses)
      if (auto checked = check_family("routing header", address, ip_family::v6); !checked) return checked;
    return check_fits("routing header", at.header, 2048, false);
  }
  result<void> operator()(const icmpv4_fields& f) const {
    return check_addresses("ICMP message", {f.gateway}, ip_family::v4);
  }
  result<void> operator()(const icmpv6_fields& f) const {
    return check_addresses("ICMPv6 message", {f.target, f.destination}, ip_family::v6);
  }
  result<void> operator()(const udp_fields& f) const {
    return check_fits("UDP header", at.size, 0xffff, f.length.has_value());
  }
  result<void> operator()(const tcp_fields& f) const { return check_options("TCP header", f); }
  template <class Other>
  result<void> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

quote_length_field quote_length_of(const icmpv4_fields& fields) {
  if (fields.type == 3 || fields.type == 11 || fields.type == 12) return {.unit = 4, .at = 5};
  return {};
}

quote_length_field quote_length_of(const icmpv6_fields& fields) {
  if (fields.type == 1 || fields.type == 3) return {.unit = 8, .at = 4};
  return {};
}

std::size_t neighbor_body_size(const icmpv6_fields& fields) {
  if (fields.type == 134) return 8;
  if (fields.type == 135 || fields.type == 136) return 16;
  return fields.type == 137 ? 32 : 0;
}

result<void> plan_layers(std::span<const layer> layers, std::vector<placement>& out) {
  if (layers.empty()) return refusal("frame", "it has no layers");
  out.assign(layers.size(), {});
  std::size_t inside = 0;
  for (std::size_t i = layers.size(); i-- > 0;) {
    auto& at = out[i];
    at.header = header_size(layers[i]);
    at.size = at.header + inside + trailer_size(layers[i], inside, at);
    const bool is_802_3 = i + 1 < layers.size() && std::holds_alternative<llc_fields>(layers[i + 1]);
    if (auto checked = std::visit(checker{at, is_802_3}, layers[i]); !checked) return checked;
    inside = at.size;
  }
  for (std::size_t i = 1; i < layers.size(); ++i) out[i].offset = out[i - 1].offset + out[i - 1].header;
  return {};
}

std::uint8_t protocol_number(std::span<const layer> inner) {
  if (inner.empty()) return 59;
  return std::visit(overloaded{[](const ipv4_fields&) -> std::uint8_t { return 4; },
                               [](const ipv6_fields&) -> std::uint8_t { return 41; },
                               [](const hop_by_hop_fields&) -> std::uint8_t { return 0; },
                               [](const destination_options_fields&) -> std::uint8_t { return 60; },
                               [](const routing_fields&) -> std::uint8_t { return 43; },
                               [](const fragment_fields&) -> std::uint8_t { return 44; },
                               [](const icmpv4_fields&) -> std::uint8_t { return 1; },
                               [](const icmpv6_fields&) -> std::uint8_t { return 58; },
                               [](const udp_fields&) -> std::uint8_t { return 17; },
                               [](const tcp_fields&) -> std::uint8_t { return 6; },
                               [](const auto&) -> std::uint8_t { return 253; }},
                    inner.front());
}

std::uint16_t ether_type(std::span<const layer> inner) {
  if (inner.empty()) return 0x88b5;
  return std::visit(overloaded{[](const vlan_fields&) -> std::uint16_t { return 0x8100; },
                               [](const arp_fields&) -> std::uint16_t { return 0x0806; },
                               [](const ipv4_fields&) -> std::uint16_t { return 0x0800; },
                               [](const ipv6_fields&) -> std::uint16_t { return 0x86dd; },
                               [](const auto&) -> std::uint16_t { return 0x88b5; }},
                    inner.front());
}

}  // namespace diag::craft
