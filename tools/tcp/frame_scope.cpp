// By the ports and addresses of both ends, and by which of them is this host.
#include "tools/tcp/frame_scope.hpp"

#include "libdiag/wire/dissect.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::tcp {
namespace {

constexpr std::uint32_t loopback_interface = 1;  // of every network namespace
constexpr std::size_t ports_size = 4;

struct segment_place {
  connection sent_by_us{};  ///< as if its source were ours
  byte_view octets;         ///< from the ports on
};

/// nullopt: no TCP, or not its beginning.
std::optional<segment_place> find_segment(const wire::dissection& what) {
  segment_place place;
  std::uint8_t protocol = 0;
  if (const auto* v4 = what.find<wire::ipv4_view>()) {
    if (v4->fragment_offset() != 0) return std::nullopt;
    place.sent_by_us = {.ours = v4->source(), .theirs = v4->destination()};
    protocol = v4->protocol();
    place.octets = v4->payload();
  } else if (const auto* v6 = what.find<wire::ipv6_view>()) {
    const auto upper = wire::upper_layer(v6->next_header(), v6->payload());
    if (upper.fragment && upper.fragment->offset != 0) return std::nullopt;
    place.sent_by_us = {.ours = v6->source(), .theirs = v6->destination()};
    protocol = upper.protocol;
    place.octets = upper.payload;
  }
  if (protocol != wire::ip_protocol::tcp || place.octets.size() < ports_size) return std::nullopt;
  place.sent_by_us.our_port = load_be16(place.octets, 0);
  place.sent_by_us.their_port = load_be16(place.octets, 2);
  return place;
}

connection mirrored(const connection& one) {
  return {one.theirs, one.ours, one.their_port, one.our_port};
}

/// Which way a frame goes: on loopback, and where there is no link header to tell, both.
bool may_leave(const io::frame& one, const ip_address& to) {
  const bool untold = one.packet.data() == one.bytes.data();
  return one.outgoing || untold || one.interface == loopback_interface || to.is_loopback();
}
bool may_arrive(const io::frame& one) {
  return !one.outgoing;
}

/// Of a quote, which may end anywhere: nothing of it is behind the header.
bool carries_nothing(const wire::quoted_packet& quote) {
  constexpr std::size_t data_offset_at = 12;
  if (quote.transport.size() <= data_offset_at) return true;
  return quote.transport.size() <= (load_u8(quote.transport, data_offset_at) >> 4U) * std::size_t{4};
}

bool carries_nothing(const wire::dissection& what) {
  const auto* segment = what.find<wire::tcp_view>();
  return segment != nullptr && segment->payload().empty();
}

}  // namespace

bool frame_scope::is_ours(const connection& which, mono_time at, bool bare) const {
  const auto done = done_with_(which);
  return done && (bare || at <= *done);
}

bool frame_scope::concerns(const io::frame& one) const {
  const auto what = wire::dissect(one.packet, wire::link_type::raw_ip);
  if (what.find<wire::ipv4_view>() == nullptr && what.find<wire::ipv6_view>() == nullptr) return true;
  if (const auto* quote = what.find<wire::quoted_packet>()) {
    const auto ports = wire::quoted_ports(*quote);
    if (quote->protocol != wire::ip_protocol::tcp || !ports || !may_arrive(one)) return false;
    return is_ours({quote->source, quote->destination, ports->source, ports->destination}, one.kernel.at,
                   carries_nothing(*quote));
  }
  const bool icmp = what.find<wire::icmpv4_view>() != nullptr || what.find<wire::icmpv6_view>() != nullptr;
  if (icmp) return true;  // an error whose quote cannot be read
  const auto segment = find_segment(what);
  if (!segment) return false;
  const bool bare = carries_nothing(what);
  const auto& sent = segment->sent_by_us;
  return (may_leave(one, sent.theirs) && is_ours(sent, one.kernel.at, bare)) ||
         (may_arrive(one) && is_ours(mirrored(sent), one.kernel.at, bare));
}

}  // namespace diag::tcp
