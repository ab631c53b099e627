// One line for one frame: from, to, protocol, and the details a network engineer reads first.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <optional>
#include <string>

#include "libdiag/wire/dissect.hpp"
#include "libdiag/wire/dns_summary.hpp"
#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/neighbor.hpp"
#include "libdiag/wire/tcp_options.hpp"

namespace diag::wire {

namespace {

std::string hex(unsigned value, int digits = 4) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%0*x", digits, value);
  return text.data();
}

std::string octet_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " octet" : " octets");
}

std::string sentence(std::string words) {
  if (!words.empty()) words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return words;
}

std::string echo_details(bool request, std::uint16_t identifier, std::uint16_t sequence) {
  return std::string{"Echo (ping) "} + (request ? "request" : "reply") + " id=" + hex(identifier) +
         " seq=" + std::to_string(sequence);
}

/// "UDP 192.0.2.1:40000 > 198.51.100.1:33434", "ICMP 192.0.2.1 > 198.51.100.1 id=0x1234 seq=1".
std::string describe_quote(const quoted_packet& quote) {
  auto from = to_string(quote.source);
  auto to = to_string(quote.destination);
  std::string tail;
  if (const auto ports = quoted_ports(quote)) {
    const bool v6 = quote.family == ip_family::v6;
    from = (v6 ? "[" + from + "]" : from) + ":" + std::to_string(ports->source);
    to = (v6 ? "[" + to + "]" : to) + ":" + std::to_string(ports->destination);
  } else if (const auto echo = quoted_echo(quote)) {
    tail = " id=" + hex(echo->identifier) + " seq=" + std::to_string(echo->sequence);
  } else if (quote.fragment_offset != 0) {
    tail = " fragment offset=" + std::to_string(quote.fragment_offset);
  }
  return describe_ip_protocol(quote.protocol) + " " + from + " > " + to + tail;
}

/// Writes `details` for the layer the line speaks of.
class detail_writer {
 public:
  explicit detail_writer(const dissection& what) : what_{what} {}

  std::string operator()(const opaque_data& data) const { return octet_count(data.octets.size()); }
  std::string operator()(const fragment_data& data) const { return octet_count(data.octets.size()); }
  std::string operator()(const quoted_packet& quote) const { return describe_quote(quote); }
  std::string operator()(const sll2_view& frame) const {
    return std::string{describe(frame.packet_type())} + ", interface " + std::to_string(frame.interface()) +
           ", " + octet_count(frame.payload().size());
  }
  std::string operator()(const ethernet_view& frame) const;
  std::string operator()(const arp_view& message) const;
  std::string operator()(const ipv4_view& packet) const;
  std::string operator()(const ipv6_view& packet) const;
  std::string operator()(const icmpv4_view& message) const;
  std::string operator()(const icmpv6_view& message) const;
  std::string operator()(const neighbor_view& message) const;
  std::string operator()(const udp_view& datagram) const;
  std::string operator()(const tcp_view& segment) const;
  std::string operator()(const dns_view& message) const { return summarize_dns(message) + hop_limit(); }

 private:
  /// " ttl=64" or " hlim=64", of the innermost IP header.
  [[nodiscard]] std::string hop_limit() const {
    for (auto it = what_.layers.rbegin(); it != what_.layers.rend(); ++it) {
      if (const auto* v4 = std::get_if<ipv4_view>(&it->view)) return " ttl=" + std::to_string(v4->ttl());
      if (const auto* v6 = std::get_if<ipv6_view>(&it->view))
        return " hlim=" + std::to_string(v6->hop_limit());
    }
    return {};
  }
  /// Named only where it differs from the frame's source, which the line has already.
  [[nodiscard]] std::string foreign_sender(const arp_view& message) const {
    const auto* frame = what_.find<ethernet_view>();
    const auto sender = message.sender_mac();
    if (frame == nullptr || !sender || frame->source() == *sender) return {};
    return " at " + to_string(*sender);
  }
  [[nodiscard]] std::string quote() const {
    const auto* quote = what_.find<quoted_packet>();
    return quote == nullptr ? std::string{} : ", quoting " + describe_quote(*quote);
  }
  [[nodiscard]] std::string fragment(std::uint16_t offset, bool more, std::uint32_t identification) const {
    const auto* data = what_.find<fragment_data>();
    if (data == nullptr) return {};
    return "Fragment of " + describe_ip_protocol(data->protocol) + " offset=" + std::to_string(offset) +
           " id=" + hex(identification) + (more ? " more" : " last") + hop_limit() + " " +
           octet_count(data->octets.size());
  }

  const dissection& what_;
};

std::string detail_writer::operator()(const ethernet_view& frame) const {
  std::string text;
  if (const auto llc = frame.llc())
    text =
        "DSAP " + hex(llc->dsap, 2) + " SSAP " + hex(llc->ssap, 2) + " control " + hex(llc->control, 2) + " ";
  return text + octet_count(frame.payload().size());
}

