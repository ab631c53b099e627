// The list: ARP, then neighbour discovery.
#include "tests/sim/link_forgeries.hpp"

#include <algorithm>
#include <array>

#include "tests/sim/link_stage.hpp"

namespace diag::sim {

namespace {
using probe::reject_reason;

constexpr std::size_t message_at = 14;

template <class Edit>
packet arp(const lie& it, Edit&& edit) {
  frame_head head{our_mac(), it.mac, {}, frame_form::ethernet_2};
  arp_message said{2, it.mac, it.address, our_mac(), on_link(ip_family::v4, 1)};
  edit(head, said);
  return make_arp(head, said);
}

template <class Edit>
packet advert(const lie& it, Edit&& edit) {
  frame_head head{our_mac(), it.mac, {}, frame_form::ethernet_2};
  nd_message said;
  said.from = it.address;
  said.to = on_link(ip_family::v6, 1);
  said.target = it.address;
  said.link_layer = it.mac;
  said.solicited = true;
  said.override_entry = true;
  edit(head, said);
  return make_nd(head, said);
}

packet true_answer(const lie& it) {
  return plain_answer(it.mac, it.address);
}

/// With octet `at` of the message changed, its checksum made right again.
packet patched(packet frame, std::size_t at, std::uint8_t value) {
  packet ip{frame.begin() + message_at, frame.end()};
  store_u8(ip, at, value);
  finish_icmp(ip);
  std::ranges::copy(ip, frame.begin() + message_at);
  return frame;
}

packet with_octet(packet frame, std::size_t at, std::uint8_t value) {
  store_u8(frame, at, value);
  return frame;
}

packet cut_to(packet frame, std::size_t size) {
  frame.resize(size);
  return frame;
}

const std::array arp_list{
    link_forgery{"hardware length 255", reject_reason::bad_arp_header,
                 [](const lie& it) { return with_octet(true_answer(it), message_at + 4, 255); }},
    link_forgery{"protocol length 16", reject_reason::bad_arp_header,
                 [](const lie& it) { return with_octet(true_answer(it), message_at + 5, 16); }},
    link_forgery{"34 octets", reject_reason::bad_arp_header,
                 [](const lie& it) { return cut_to(true_answer(it), 34); }},
    link_forgery{"hardware type 6", reject_reason::bad_arp_header,
                 [](const lie& it) { return with_octet(true_answer(it), message_at + 1, 6); }},
    link_forgery{"protocol type ARP", reject_reason::bad_arp_header,
                 [](const lie& it) { return with_octet(true_answer(it), message_at + 3, 6); }},
    link_forgery{"operation 77", reject_reason::bad_operation,
                 [](const lie& it) { return arp(it, [](auto&, auto& said) { said.operation = 77; }); }},
    link_forgery{"operation 0", reject_reason::bad_operation,
                 [](const lie& it) { return arp(it, [](auto&, auto& said) { said.operation = 0; }); }},
    link_forgery{"an InARP reply", std::nullopt,
                 [](const lie& it) { return arp(it, [](auto&, auto& said) { said.operation = 9; }); }},
    link_forgery{"a request from the target", std::nullopt,
                 [](const lie& it) { return arp(it, [](auto&, auto& said) { said.operation = 1; }); }},
    link_forgery{
        "for an address of ours that is none", reject_reason::wrong_target,
        [](const lie& it) { return arp(it, [](auto&, auto& said) { said.target = said.target.plus(76); }); }},
    link_forgery{
        "in a frame for another host", reject_reason::wrong_hardware,
        [](const lie& it) { return arp(it, [](auto& head, auto&) { head.destination = host_mac(600); }); }},
    link_forgery{"from 00:00:00:00:00:00", reject_reason::invalid_hardware,
                 [](const lie& it) { return arp(it, [](auto&, auto& said) { said.sender_hardware = {}; }); }},
    link_forgery{
        "from ff:ff:ff:ff:ff:ff", reject_reason::invalid_hardware,
        [](const lie& it) { return arp(it, [](auto&, auto& said) { said.sender_hardware = to_all; }); }},
    link_forgery{"under a tag", reject_reason::wrong_vlan,
                 [](const lie& it) {
                   return arp(it, [](auto& head, auto&) { head.tags = {{7, 0x8100, 0}}; });
                 }},
    link_forgery{"under two tags", reject_reason::wrong_vlan,
                 [](const lie& it) {
                   return arp(it, [](auto& head, auto&) { head.tags = {{7, 0x88a8, 0}, {8, 0x8100, 0}}; });
                 }},
    link_forgery{
        "in SNAP", reject_reason::wrong_framing,
        [](const lie& it) { return arp(it, [](auto& head, auto&) { head.form = frame_form::snap; }); }},
    link_forgery{
        "in LLC", reject_reason::wrong_framing,
        [](const lie& it) { return arp(it, [](auto& head, auto&) { head.form = frame_form::llc; }); }},
    link_forgery{"our own question", std::nullopt,
                 [](const lie& it) { return question(our_mac(), on_link(ip_family::v4, 1), it.address); }},
};

const std::array nd_list{
    link_forgery{"through a router", reject_reason::bad_hop_limit,
                 [](const lie& it) { return advert(it, [](auto&, auto& said) { said.hop_limit = 254; }); }},
    link_forgery{"bad checksum", reject_reason::bad_checksum,
                 [](const lie& it) {
                   auto frame = true_answer(it);
                   frame[message_at + 40 + 3] ^= std::byte{1};
                   return frame;
                 }},
    link_forgery{"code 1", reject_reason::bad_neighbor_message,
                 [](const lie& it) { return patched(true_answer(it), 41, 1); }},
    link_forgery{"an option without length", reject_reason::bad_neighbor_message,
                 [](const lie& it) { return patched(true_answer(it), 40 + 25, 0); }},
    link_forgery{"an option past the end", reject_reason::bad_neighbor_message,
                 [](const lie& it) { return patched(true_answer(it), 40 + 25, 2); }},
    link_forgery{
        "a group for target", reject_reason::bad_neighbor_message,
        [](const lie& it) { return advert(it, [](auto&, auto& said) { said.target = all_nodes(); }); }},
    link_forgery{"solicited, and to everyone", reject_reason::bad_neighbor_message,
                 [](const lie& it) {
                   return advert(it, [](auto& head, auto& said) {
                     said.to = all_nodes();
                     head.destination = group_mac(all_nodes());
                   });
                 }},
    link_forgery{
        "for an address of ours that is none", reject_reason::wrong_target,
        [](const lie& it) { return advert(it, [](auto&, auto& said) { said.to = said.to.plus(76); }); }},
    link_forgery{"in a frame for another host", reject_reason::wrong_hardware,
                 [](const lie& it) {
                   return advert(it, [](auto& head, auto&) { head.destination = host_mac(600); });
                 }},
    link_forgery{
        "from 00:00:00:00:00:00", reject_reason::invalid_hardware,
        [](const lie& it) { return advert(it, [](auto&, auto& said) { said.link_layer = mac_address{}; }); }},
    link_forgery{
        "from ff:ff:ff:ff:ff:ff", reject_reason::invalid_hardware,
        [](const lie& it) { return advert(it, [](auto&, auto& said) { said.link_layer = to_all; }); }},
    link_forgery{"under a tag", reject_reason::wrong_vlan,
                 [](const lie& it) {
                   return advert(it, [](auto& head, auto&) { head.tags = {{7, 0x8100, 0}}; });
                 }},
    link_forgery{
        "in SNAP", reject_reason::wrong_framing,
        [](const lie& it) { return advert(it, [](auto& head, auto&) { head.form = frame_form::snap; }); }},
    link_forgery{"cut in its target", reject_reason::bad_ip_header,
                 [](const lie& it) { return cut_to(true_answer(it), message_at + 40 + 20); }},
    link_forgery{"a solicitation from the target", std::nullopt,
                 [](const lie& it) { return question(it.mac, it.address, on_link(ip_family::v6, 1)); }},
    link_forgery{"our own question", std::nullopt,
                 [](const lie& it) { return question(our_mac(), on_link(ip_family::v6, 1), it.address); }},
};

}  // namespace

std::span<const link_forgery> link_forgeries(ip_family family) {
  if (family == ip_family::v4) return arp_list;
  return nd_list;
}

packet random_forgery(seeded_random& random, const mac_address& mac, const ip_address& address) {
  if (random.below(16) == 0) {
    packet noise(random.below(100));
    for (auto& octet : noise) octet = static_cast<std::byte>(random.below(256));
    if (noise.size() < 20) return noise;
    std::ranges::copy(our_mac().octets, noise.begin());
    store_be16(noise, 12, address.is_v4() ? type_arp : type_ipv6);
    // Never by chance a message: its first octet is wrong in both protocols.
    store_u8(noise, message_at, 0xff);
    return noise;
  }
  const auto all = link_forgeries(address.family());
  auto out = all[random.below(all.size())].make({mac, address});
  // Behind an ARP message there is padding; noise in it says nothing (A17).
  if (address.is_v4() && out.size() >= 60)
    for (std::size_t i = 54; i < out.size(); ++i) out[i] = static_cast<std::byte>(random.below(256));
  return out;
}

}  // namespace diag::sim
