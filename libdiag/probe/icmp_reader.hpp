// An arrival, whatever its framing, read as ICMP: a reply, an error with its quote, or why it cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/probe/ip_reader.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/verdict.hpp"
#include "libdiag/wire/icmp_extension.hpp"
#include "libdiag/wire/quoted.hpp"

namespace diag::probe {

/// What every ICMP packet has, from its IP header or from the socket.
struct icmp_envelope {
  ip_family family = ip_family::none;
  ip_address from{};
  ip_address to{};
  std::optional<std::uint8_t> hop_limit{};
  std::optional<std::uint8_t> traffic_class{};
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t size = 0;  ///< ICMP octets as stated by the IP header, also when fewer were captured
  bool cut = false;        ///< the octets end before `size`: checksum and payload cannot be judged
  bool checksum_bad = false;
  bool checksum_known = false;
};

/// Echo or timestamp reply, or any other query type that carries identifier and sequence.
struct icmp_reply {
  icmp_envelope envelope;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  byte_view body;  ///< after the eight octets of the header
};

struct icmp_error {
  icmp_envelope envelope;
  std::uint32_t mtu = 0;                       ///< fragmentation needed, packet too big
  ip_address gateway{};                        ///< redirect
  std::optional<wire::quoted_packet> quote{};  ///< nullopt: it could not be read
  std::optional<wire::icmp_extension> extension{};
  bool bad_extension = false;  ///< its place is stated, and is none (RFC 4884 §4)
};

/// Not ICMP, or too broken to hold an ICMP header.
struct icmp_unreadable {
  reject_reason why = reject_reason::bad_ip_header;
  ip_address from{};
  std::uint32_t size = 0;
};

using icmp_reading = std::variant<icmp_reply, icmp_error, icmp_unreadable>;

/// Borrows from the arrival's octets.
icmp_reading read_icmp(const arrival& packet);
/// The same with IP peeled off already.
icmp_reading read_icmp(const arrival& packet, const ip_message& ip);

}  // namespace diag::probe
