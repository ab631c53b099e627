// Takes a frame apart, outermost layer first.
//
// Each step adds one layer and hands what is inside to the next. Tunnels may nest, so the depth is a sender's
// choice: max_layers bounds it. A layer that cannot be read is kept as octets under its protocol's name with
// the finding `unreadable`, and nothing is looked for behind it. Checksums are verified only where all octets
// they cover are there: not in fragments, not in cut packets, not before the end of a source route.
#include "libdiag/wire/dissect.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/ipv4_options.hpp"
#include "libdiag/wire/neighbor.hpp"
#include "libdiag/wire/tcp_options.hpp"

namespace diag::wire {

namespace {

// IEEE 802.3 §3.2.8: frames are padded to 64 octets, of which 14 are header and 4 the FCS that no capture
// shows.
constexpr std::size_t min_ethernet_payload = 46;

/// What a transport needs to know of the packet around it.
struct carrier {
  ip_address source;
  ip_address destination;
  bool complete = true;  ///< the checksum can be verified: all octets, and the addresses that were summed
};

bool is_dns_port(std::uint16_t source, std::uint16_t destination) {
  constexpr std::uint16_t dns_port = 53;
  return source == dns_port || destination == dns_port;
}

/// Neither an answer nor anything in it: what path probes to the port of DNS carry, not a message.
bool is_blank(const dns_view& message) {
  constexpr std::array sections{dns_section::question, dns_section::answer, dns_section::authority,
                                dns_section::additional};
  return !message.response() &&
         std::ranges::all_of(sections, [&](dns_section each) { return message.count(each) == 0; });
}

bool reads_whole(const dns_view& message) {
  dns_walk walk{message};
  while (walk.next_record()) continue;
  return !walk.flaw();
}

class dissector {
 public:
  explicit dissector(byte_view bytes) { out_.bytes = bytes; }

  dissection run(link_type first) {
    if (out_.bytes.empty()) return std::move(out_);
    switch (first) {
      case link_type::ethernet:
        ethernet(out_.bytes);
        break;
      case link_type::linux_sll2:
        sll2(out_.bytes);
        break;
      case link_type::raw_ip:
        ip(out_.bytes, 0);
        break;
    }
    return std::move(out_);
  }

 private:
  /// False when there is no room for another layer.
  bool add(std::string_view protocol, byte_view octets, std::size_t size, layer_view view) {
    if (out_.layers.size() == dissection::max_layers) {
      note(finding_kind::too_deep);
      return false;
    }
    const auto offset = static_cast<std::size_t>(octets.data() - out_.bytes.data());
    out_.layers.push_back({.protocol = protocol, .offset = offset, .size = size, .view = std::move(view)});
    return true;
  }
  /// About the layer added last.
  void note(finding_kind kind) {
    out_.findings.push_back({.kind = kind, .layer = out_.layers.empty() ? 0 : out_.layers.size() - 1});
  }
  void note_if(bool so, finding_kind kind) {
    if (so) note(kind);
  }
  void data(byte_view octets) {
    if (!octets.empty()) add(layer_name::data, octets, octets.size(), opaque_data{octets});
  }
  void unreadable(std::string_view protocol, byte_view octets) {
    if (octets.empty())
      note(finding_kind::unreadable);
    else if (add(protocol, octets, octets.size(), opaque_data{octets}))
      note(finding_kind::unreadable);
  }
  void check(checksum_validity validity) {
    note_if(validity == checksum_validity::bad, finding_kind::bad_checksum);
    note_if(validity == checksum_validity::unfinished, finding_kind::unfinished_checksum);
  }

