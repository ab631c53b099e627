// Header, options and their oddities.
#include "libdiag/probe/segment_reader.hpp"

#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/tcp_options.hpp"

namespace diag::probe {

mono_time best_time(const arrival& packet) {
  return packet.kernel.source == stamp_source::user ? packet.read_at : packet.kernel.at;
}

std::variant<segment_arrival, segment_unreadable> read_segment(const arrival& packet, const ip_message& ip) {
  constexpr std::size_t checksum_at = 16;
  const auto tcp = wire::tcp_view::parse(ip.octets);
  if (!tcp) return segment_unreadable{reject_reason::bad_tcp_header, ip.from, ip.hop_limit};
  return segment_arrival{ip, *tcp, judge_checksum(packet, ip, checksum_at), best_time(packet)};
}

std::variant<segment_arrival, segment_unreadable> read_segment(const arrival& packet) {
  const auto ip = read_ip(packet);
  if (!ip) return segment_unreadable{reject_reason::bad_ip_header, ip.error().from, {}};
  if (ip->protocol != wire::ip_protocol::tcp)
    return segment_unreadable{reject_reason::bad_ip_header, ip->from, ip->hop_limit};
  return read_segment(packet, *ip);
}

tcp_offer offer_of(const wire::tcp_view& segment) {
  const auto options = wire::summarize_tcp_options(segment.options());
  tcp_offer offer;
  offer.window = segment.window();
  offer.maximum_segment_size = options.maximum_segment_size;
  offer.window_scale = options.window_scale;
  offer.sack_permitted = options.sack_permitted;
  offer.timestamps = options.timestamps.has_value();
  // RFC 3168 §6.1.1: the answer to a SYN with ECE and CWR sets ECE alone; a mirror sets both.
  offer.ecn = segment.has(wire::tcp_flag::ece) && !segment.has(wire::tcp_flag::cwr);
  if (options.fast_open_cookie)
    offer.fast_open_cookie = static_cast<std::uint8_t>(options.fast_open_cookie->size());
  offer.malformed = options.malformed;
  return offer;
}

tcp_oddities oddities_of(const tcp_offer& offer, bool asked_for_options) {
  // RFC 9293 §3.7.1: no link is so small; what offers this is broken or means to be slow.
  constexpr std::uint16_t least_mss = 64;
  tcp_oddities odd = 0;
  if (offer.window == 0) odd = odd | tcp_oddity::zero_window;
  if (offer.maximum_segment_size && *offer.maximum_segment_size < least_mss) odd = odd | tcp_oddity::zero_mss;
  if (offer.malformed) odd = odd | tcp_oddity::malformed_options;
  if (asked_for_options && !offer.malformed && !offer.window_scale && !offer.sack_permitted &&
      !offer.timestamps)
    odd = odd | tcp_oddity::cookie_like;
  return odd;
}

}  // namespace diag::probe
