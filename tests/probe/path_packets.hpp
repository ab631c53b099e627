// Answers to path probes, made by hand: what a router or the target would send back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libdiag/craft/frame.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::probe::test {

using octets = std::vector<std::byte>;

inline ip_address address(const char* text) {
  return *parse_ip(text);
}

/// The probe as it looks where its hop limit ran out.
inline octets arrived_with(byte_view probe, std::uint8_t hop_limit) {
  octets out{probe.begin(), probe.end()};
  out[load_u8(probe, 0) >> 4 == 4 ? 8 : 7] = std::byte{hop_limit};
  return out;
}

struct error_words {
  std::uint8_t type = 11, code = 0;
  std::size_t quote = 576;  ///< octets, IP header included
  std::uint16_t mtu = 0;
  byte_view extension{};
  std::uint8_t hop_limit = 60;
};

/// An ICMP error from `router` about `probe`, as a whole IP packet.
inline octets icmp_error_packet(byte_view probe, const ip_address& router, const error_words& words = {}) {
  const auto quote = probe.first(std::min(words.quote, probe.size()));
  if (load_u8(probe, 0) >> 4 == 4)
    return *craft::build_frame(
        {craft::ipv4_fields{.ttl = words.hop_limit,
                            .source = router,
                            .destination = ip_address::from_bytes(probe.subspan(12, 4))},
         craft::icmpv4_fields{
             .type = words.type, .code = words.code, .mtu = words.mtu, .extension = words.extension},
         craft::payload_fields{quote}});
  return *craft::build_frame(
      {craft::ipv6_fields{.hop_limit = words.hop_limit,
                          .source = router,
                          .destination = ip_address::from_bytes(probe.subspan(8, 16))},
       craft::icmpv6_fields{
           .type = words.type, .code = words.code, .mtu = words.mtu, .extension = words.extension},
       craft::payload_fields{quote}});
}

inline arrival arriving(const octets& packet, mono_time at) {
  arrival out;
  out.form = load_u8(packet, 0) >> 4 == 4 ? framing::ipv4_packet : framing::ipv6_packet;
  out.bytes = packet;
  out.wire_size = packet.size();
  out.kernel = {at, stamp_source::user};
  out.read_at = at;
  return out;
}

}  // namespace diag::probe::test
