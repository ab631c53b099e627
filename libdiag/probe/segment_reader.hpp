// An arrival read as a TCP segment: RFC 9293 §3.1.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/probe/ip_reader.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/verdict.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::probe {

/// Borrows from the arrival's octets.
struct segment_arrival {
  ip_message ip;
  wire::tcp_view tcp;
  checksum_verdict checksum = checksum_verdict::unknown;
  mono_time at{};  ///< the best stamp there is

  /// SYN, ACK, RST and FIN alone: what decides what a segment means.
  [[nodiscard]] std::uint16_t control() const {
    using namespace wire::tcp_flag;
    return tcp.flags() & (syn | ack | rst | fin);
  }
};

/// Why it could not be read: reject_reason::bad_ip_header or bad_tcp_header.
struct segment_unreadable {
  reject_reason why = reject_reason::bad_tcp_header;
  ip_address from{};
  std::optional<std::uint8_t> hop_limit{};
};

/// Precondition: ip.protocol is TCP.
std::variant<segment_arrival, segment_unreadable> read_segment(const arrival& packet, const ip_message& ip);
/// The same from the start; another protocol than TCP is bad_ip_header.
std::variant<segment_arrival, segment_unreadable> read_segment(const arrival& packet);

/// What a SYN-ACK offers.
tcp_offer offer_of(const wire::tcp_view& segment);
/// What is odd about an offer. `asked` is what our own SYN offered: its absence explains an absence.
tcp_oddities oddities_of(const tcp_offer& offer, bool asked_for_options);

/// The time a packet came, by the best stamp.
mono_time best_time(const arrival& packet);

}  // namespace diag::probe
