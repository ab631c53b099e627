// The habits of stations.
#include "tests/sim/link_segment.hpp"

#include <algorithm>

namespace diag::sim {

namespace {
bool chance(seeded_random& random, double probability) {
  return probability > 0 && random.unit() < probability;
}
bool owns(const station_config& who, const ip_address& address) {
  return std::ranges::find(who.addresses, address) != who.addresses.end() || (who.also && who.also(address));
}
const ip_address* own_address(const station_config& who, ip_family family) {
  const auto found = std::ranges::find(who.addresses, family, &ip_address::family);
  return found == who.addresses.end() ? nullptr : &*found;
}
/// The frame's padding is not part of the packet.
void cut_padding(packet& octets) {
  if (octets.size() < 20) return;
  const auto v4 = load_u8(octets, 0) >> 4 == 4;
  const auto size = v4 ? std::size_t{load_be16(octets, 2)} : std::size_t{load_be16(octets, 4)} + 40;
  if (size < octets.size()) octets.resize(size);
}
}  // namespace

std::size_t link_segment::add(const station_config& config) {
  stations_.push_back(config);
  return stations_.size() - 1;
}

void link_segment::storm(mono_time when, std::uint64_t count, duration gap,
                         std::function<packet(std::uint64_t)> make) {
  if (count == 0) return;
  // One at a time: a storm must not fill the memory before it has begun.
  net.at(when, [this, when, count, gap, make = std::move(make)] {
    say(when, make(count));
    storm(when + gap, count - 1, gap, make);
  });
}

void link_segment::leave(byte_view frame) {
  ++frames;
  if (loop) say(net.now() + *loop, packet{frame.begin(), frame.end()});
  auto asked = look_frame(frame);
  if (!asked) {
    ++unreadable;
    return;
  }
  if (tap) tap(*asked);
  for (const auto& who : stations_) hear(who, *asked);
}

void link_segment::hear(const station_config& who, const seen_frame& asked) {
  if (net.now() < who.from || net.now() >= who.until) return;
  const auto everyone = is_group_frame(asked.head.destination);
  if (everyone ? !who.hears_broadcast : !who.hears_unicast) return;
  if (who.mac_of) {
    const auto about = asked.arp ? asked.arp->target : asked.nd ? asked.nd->target : ip_address{};
    const auto mac = who.mac_of(about);
    if (everyone || asked.head.destination == mac) answer(who, asked, mac);
    return;
  }
  for (const auto& mac : who.macs)
    if (everyone || asked.head.destination == mac) answer(who, asked, mac);
}

frame_head link_segment::head_of(const station_config& who, const seen_frame& asked,
                                 const mac_address& mac) const {
  frame_head out;
  out.destination = who.replies_to_all ? to_all : asked.head.source;
  out.source = who.frame_source.value_or(mac);
  out.tags = who.tags.value_or(asked.head.tags);
  out.form = asked.head.form;
  return out;
}

void link_segment::answer(const station_config& who, const seen_frame& asked, const mac_address& mac) {
  if (asked.ip) return answer_ip(who, asked, mac);
  auto head = head_of(who, asked, mac);
  if (asked.arp) {
    const auto& said = *asked.arp;
    arp_message out{2, mac, said.target, who.target_hardware.value_or(said.sender_hardware),
                    who.target_protocol.value_or(said.sender)};
    if (said.operation == 1 && owns(who, said.target))
      return send(who, asked, {said.target, mac, make_arp(head, out)});
    const auto* own = own_address(who, ip_family::v4);
    if (own && said.operation == 8 && who.inverse) {
      out.operation = 9;
      out.sender = *own;
      return send(who, asked, {*own, mac, make_arp(head, out)});
    }
    if (own && said.operation == 3 && who.reverse && said.target_hardware == mac) {
      out.operation = 4;
      out.target_hardware = said.target_hardware;
      out.sender = *own;
      out.target = *own;
      return send(who, asked, {*own, mac, make_arp(head, out)});
    }
  } else if (asked.nd && asked.nd->type == 135 && owns(who, asked.nd->target)) {
    const auto& said = *asked.nd;
    // RFC 4861 §7.2.4: a solicitation from :: is answered to all nodes, unsolicited.
    const auto probing = said.from.is_unspecified();
    nd_message out;
    out.from = said.target;
    out.to = probing || who.replies_to_all ? all_nodes() : said.from;
    out.target = said.target;
    if (who.states_mac) out.link_layer = mac;
    out.router = who.router;
    // §7.1.2: what goes to a group is never solicited.
    out.solicited = who.solicited && !probing && !who.replies_to_all;
    out.override_entry = who.override_entry;
    if (probing || who.replies_to_all) head.destination = group_mac(all_nodes());
    send(who, asked, {said.target, mac, make_nd(head, out)});
  }
}

void link_segment::answer_ip(const station_config& who, const seen_frame& asked, const mac_address& mac) {
  auto octets = *asked.ip;
  cut_padding(octets);
  const auto header = look(octets);
  if (!who.echoes || !header || header->payload.size() < 8) return;
  const auto v4 = header->source.is_v4();
  const auto* own = own_address(who, header->source.family());
  if (!own || header->protocol != (v4 ? protocol_icmp : protocol_icmpv6)) return;
  if (load_u8(header->payload, 0) != (v4 ? 8 : 128)) return;
  ip_header back;
  back.source = *own;
  back.destination = header->source;
  back.protocol = header->protocol;
  const auto echo =
      make_icmp(back, v4 ? 0 : 129, 0, load_be32(header->payload, 4), header->payload.subspan(8));
  send(who, asked, {*own, mac, make_frame(head_of(who, asked, mac), v4 ? type_ipv4 : type_ipv6, echo)});
}

void link_segment::send(const station_config& who, const seen_frame& asked, reply made) {
  if (chance(net.random(), who.loss)) return;
  auto when = net.now() + who.delay.draw(net.random());
  const auto times = 1 + who.copies + (chance(net.random(), who.duplicate) ? 1U : 0U);
  if (times > 1 && remembers) copied_.insert(made.address);
  for (unsigned i = 0; i < times; ++i) {
    ++answered;
    if (remembers)
      truths_.emplace(key{made.address, made.owner, when},
                      answer_truth{net.now(), when, i > 0, is_group_frame(asked.head.destination)});
    say(when, made.octets);
    when += who.copy_delay.draw(net.random());
  }
}

std::vector<answer_truth> link_segment::truths(const ip_address& address, const mac_address& owner,
                                               mono_time arrives) const {
  std::vector<answer_truth> out;
  const auto [first, last] = truths_.equal_range(key{address, owner, arrives});
  for (auto each = first; each != last; ++each) out.push_back(each->second);
  return out;
}

}  // namespace diag::sim