  void ethernet(byte_view octets);
  void sll2(byte_view octets);
  void by_ether_type(std::uint16_t type, byte_view octets);
  void arp(byte_view octets);
  void ip(byte_view octets, std::size_t padded_to);
  void ipv4(byte_view octets, std::size_t padded_to);
  void ipv6(byte_view octets, std::size_t padded_to);
  void by_ip_protocol(std::uint8_t protocol, byte_view octets, const carrier& around);
  void icmpv4(byte_view octets, const carrier& around);
  void icmpv6(byte_view octets, const carrier& around);
  void error_body(byte_view body, const icmp_error_body& parts, ip_family family, const carrier& around);
  void udp(byte_view octets, const carrier& around);
  void tcp(byte_view octets, const carrier& around);
  void dns(byte_view message);
  void dns_stream(byte_view octets);

  dissection out_;
};

void dissector::ethernet(byte_view octets) {
  const auto frame = ethernet_view::parse(octets);
  if (!frame) return unreadable(layer_name::ethernet, octets);
  if (!add(layer_name::ethernet, octets, frame->header_length(), *frame)) return;
  note_if(frame->truncated(), finding_kind::cut_short);
  if (const auto llc = frame->llc(); llc && is_arp(*llc)) return arp(frame->payload());
  by_ether_type(frame->ether_type(), frame->payload());
}

void dissector::sll2(byte_view octets) {
  const auto frame = sll2_view::parse(octets);
  if (!frame) return unreadable(layer_name::sll2, octets);
  if (!add(layer_name::sll2, octets, sll2_view::header_size, *frame)) return;
  by_ether_type(frame->protocol(), frame->payload());
}

void dissector::by_ether_type(std::uint16_t type, byte_view octets) {
  switch (type) {
    case ether_type::ipv4:
      return ipv4(octets, min_ethernet_payload);
    case ether_type::ipv6:
      return ipv6(octets, min_ethernet_payload);
    case ether_type::arp:
    case ether_type::reverse_arp:
      return arp(octets);
    default:
      return data(octets);
  }
}

void dissector::arp(byte_view octets) {
  const auto message = arp_view::parse(octets);
  if (!message) return unreadable(layer_name::arp, octets);
  const auto size = message->message_size();
  if (!add(layer_name::arp, octets, size, *message)) return;
  note_if(octets.size() > size && octets.size() > min_ethernet_payload, finding_kind::trailing_octets);
}

void dissector::ip(byte_view octets, std::size_t padded_to) {
  if (octets.empty()) return note(finding_kind::unreadable);
  switch (load_u8(octets, 0) >> 4) {
    case 4:
      return ipv4(octets, padded_to);
    case 6:
      return ipv6(octets, padded_to);
    default:
      return unreadable(layer_name::data, octets);
  }
}

void dissector::ipv4(byte_view octets, std::size_t padded_to) {
  const auto packet = ipv4_view::parse(octets);
  if (!packet) return unreadable(layer_name::ipv4, octets);
  if (!add(layer_name::ipv4, octets, packet->header_size(), *packet)) return;
  check(packet->checksum());
  note_if(packet->truncated(), finding_kind::cut_short);
  note_if(!packet->trailing().empty() && octets.size() > padded_to, finding_kind::trailing_octets);
  ipv4_options options{packet->options()};
  while (options.next()) continue;
  note_if(options.malformed(), finding_kind::malformed_options);

  const auto payload = packet->payload();
  if (packet->fragment_offset() != 0) {
    add(layer_name::fragment, payload, payload.size(),
        fragment_data{.protocol = packet->protocol(), .octets = payload});
    return;
  }
  by_ip_protocol(packet->protocol(), payload,
                 {.source = packet->source(),
                  .destination = packet->destination(),
                  .complete = !packet->truncated() && !packet->more_fragments()});
}

void dissector::ipv6(byte_view octets, std::size_t padded_to) {
  const auto packet = ipv6_view::parse(octets);
  if (!packet) return unreadable(layer_name::ipv6, octets);
  if (!add(layer_name::ipv6, octets, ipv6_view::header_size, *packet)) return;
  note_if(packet->truncated(), finding_kind::cut_short);
  note_if(!packet->trailing().empty() && octets.size() > padded_to, finding_kind::trailing_octets);

  const auto upper = upper_layer(*packet);
  if (upper.headers_size != 0) {
    const auto headers = packet->payload().first(upper.headers_size);
    if (!add(layer_name::extension_headers, headers, headers.size(), opaque_data{headers})) return;
  }
  if (upper.malformed) {
    note(finding_kind::malformed_extension_headers);
    return data(upper.payload);
  }
  if (upper.fragment && upper.fragment->offset != 0) {
    add(layer_name::fragment, upper.payload, upper.payload.size(),
        fragment_data{.protocol = upper.protocol, .octets = upper.payload});
    return;
  }
  const bool whole = !packet->truncated() && !upper.routed && !(upper.fragment && upper.fragment->more) &&
                     (!upper.jumbo_length || *upper.jumbo_length <= packet->payload().size());
  by_ip_protocol(upper.protocol, upper.payload,
                 {.source = packet->source(), .destination = packet->destination(), .complete = whole});
}

void dissector::by_ip_protocol(std::uint8_t protocol, byte_view octets, const carrier& around) {
  const bool v4 = around.source.is_v4();
  switch (protocol) {
    case ip_protocol::icmp:
      return v4 ? icmpv4(octets, around) : data(octets);
    case ip_protocol::icmpv6:
      return v4 ? data(octets) : icmpv6(octets, around);
    case ip_protocol::udp:
      return udp(octets, around);
    case ip_protocol::tcp:
      return tcp(octets, around);
    case ip_protocol::ipv4:
      return ipv4(octets, 0);
    case ip_protocol::ipv6:
      return ipv6(octets, 0);
    default:
      return data(octets);
  }
}

void dissector::icmpv4(byte_view octets, const carrier& around) {
  const auto message = icmpv4_view::parse(octets);
  if (!message) return unreadable(layer_name::icmpv4, octets);
  const auto type = message->type();
  const bool echo = type == icmpv4_type::echo_request || type == icmpv4_type::echo_reply;
  const bool has_inside = echo || message->is_error();
  if (!add(layer_name::icmpv4, octets, has_inside ? icmpv4_view::header_size : octets.size(), *message))
    return;
  if (around.complete) check(message->verify());
  if (echo) return data(message->body());
  if (message->is_error()) error_body(message->body(), split_error_body(*message), ip_family::v4, around);
}

void dissector::icmpv6(byte_view octets, const carrier& around) {
  const auto message = icmpv6_view::parse(octets);
  if (!message) return unreadable(layer_name::icmpv6, octets);
  const auto type = message->type();
  const bool echo = type == icmpv6_type::echo_request || type == icmpv6_type::echo_reply;
  // Of the types below 128 only these four are known to quote.
  const bool quotes = type >= icmpv6_type::destination_unreachable && type <= icmpv6_type::parameter_problem;
  const auto size = echo || quotes ? icmpv6_view::header_size : octets.size();
  if (!add(layer_name::icmpv6, octets, size, *message)) return;
  if (around.complete) check(message->verify(around.source, around.destination));
  if (const auto neighbor = neighbor_view::parse(*message)) {
    auto options = neighbor->options();
    while (options.next()) continue;
    note_if(options.malformed(), finding_kind::malformed_options);
  }
  if (echo) return data(message->body());
  if (quotes) error_body(message->body(), split_error_body(*message), ip_family::v6, around);
}

void dissector::error_body(byte_view body, const icmp_error_body& parts, ip_family family,
                           const carrier& around) {
  // In a cut message the length field points past the octets, and the extension's checksum cannot be right.
  note_if(parts.bad_length && around.complete, finding_kind::malformed_extension);
  if (const auto quote = parse_quote(parts.original, family)) {
    if (!add(layer_name::quote, parts.original, parts.original.size(), *quote)) return;
    note_if(quote->malformed, finding_kind::malformed_quote);
  } else {
    note(finding_kind::malformed_quote);
    data(parts.original);
  }
  if (!parts.extension) return;
  const auto& extension = *parts.extension;
  const auto octets = body.subspan(parts.original.size());
  if (!add(layer_name::icmp_extension, octets, octets.size(), opaque_data{octets})) return;
  icmp_extension_objects objects{extension.objects};
  while (objects.next()) continue;
  note_if(around.complete && (!extension.usable() || objects.malformed()), finding_kind::malformed_extension);
}

void dissector::udp(byte_view octets, const carrier& around) {
  const auto datagram = udp_view::parse(octets);
  if (!datagram) return unreadable(layer_name::udp, octets);
  if (!add(layer_name::udp, octets, udp_view::header_size, *datagram)) return;
  note_if(datagram->bad_length(), finding_kind::bad_length);
  if (around.complete) {
    note_if(datagram->truncated(), finding_kind::cut_short);
    const auto validity = datagram->verify(around.source, around.destination);
    check(validity);
    // RFC 8200 §8.1: over IPv6 a zero checksum is to be discarded, but for the tunnels of RFC 6935.
    note_if(validity == checksum_validity::absent && around.source.is_v6(), finding_kind::missing_checksum);
  }
  note_if(!datagram->bad_length() && !datagram->trailing().empty(), finding_kind::trailing_octets);
  // A first fragment, or a cut packet, would be called malformed for what is merely not here.
  const bool whole = around.complete && !datagram->truncated();
  if (whole && is_dns_port(datagram->source_port(), datagram->destination_port()))
    return dns(datagram->payload());
  data(datagram->payload());
}

void dissector::tcp(byte_view octets, const carrier& around) {
  const auto segment = tcp_view::parse(octets);
  if (!segment) return unreadable(layer_name::tcp, octets);
  if (!add(layer_name::tcp, octets, segment->header_size(), *segment)) return;
  if (around.complete) check(segment->verify(around.source, around.destination));
  note_if(summarize_tcp_options(segment->options()).malformed, finding_kind::malformed_options);
  if (is_dns_port(segment->source_port(), segment->destination_port())) return dns_stream(segment->payload());
  data(segment->payload());
}

void dissector::dns(byte_view message) {
  const auto view = dns_view::parse(message);
  if (!view || is_blank(*view)) return data(message);
  add(layer_name::dns, message, message.size(), *view);
}

void dissector::dns_stream(byte_view octets) {
  auto rest = octets;
  const auto message = take_dns_message(rest);
  const auto view = message ? dns_view::parse(*message) : result<dns_view, wire_errc>{wire_errc::truncated};
  // A segment from the middle of a message begins with anything: only what reads to its end is believed.
  if (!view || is_blank(*view) || !reads_whole(*view)) return data(octets);
  if (add(layer_name::dns, *message, message->size(), *view)) data(rest);
}

}  // namespace

std::string_view describe(finding_kind kind) {
  switch (kind) {
    case finding_kind::cut_short:
      return "cut short";
    case finding_kind::unreadable:
      return "unreadable";
    case finding_kind::bad_length:
      return "bad length";
    case finding_kind::bad_checksum:
      return "bad checksum";
    case finding_kind::unfinished_checksum:
      return "unfinished checksum";
    case finding_kind::missing_checksum:
      return "missing checksum";
    case finding_kind::malformed_options:
      return "malformed options";
    case finding_kind::malformed_extension_headers:
      return "malformed extension headers";
    case finding_kind::malformed_extension:
      return "malformed ICMP extension";
    case finding_kind::malformed_quote:
      return "malformed quote";
    case finding_kind::trailing_octets:
      return "trailing octets";
    case finding_kind::too_deep:
      return "too many layers";
  }
  return "unknown";
}

bool dissection::has(finding_kind kind) const {
  return std::ranges::any_of(findings, [kind](const finding& each) { return each.kind == kind; });
}

dissection dissect(byte_view bytes, link_type first) {
  return dissector{bytes}.run(first);
}

}  // namespace diag::wire
