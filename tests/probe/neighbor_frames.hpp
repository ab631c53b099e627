// Frames as a neighbour would send them to us, for what reads them.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "libdiag/core/hex.hpp"
#include "libdiag/craft/frame.hpp"
#include "libdiag/craft/icmp_options.hpp"
#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/neighbor_message.hpp"

namespace diag::neighbor_frames {

using octets = std::vector<std::byte>;

inline ip_address ip(std::string_view text) {
  return parse_ip(text).value();
}
inline octets hex_octets(std::string_view text) {
  return parse_hex(text).value();
}
inline mac_address mac(std::string_view text) {
  return parse_mac(text).value();
}

inline const auto our_mac = mac("02:00:5e:10:00:01");
inline const auto their_mac = mac("02:00:5e:10:00:02");
inline const auto our_v4 = ip("192.0.2.1");
inline const auto their_v4 = ip("192.0.2.7");
inline const auto our_v6 = ip("2001:db8::1");
inline const auto their_v6 = ip("2001:db8::7");

inline probe::neighbor_link our_link() {
  return {.frames = {.source = our_mac}, .hardware = our_mac, .v4 = our_v4, .v6 = our_v6};
}

inline craft::ethernet_fields ethernet_to_us() {
  return {.destination = our_mac, .source = their_mac};
}

inline octets built(std::initializer_list<craft::layer> layers) {
  return craft::build_frame(layers).value();
}

/// The reply of 192.0.2.7 to us.
inline craft::arp_fields arp_reply(std::uint16_t operation = 2) {
  return {.operation = operation,
          .sender_hardware = their_mac,
          .sender_protocol = their_v4,
          .target_hardware = our_mac,
          .target_protocol = our_v4};
}

inline craft::ipv6_fields nd_header() {
  return {.hop_limit = 255, .source = their_v6, .destination = our_v6};
}

inline octets link_layer_option(std::uint8_t type, const mac_address& address) {
  octets option;
  craft::append_neighbor_option(option, type, address.octets);
  return option;
}

/// The advertisement of 2001:db8::7 to us; the option is borrowed.
inline craft::icmpv6_fields advertisement(byte_view options) {
  return {.type = 136, .target = their_v6, .solicited = true, .override_entry = true, .options = options};
}

inline probe::arrival arrived(byte_view frame, probe::checksum_trust trust = probe::checksum_trust::verify) {
  return {
      .form = probe::framing::ethernet_frame, .bytes = frame, .wire_size = frame.size(), .checksum = trust};
}

inline probe::frame_reading read(byte_view frame, const probe::neighbor_link& ours = our_link()) {
  return probe::read_neighbor_frame(arrived(frame), ours);
}

/// "unrelated", the reject reason, or the kind of the message that was believed.
inline std::string word_of(const probe::frame_reading& reading) {
  if (const auto* bad = std::get_if<probe::unbelievable_frame>(&reading))
    return std::string{describe(bad->why)};
  if (const auto* message = std::get_if<probe::neighbor_message>(&reading))
    return std::string{describe(message->what)};
  return "unrelated";
}

inline probe::neighbor_message message_of(const probe::frame_reading& reading) {
  if (const auto* bad = std::get_if<probe::unbelievable_frame>(&reading)) return bad->message;
  return std::get<probe::neighbor_message>(reading);
}

}  // namespace diag::neighbor_frames