std::string detail_writer::operator()(const arp_view& message) const {
  if (!message.is_ethernet_ipv4())
    return sentence(describe(message.operation())) + ", hardware type " +
           std::to_string(message.hardware_type()) + ", protocol " + hex(message.protocol_type()) +
           ", addresses of " + std::to_string(message.hardware_length()) + " and " +
           octet_count(message.protocol_length());
  const auto sender = to_string(*message.sender_ip());
  const auto target = to_string(*message.target_ip());
  const auto sender_mac = to_string(*message.sender_mac());
  const auto target_mac = to_string(*message.target_mac());
  switch (message.operation()) {
    case arp_operation::request:
      if (message.is_probe()) return "Who has " + target + "? (probe)" + foreign_sender(message);
      if (message.is_announcement()) return "Announcement: " + sender + " is at " + sender_mac;
      return "Who has " + target + "? Tell " + sender + foreign_sender(message);
    case arp_operation::reply:
      return (message.is_announcement() ? "Announcement (reply): " : "") + sender + " is at " + sender_mac;
    case arp_operation::reverse_request:
      return "Reverse: who is " + target_mac + "? Tell " + sender_mac;
    case arp_operation::reverse_reply:
      return "Reverse: " + target_mac + " is " + target + ", says " + sender;
    case arp_operation::inverse_request:
      return "Inverse: who is " + target_mac + "? Tell " + sender + foreign_sender(message);
    case arp_operation::inverse_reply:
      return "Inverse: " + sender_mac + " is " + sender;
    default:
      return sentence(describe(message.operation())) + " " + sender + " > " + target +
             foreign_sender(message);
  }
}

std::string detail_writer::operator()(const neighbor_view& message) const {
  auto text = " for " + to_string(message.target());
  if (const auto mac = message.link_layer_address())
    text += (message.solicitation() ? " from " : " at ") + to_string(*mac);
  const auto* packet = what_.find<ipv6_view>();
  std::string notes;
  const auto note_if = [&notes](bool so, const char* word) {
    if (so) notes += (notes.empty() ? "" : ", ") + std::string{word};
  };
  // RFC 4862 §5.4.2: who does not have the address yet asks from ::.
  note_if(message.solicitation() && packet != nullptr && packet->source().is_unspecified(), "probe");
  note_if(message.router(), "router");
  note_if(message.solicited(), "solicited");
  note_if(message.override_flag(), "override");
  if (!notes.empty()) text += " (" + notes + ")";
  // RFC 4861 §7.1: anything but 255 came through a router, and nobody may believe it.
  return packet == nullptr || packet->hop_limit() == 255 ? text : text + hop_limit();
}

std::string detail_writer::operator()(const ipv4_view& packet) const {
  if (packet.fragment_offset() != 0)
    return fragment(packet.fragment_offset(), packet.more_fragments(), packet.identification());
  return octet_count(packet.payload().size()) + hop_limit();
}

std::string detail_writer::operator()(const ipv6_view& packet) const {
  const auto upper = upper_layer(packet);
  if (upper.fragment && upper.fragment->offset != 0)
    return fragment(upper.fragment->offset, upper.fragment->more, upper.fragment->identification);
  return octet_count(upper.payload.size()) + hop_limit();
}

std::string detail_writer::operator()(const icmpv4_view& message) const {
  const auto size = " " + octet_count(message.bytes().size());
  switch (message.type()) {
    case icmpv4_type::echo_request:
    case icmpv4_type::echo_reply:
      return echo_details(message.type() == icmpv4_type::echo_request, message.identifier(),
                          message.sequence()) +
             hop_limit() + size;
    case icmpv4_type::redirect:
      return sentence(describe_full(message.type(), message.code())) +
             " gateway=" + to_string(message.gateway()) + hop_limit() + quote();
    default:
      break;
  }
  auto text = sentence(describe_full(message.type(), message.code()));
  if (!message.is_error()) return text + hop_limit() + size;
  if (message.type() == icmpv4_type::destination_unreachable && message.next_hop_mtu() != 0 &&
      message.code() == 4)
    text += " mtu=" + std::to_string(message.next_hop_mtu());
  return text + hop_limit() + quote();
}

std::string detail_writer::operator()(const icmpv6_view& message) const {
  const auto size = " " + octet_count(message.bytes().size());
  if (message.type() == icmpv6_type::echo_request || message.type() == icmpv6_type::echo_reply)
    return echo_details(message.type() == icmpv6_type::echo_request, message.identifier(),
                        message.sequence()) +
           hop_limit() + size;
  auto text = sentence(describe_full(message.type(), message.code()));
  if (const auto neighbor = neighbor_view::parse(message)) return text + (*this)(*neighbor);
  if (!message.is_error()) return text + hop_limit() + size;
  if (message.type() == icmpv6_type::packet_too_big) text += " mtu=" + std::to_string(message.mtu());
  return text + hop_limit() + quote();
}

