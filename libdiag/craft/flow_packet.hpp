// Whole IP packets whose flow stays the same while the number they carry changes: built once by libnet, then
// patched in place. RFC 791, 8200, 768, 792, 4443, 9293.
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/craft/segment_template.hpp"
#include "libdiag/craft/tcp_profile.hpp"

namespace diag::craft {

/// What stands in the IP header.
struct flow_packet_header {
  ip_address source{}, destination{};  ///< of one family
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  std::uint16_t identification = 0;  ///< IPv4
  bool dont_fragment = false;        ///< IPv4
  std::uint32_t flow_label = 0;      ///< IPv6, 20 bits
  std::size_t size = 60;             ///< of the whole packet; no less than least_size(), at most 65,535
};

/// One kind of probe. What is returned is borrowed until the next call; no allocation unless the size grows.
class flow_packet {
 public:
  /// UDP datagrams and echo requests: IP header, eight octets, tag, two octets of make-weight.
  [[nodiscard]] static std::size_t least_size(ip_family family);
  /// Where the tag stands in the payload, and how long it is.
  static constexpr std::size_t tag_size = 8;

  /// A UDP datagram whose checksum, which is right, is `checksum` (not 0).
  byte_view udp(const flow_packet_header& ip, std::uint16_t source_port, std::uint16_t destination_port,
                std::uint16_t checksum, std::uint64_t tag);
  /// An echo request whose checksum, which is right, is `checksum`.
  byte_view echo(const flow_packet_header& ip, std::uint16_t identifier, std::uint16_t sequence,
                 std::uint16_t checksum, std::uint64_t tag);
  /// A TCP segment without payload; `size` is not heeded.
  byte_view tcp(const flow_packet_header& ip, segment_template& segment,
                const segment_template::fields& values);

 private:
  byte_span lay_out(const flow_packet_header& ip, std::uint8_t protocol, std::size_t transport_size);
  std::vector<std::byte> packet_;
  ip_family family_ = ip_family::none;
  std::uint8_t protocol_ = 0;
};

}  // namespace diag::craft
