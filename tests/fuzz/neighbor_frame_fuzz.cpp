// Fuzz target: frames read as ARP, neighbour discovery or echo replies. The first octet chooses how we ask
// (framing, tags, ethertype) and what is known of the checksum. What is believed must hold in itself, must
// not depend on padding, must come from our VLAN, and must be what the dissector reads too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libdiag/probe/neighbor_message.hpp"
#include "libdiag/wire/dissect.hpp"

using namespace diag;
using probe::neighbor_message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::uint16_t forced_type = 0x88b5;
constexpr std::uint16_t other_vlan = 4000;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

probe::neighbor_link link_of(std::uint8_t choice) {
  probe::neighbor_link link;
  link.frames.framing = craft::link_framing{static_cast<std::uint8_t>(choice % 3)};
  choice = static_cast<std::uint8_t>(choice / 3);
  for (unsigned i = 0; i < choice % 3u; ++i)
    link.frames.tags.push_back({.id = static_cast<std::uint16_t>(5 + i)});
  if (choice / 3 % 2 != 0) link.frames.type = forced_type;
  return link;
}

bool has_claim(neighbor_message::kind what) {
  return what != neighbor_message::kind::probe && what != neighbor_message::kind::reverse_request;
}

void check_alone(const neighbor_message& said, byte_view frame) {
  require(std::ranges::equal(said.frame_destination.octets, frame.first(6)));
  require(std::ranges::equal(said.frame_source.octets, frame.subspan(6, 6)));
  require(probe::is_valid_owner(said.owner));
  require(static_cast<bool>(said.claimed) == has_claim(said.what));
  require(said.owner_stated || said.owner == said.frame_source);
  require(describe(said.what) != "unknown");
}

/// Octets behind a message change nothing.
void check_padding(const neighbor_message& said, probe::arrival packet, const probe::neighbor_link& link) {
  std::vector<std::byte> longer{packet.bytes.begin(), packet.bytes.end()};
  longer.insert(longer.end(), {std::byte{0xa5}, std::byte{0}, std::byte{0xff}});
  packet.bytes = longer;
  packet.wire_size = longer.size();
  const auto again = probe::read_neighbor_frame(packet, link);
  const auto* same = std::get_if<neighbor_message>(&again);
  require(same != nullptr && same->what == said.what && same->claimed == said.claimed &&
          same->owner == said.owner && same->asked == said.asked);
}

void check_leak(const neighbor_message& said, const probe::arrival& packet,
                const probe::neighbor_link& link) {
  const auto leaked = probe::read_neighbor_frame(packet, link);
  const auto* leak = std::get_if<probe::unbelievable_frame>(&leaked);
  require(leak != nullptr && leak->why == probe::reject_reason::wrong_vlan);
  require(leak->message.claimed == said.claimed && leak->message.owner == said.owner);
}

/// Asked in any other VLAN, outside of ours or inside it, the same frame is a leak, and names the same owner.
void check_vlans(const neighbor_message& said, const probe::arrival& packet, probe::neighbor_link link) {
  auto& tags = link.frames.tags;
  tags.push_back({.id = other_vlan});
  check_leak(said, packet, link);
  tags.pop_back();
  if (tags.empty()) return;
  tags.back().id = other_vlan;
  check_leak(said, packet, link);
  tags.pop_back();
  check_leak(said, packet, link);
}

void check_dissected(const neighbor_message& said, const probe::arrival& packet) {
  const auto seen = wire::dissect(packet.bytes, wire::link_type::ethernet);
  require(!seen.has(wire::finding_kind::unreadable));
  require(packet.checksum != probe::checksum_trust::verify || !seen.has(wire::finding_kind::bad_checksum));
  using kind = neighbor_message::kind;
  switch (said.what) {
    case kind::advertisement:
    case kind::solicitation:
      require(seen.find<wire::ipv6_view>()->hop_limit() == 255);
      require(seen.find<wire::icmpv6_view>() != nullptr);
      return;
    case kind::echo_reply:
      require(seen.find<wire::icmpv4_view>() != nullptr || seen.find<wire::icmpv6_view>() != nullptr);
      return;
    case kind::probe:
      require(seen.find<wire::arp_view>() != nullptr || seen.find<wire::ipv6_view>()->hop_limit() == 255);
      return;
    default:
      require(seen.find<wire::arp_view>()->is_ethernet_ipv4());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const byte_view frame = std::as_bytes(std::span{data, size}).subspan(1);
  const auto link = link_of(data[0]);
  probe::arrival packet{.form = probe::framing::ethernet_frame, .bytes = frame, .wire_size = frame.size()};
  packet.checksum = probe::checksum_trust{static_cast<std::uint8_t>(data[0] / 18 % 3)};
  const auto reading = probe::read_neighbor_frame(packet, link);
  if (const auto* bad = std::get_if<probe::unbelievable_frame>(&reading))
    require(describe(bad->why) != "unknown");
  const auto* said = std::get_if<neighbor_message>(&reading);
  if (said == nullptr) return 0;
  check_alone(*said, frame);
  check_padding(*said, packet, link);
  check_vlans(*said, packet, link);
  if (!link.frames.type) check_dissected(*said, packet);
  return 0;
}