std::string detail_writer::operator()(const udp_view& datagram) const {
  return std::to_string(datagram.source_port()) + " > " + std::to_string(datagram.destination_port()) +
         " len=" + std::to_string(datagram.payload().size()) + hop_limit();
}

std::string detail_writer::operator()(const tcp_view& segment) const {
  auto text = describe_tcp_flags(segment.flags()) + " " + std::to_string(segment.source_port()) + " > " +
              std::to_string(segment.destination_port()) + " seq=" + std::to_string(segment.sequence());
  if (segment.has(tcp_flag::ack)) text += " ack=" + std::to_string(segment.acknowledgment());
  text += " win=" + std::to_string(segment.window());
  if (const auto mss = summarize_tcp_options(segment.options()).maximum_segment_size)
    text += " mss=" + std::to_string(*mss);
  return text + " len=" + std::to_string(segment.payload().size()) + hop_limit();
}

/// The innermost layer with a name of its own: not payload, not what an ICMP error carries.
const layer* speaking_layer(const dissection& what) {
  for (auto it = what.layers.rbegin(); it != what.layers.rend(); ++it)
    if (it->protocol != layer_name::data && it->protocol != layer_name::fragment &&
        it->protocol != layer_name::extension_headers && it->protocol != layer_name::quote &&
        it->protocol != layer_name::icmp_extension)
      return &*it;
  return what.layers.empty() ? nullptr : &what.layers.back();
}

/// The layer's own name, or what it says of octets nothing here reads.
std::string protocol_name(const layer& speaking, const dissection& what) {
  if (&speaking == &what.layers.back() || what.find<fragment_data>() != nullptr)
    return std::string{speaking.protocol};
  if (const auto* packet = std::get_if<ipv4_view>(&speaking.view))
    return describe_ip_protocol(packet->protocol());
  if (const auto* packet = std::get_if<ipv6_view>(&speaking.view))
    return describe_ip_protocol(upper_layer(*packet).protocol);
  if (const auto* frame = std::get_if<ethernet_view>(&speaking.view))
    return frame->ether_type() != 0 ? describe_ether_type(frame->ether_type()) : "LLC";
  if (const auto* frame = std::get_if<sll2_view>(&speaking.view))
    return describe_ether_type(frame->protocol());
  return std::string{speaking.protocol};
}

/// " vlan 100", " vlan 7/100 priority 5", " SNAP": what stands before a protocol and is easily missed.
std::string link_details(const dissection& what, const layer& speaking) {
  const auto* frame = what.find<ethernet_view>();
  if (frame == nullptr) return {};
  std::string ids;
  std::uint8_t priority = 0;
  for (const auto& tag : frame->tags()) {
    ids += (ids.empty() ? " vlan " : "/") + std::to_string(tag.id);
    priority = std::max(priority, tag.priority);
  }
  if (priority != 0) ids += " priority " + std::to_string(priority);
  if (std::holds_alternative<ethernet_view>(speaking.view)) return ids;
  if (frame->framing() == ethernet_framing::snap) return ids + " SNAP";
  return frame->framing() == ethernet_framing::llc ? ids + " LLC" : ids;
}

void fill_addresses(frame_summary& summary, const dissection& what) {
  for (auto it = what.layers.rbegin(); it != what.layers.rend(); ++it) {
    if (const auto* v4 = std::get_if<ipv4_view>(&it->view)) {
      summary.from = to_string(v4->source());
      summary.to = to_string(v4->destination());
    } else if (const auto* v6 = std::get_if<ipv6_view>(&it->view)) {
      summary.from = to_string(v6->source());
      summary.to = to_string(v6->destination());
    } else if (const auto* frame = std::get_if<ethernet_view>(&it->view)) {
      summary.from = to_string(frame->source());
      summary.to = to_string(frame->destination());
    } else if (const auto* cooked = std::get_if<sll2_view>(&it->view)) {
      if (const auto mac = cooked->source()) summary.from = to_string(*mac);
    } else {
      continue;
    }
    return;
  }
}

}  // namespace

frame_summary summary_line(const dissection& what) {
  frame_summary summary;
  fill_addresses(summary, what);
  if (const auto* speaking = speaking_layer(what)) {
    summary.protocol = protocol_name(*speaking, what);
    summary.details = std::visit(detail_writer{what}, speaking->view) + link_details(what, *speaking);
  }
  for (const auto& each : what.findings) {
    // The ordinary state of what this host sends through an offloading device: no remark in every line.
    if (each.kind == finding_kind::unfinished_checksum) continue;
    if (!summary.details.empty()) summary.details += ' ';
    summary.details += "[" + std::string{describe(each.kind)} + "]";
  }
  return summary;
}

}  // namespace diag::wire
