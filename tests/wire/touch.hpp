// Calls every accessor of a view and reads every octet it hands out: what mangled input must survive. Shared
// with tests/fuzz.
#pragma once

#include <cstdint>

#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/arp.hpp"
#include "libdiag/wire/dissect.hpp"
#include "libdiag/wire/ethernet.hpp"
#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4_options.hpp"
#include "libdiag/wire/neighbor.hpp"
#include "libdiag/wire/tcp_options.hpp"

#include "tests/wire/dns_touch.hpp"

namespace diag::wire::test {

/// The sum keeps the reads from being optimised away.
class toucher {
 public:
  void operator()(byte_view octets) {
    for (const auto octet : octets) sum_ += std::to_integer<unsigned>(octet);
  }
  void operator()(std::uint64_t number) { sum_ += number; }
  void operator()(const std::string& text) { sum_ += text.size(); }
  void operator()(const ip_address& address) { (*this)(address.bytes()); }
  void operator()(const mac_address& mac) { (*this)(byte_view{mac.octets}); }
  template <class Value>
  void operator()(const std::optional<Value>& value) {
    if (value) (*this)(*value);
  }

  void operator()(const opaque_data& view) { (*this)(view.octets); }
  void operator()(const fragment_data& view) { (*this)(view.octets); }
  void operator()(const ethernet_view& view) {
    (*this)(view.destination());
    (*this)(view.source());
    (*this)(view.ether_type());
    for (const auto& tag : view.tags()) (*this)(tag.id);
    if (view.llc()) (*this)(view.llc()->dsap);
    (*this)(view.snap_oui());
    (*this)(view.length());
    (*this)(view.header_length());
    (*this)(view.payload());
    (*this)(view.bytes());
  }
  void operator()(const sll2_view& view) {
    (*this)(view.protocol());
    (*this)(view.interface());
    (*this)(view.arphrd());
    (*this)(std::string{describe(view.packet_type())});
    (*this)(view.address());
    (*this)(view.source());
    (*this)(view.payload());
  }
  void operator()(const arp_view& view) {
    (*this)(view.hardware_type());
    (*this)(view.protocol_type());
    (*this)(describe(view.operation()));
    (*this)(view.sender_hardware());
    (*this)(view.sender_protocol());
    (*this)(view.target_hardware());
    (*this)(view.target_protocol());
    (*this)(view.sender_mac());
    (*this)(view.sender_ip());
    (*this)(view.target_mac());
    (*this)(view.target_ip());
    (*this)(view.is_probe());
    (*this)(view.is_announcement());
    (*this)(view.message_size());
  }
  void operator()(const ipv4_view& view) {
    (*this)(view.version());
    (*this)(view.ihl());
    (*this)(view.dscp());
    (*this)(view.ecn());
    (*this)(view.total_length());
    (*this)(view.identification());
    (*this)(view.reserved_flag());
    (*this)(view.dont_fragment());
    (*this)(view.is_fragment());
    (*this)(view.fragment_offset());
    (*this)(view.ttl());
    (*this)(view.header_checksum());
    (*this)(describe_ip_protocol(view.protocol()));
    (*this)(view.source());
    (*this)(view.destination());
    (*this)(view.header());
    (*this)(view.payload());
    (*this)(view.trailing());
    (*this)(std::string{describe(view.checksum())});
    ipv4_options options{view.options()};
    while (const auto option = options.next()) {
      (*this)(describe(option->type));
      (*this)(option->data);
      if (const auto route = parse_route(*option))
        for (const auto& address : route->recorded()) (*this)(address);
    }
  }
  void operator()(const ipv6_view& view) {
    (*this)(view.version());
    (*this)(view.dscp());
    (*this)(view.ecn());
    (*this)(view.flow_label());
    (*this)(view.source());
    (*this)(view.destination());
    (*this)(view.header());
    (*this)(view.payload());
    (*this)(view.trailing());
    (*this)(view.truncated());
    const auto upper = upper_layer(view);
    (*this)(upper.payload);
    (*this)(upper.headers_size);
  }
  void operator()(const icmpv4_view& view) {
    (*this)(describe(view.type()));
    (*this)(describe(view.type(), view.code()));
    (*this)(describe_full(view.type(), view.code()));
    (*this)(view.checksum());
    (*this)(view.rest());
    (*this)(view.identifier());
    (*this)(view.sequence());
    (*this)(view.next_hop_mtu());
    (*this)(view.gateway());
    (*this)(view.pointer());
    (*this)(view.originate());
    (*this)(view.receive());
    (*this)(view.transmit());
    (*this)(view.body());
    (*this)(static_cast<std::uint64_t>(view.verify()));
    error_body(split_error_body(view), ip_family::v4);
  }
  void operator()(const icmpv6_view& view) {
    (*this)(describe(view.type()));
    (*this)(describe(view.type(), view.code()));
    (*this)(describe_full(view.type(), view.code()));
    (*this)(view.checksum());
    (*this)(view.identifier());
    (*this)(view.sequence());
    (*this)(view.mtu());
    (*this)(view.body());
    (*this)(static_cast<std::uint64_t>(view.verify({}, {})));
    error_body(split_error_body(view), ip_family::v6);
    if (const auto neighbor = neighbor_view::parse(view)) {
      (*this)(neighbor->target());
      (*this)(neighbor->link_layer_address());
      auto options = neighbor->options();
      while (const auto option = options.next()) (*this)(option->data);
    }
  }
  void error_body(const icmp_error_body& parts, ip_family family) {
    (*this)(parts.original);
    if (const auto quote = parse_quote(parts.original, family)) (*this)(*quote);
    if (!parts.extension) return;
    icmp_extension_objects objects{parts.extension->objects};
    while (const auto object = objects.next()) {
      (*this)(object->payload);
      if (const auto stack = parse_mpls_stack(*object))
        for (const auto& label : stack->labels()) (*this)(label.label);
      if (const auto information = parse_interface_information(*object)) {
        (*this)(std::string{describe(information->role)});
        (*this)(information->index);
        (*this)(information->address);
        (*this)(information->name);
        (*this)(information->mtu);
      }
    }
  }
  void operator()(const quoted_packet& quote) {
    (*this)(quote.source);
    (*this)(quote.destination);
    (*this)(quote.header);
    (*this)(quote.transport);
    if (const auto ports = quoted_ports(quote)) (*this)(ports->source);
    (*this)(quoted_tcp_sequence(quote));
    if (const auto udp = quoted_udp(quote)) (*this)(udp->checksum);
    if (const auto echo = quoted_echo(quote)) (*this)(echo->payload);
  }
  void operator()(const udp_view& view) {
    (*this)(view.source_port());
    (*this)(view.destination_port());
    (*this)(view.length());
    (*this)(view.payload());
    (*this)(view.trailing());
    (*this)(static_cast<std::uint64_t>(view.verify({}, {})));
  }
  void operator()(const tcp_view& view) {
    (*this)(view.source_port());
    (*this)(view.destination_port());
    (*this)(view.sequence());
    (*this)(view.acknowledgment());
    (*this)(describe_tcp_flags(view.flags()));
    (*this)(view.window());
    (*this)(view.urgent_pointer());
    (*this)(view.payload());
    (*this)(static_cast<std::uint64_t>(view.verify({}, {})));
    options(view.options());
  }
  void operator()(const dns_view& view) { (*this)(touch_dns(view)); }
  void options(byte_view octets) {
    tcp_options walk{octets};
    while (const auto option = walk.next()) {
      (*this)(describe(option->kind));
      (*this)(option->data);
    }
    const auto summary = summarize_tcp_options(octets);
    (*this)(summary.fast_open_cookie);
    for (const auto& block : summary.sack()) (*this)(block.left);
  }
  void operator()(const dissection& what) {
    for (const auto& each : what.layers) std::visit([this](const auto& view) { (*this)(view); }, each.view);
    const auto line = summary_line(what);
    (*this)(line.from + line.to + line.protocol + line.details);
    for (const auto& each : what.findings) (*this)(std::string{describe(each.kind)});
  }

  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace diag::wire::test
