// TCP segments of the simulated internet: RFC 9293 §3.1, read and written without the floors under test.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tests/sim/packets.hpp"

namespace diag::sim {

namespace tcp_flag {
inline constexpr std::uint16_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, ece = 0x40,
                               cwr = 0x80;
}  // namespace tcp_flag

/// Both headers of a segment.
struct segment {
  ip_address source{};
  ip_address destination{};
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  std::uint16_t identification = 0;  ///< IPv4
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint16_t flags = 0;
  std::uint16_t window = 0;
  byte_view options{};  ///< padded with zeros when it is no multiple of four octets
  byte_view payload{};
  std::size_t at = 0;  ///< where TCP begins, read by look_tcp()

  /// Sequence numbers it occupies (RFC 9293 §3.4: SYN and FIN count).
  [[nodiscard]] std::uint32_t length() const {
    return static_cast<std::uint32_t>(payload.size()) + ((flags & tcp_flag::syn) != 0 ? 1U : 0U) +
           ((flags & tcp_flag::fin) != 0 ? 1U : 0U);
  }
};

/// Borrows from `octets`; nullopt when they hold no whole TCP header.
std::optional<segment> look_tcp(byte_view octets);
/// With the right checksums.
packet make_tcp(const segment& what);
/// Writes the TCP checksum of a packet, and the IPv4 header's.
void finish_tcp(packet& octets);
/// The TCP checksum is right.
bool sound_tcp(byte_view octets);
/// The value of the first option of a kind; nullopt: none.
std::optional<byte_view> find_option(byte_view options, std::uint8_t kind);

/// The other way round: addresses and ports swapped, everything else as new.
segment answer_to(const segment& asked);
/// The answer to a segment that acknowledges all of it, with these flags; `edit` has the last word.
packet answer_with(const packet& asked, std::uint16_t flags, const std::function<void(segment&)>& edit = {});
/// The RST that RFC 9293 §3.10.7.1 sends for a segment to a closed port: in answer to one with ACK it takes
/// its sequence number from there, otherwise it acknowledges all of it. Nothing answers a RST.
std::optional<packet> reset_for(const segment& asked, std::uint8_t hop_limit = 64);

/// Takes every option of this kind out of a segment, leaving no-operations as middleboxes do.
void strip_option(packet& octets, std::uint8_t kind);
/// Lowers the MSS.
void clamp_mss(packet& octets, std::uint16_t most);

}  // namespace diag::sim
