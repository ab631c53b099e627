// ARP: RFC 826; neighbour discovery: RFC 4861 §7.2.
#include "libdiag/probe/neighbor_exchange.hpp"

#include <algorithm>

#include "libdiag/probe/link_scope.hpp"

namespace diag::probe {

neighbor_exchange::neighbor_exchange(const std::vector<neighbor_link>& links)
    : links_{links}, questions_(links.begin(), links.end()) {}

bool neighbor_exchange::ours(const mac_address& mac, std::uint32_t interface) const {
  return std::any_of(links_.begin(), links_.end(), [&](const neighbor_link& link) {
    return link.interface == interface && (link.hardware == mac || link.frames.source == mac);
  });
}

bool neighbor_exchange::asked_from(const ip_address& address, std::uint32_t interface) const {
  return std::any_of(links_.begin(), links_.end(), [&](const neighbor_link& link) {
    return link.interface == interface && (address == link.v4 || address == link.v6);
  });
}

heard_message neighbor_exchange::hear(const arrival& packet) const {
  heard_message heard;
  const auto link = std::find_if(links_.begin(), links_.end(), [&](const neighbor_link& one) {
    return one.interface == packet.interface || packet.interface == 0;
  });
  if (link == links_.end()) return heard;
  auto reading = read_neighbor_frame(packet, *link);
  if (auto* odd = std::get_if<unbelievable_frame>(&reading)) {
    heard.what = heard_message::kind::rejected;
    heard.why = odd->why;
    heard.said = std::move(odd->message);
    heard.said.claimed = scoped_to(heard.said.claimed, link->interface);
    return heard;
  }
  auto* said = std::get_if<neighbor_message>(&reading);
  // What we sent ourselves (a bridge may bring it back) says nothing about others.
  if (said == nullptr || ours(said->frame_source, link->interface)) return heard;
  said->claimed = scoped_to(said->claimed, link->interface);
  said->asked = scoped_to(said->asked, link->interface);
  return judge(std::move(*said), packet);
}

heard_message neighbor_exchange::judge(neighbor_message&& said, const arrival& packet) const {
  using message = neighbor_message::kind;
  heard_message heard;
  heard.said = std::move(said);
  const auto& m = heard.said;
  const auto interface = packet.interface != 0 ? packet.interface : links_.front().interface;
  const auto reject = [&](reject_reason why) {
    heard.what = heard_message::kind::rejected;
    heard.why = why;
  };
  heard.what = heard_message::kind::sighting;
  switch (m.what) {
    case message::reply:
      // RFC 826 "Packet Reception": a reply is for whoever is its target.
      if (!m.to_everyone() && !ours(m.frame_destination, interface)) {
        reject(reject_reason::wrong_hardware);
      } else if (!asked_from(m.asked, interface)) {
        reject(reject_reason::wrong_target);
      } else {
        heard.what = heard_message::kind::answer;
      }
      break;
    case message::advertisement:
      if (!m.to_everyone() && !ours(m.frame_destination, interface)) {
        reject(reject_reason::wrong_hardware);
      } else if (m.destination.is_multicast()) {
        // RFC 4861 §7.2.4: who asks from :: is answered through all nodes, without the solicited flag.
        const bool anonymous = asked_from(ip_address::from_bytes(std::array<std::byte, 16>{}), interface);
        if (anonymous) heard.what = heard_message::kind::answer;
      } else if (!asked_from(m.destination, interface)) {
        reject(reject_reason::wrong_target);
      } else {
        heard.what = heard_message::kind::answer;
      }
      break;
    case message::reverse_reply:
    case message::inverse_reply:
    case message::echo_reply:
      heard.what = heard_message::kind::nothing;  // answers to questions that are not asked here
      break;
    case message::request:
    case message::probe:
    case message::announcement:
    case message::solicitation:
    case message::reverse_request:
    case message::inverse_request:
      break;
  }
  return heard;
}

}  // namespace diag::probe
