// Forced fields and checksums, written over the coalesced octets.
//
// Checksums go from the inside out, because an outer one covers the inner ones, and each covers the octets
// that are there, not those that a forced length speaks of.
#include "libdiag/craft/finish.hpp"

#include <algorithm>
#include <optional>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/plan.hpp"

namespace diag::craft {
namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_icmpv6 = 58;

struct address_pair {
  ip_address source;
  ip_address destination;
};

/// Zeros stand for an address that was not given.
ip_address or_zeros(const ip_address& address, std::size_t size) {
  constexpr std::array<std::byte, 16> zeros{};
  return address ? address : ip_address::from_bytes(byte_view{zeros}.first(size));
}

/// With segments left the packet is summed as its last stop sees it (RFC 8200 §8.1, RFC 8754 §4.3.1.1).
std::optional<ip_address> last_stop(const layer& what) {
  const auto* routing = std::get_if<routing_fields>(&what);
  if (routing == nullptr || routing->segments_left == 0 || routing->addresses.empty()) return std::nullopt;
  const auto& stop = routing->type == 4 ? routing->addresses.front() : routing->addresses.back();
  return or_zeros(stop, 16);
}

/// The addresses of the nearest IP header before a layer.
std::optional<address_pair> addresses_before(std::span<const layer> outer) {
  std::optional<ip_address> stop;
  for (std::size_t i = outer.size(); i-- > 0;) {
    if (const auto* v4 = std::get_if<ipv4_fields>(&outer[i]))
      return address_pair{or_zeros(v4->source, 4), or_zeros(v4->destination, 4)};
    if (const auto* v6 = std::get_if<ipv6_fields>(&outer[i]))
      return address_pair{or_zeros(v6->source, 16), stop.value_or(or_zeros(v6->destination, 16))};
    if (!stop) stop = last_stop(outer[i]);
  }
  return std::nullopt;
}

/// One layer's octets; `whole` is the header and all it carries.
struct finisher {
  byte_span whole;
  const placement& at;
  std::span<const layer> outer;

  void write_checksum(std::size_t offset, const forced<std::uint16_t>& wanted, std::uint16_t computed) const {
    store_be16(whole, offset, wanted.value_or(computed));
  }

  [[nodiscard]] std::uint16_t sum_with_addresses(std::size_t offset, std::uint8_t protocol) const {
    store_be16(whole, offset, 0);
    const auto pair = addresses_before(outer);
    if (!pair) return 0;
    return checksum_sum{}
        .add_pseudo_header(pair->source, pair->destination, protocol,
                           static_cast<std::uint32_t>(whole.size()))
        .add(whole)
        .finish();
  }

  void write_address(std::size_t offset, const ip_address& address) const {
    const auto octets = address.bytes();
    std::copy(octets.begin(), octets.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset));
  }

  template <class Fields>
  void write_quote_length(const Fields& fields) const {
    const auto field = quote_length_of(fields);
    if (field.unit == 0 || (fields.extension.empty() && !fields.length)) return;
    const auto quote = at.size - at.header - fields.extension.size();
    store_u8(whole, field.at, fields.length.value_or(static_cast<std::uint8_t>(quote / field.unit)));
  }

  void operator()(const arp_fields& f) const {
    if (f.hardware_length) store_u8(whole, 4, *f.hardware_length);
    if (f.protocol_length) store_u8(whole, 5, *f.protocol_length);
  }

  void operator()(const ipv4_fields& f) const {
    const auto version = f.version.value_or(4) & 0xfu;
    const auto ihl = f.ihl.value_or(static_cast<std::uint8_t>(at.header / 4)) & 0xfu;
    store_u8(whole, 0, static_cast<std::uint8_t>(version << 4 | ihl));
    store_be16(whole, 10, 0);
    write_checksum(10, f.checksum, internet_checksum(whole.first(at.header)));
  }

  void operator()(const ipv6_fields& f) const {
    // libnet 1.1.6 drops the high half of the traffic class and mixes up the flow label.
    const std::uint32_t version = f.version.value_or(6) & 0xfu;
    store_be32(whole, 0, version << 28 | std::uint32_t{f.traffic_class} << 20 | (f.flow_label & 0xfffff));
  }

  void operator()(const fragment_fields& f) const {
    store_be16(whole, 2, static_cast<std::uint16_t>((f.offset & 0x1fff) << 3 | (f.more ? 1 : 0)));
    store_be32(whole, 4, f.identification);
  }

  void operator()(const icmpv4_fields& f) const {
    if (f.type == 3) store_be32(whole, 4, f.mtu);                            // RFC 1191 §4
    if (f.type == 12) store_be32(whole, 4, std::uint32_t{f.pointer} << 24);  // RFC 792
    write_quote_length(f);
    store_be16(whole, 2, 0);
    write_checksum(2, f.checksum, internet_checksum(whole));
  }

  void operator()(const icmpv6_fields& f) const {
    switch (f.type) {
      case 1:
      case 3:
      case 133:
      case 137:
        store_be32(whole, 4, 0);
        break;
      case 2:
        store_be32(whole, 4, f.mtu);
        break;
      case 4:
        store_be32(whole, 4, f.pointer);
        break;
      case 134:
        store_u8(whole, 4, f.hop_limit);
        store_u8(whole, 5, f.flags);
        store_be16(whole, 6, f.router_lifetime);
        store_be32(whole, 8, f.reachable_time);
        store_be32(whole, 12, f.retransmit_timer);
        break;
      default:
        break;
    }
    if (f.type == 137) {
      write_address(8, f.target);
      write_address(24, f.destination);
    }
    write_quote_length(f);
    write_checksum(2, f.checksum, sum_with_addresses(2, protocol_icmpv6));
  }

  void operator()(const udp_fields& f) const {
    const auto sum = sum_with_addresses(6, protocol_udp);
    // A sum of zero is sent as all ones: zero says that there is none (RFC 768).
    const bool has_addresses = addresses_before(outer).has_value();
    write_checksum(6, f.checksum, sum == 0 && has_addresses ? 0xffff : sum);
  }

  void operator()(const tcp_fields& f) const {
    const auto words = f.data_offset.value_or(static_cast<std::uint8_t>(at.header / 4)) & 0xfu;
    store_be16(whole, 12, static_cast<std::uint16_t>(words << 12 | (f.flags & 0xfffu)));
    write_checksum(16, f.checksum, sum_with_addresses(16, protocol_tcp));
  }

  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

void finish_frame(byte_span frame, std::span<const layer> layers, std::span<const placement> placements) {
  for (std::size_t i = layers.size(); i-- > 0;) {
    const auto& at = placements[i];
    std::visit(finisher{frame.subspan(at.offset, at.size), at, layers.first(i)}, layers[i]);
  }
}

}  // namespace diag::craft
