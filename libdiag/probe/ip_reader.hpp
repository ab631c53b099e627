// An arrival, whatever its framing, with IP peeled off: whose packet, of which protocol, and its upper-layer
// octets.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::probe {

/// What stands around an upper-layer message, from its IP header or from the socket. Borrows from the
/// arrival.
struct ip_message {
  ip_family family = ip_family::none;
  ip_address from{};
  ip_address to{};
  std::uint8_t protocol = 0;  ///< of `octets`: behind the extension headers in IPv6
  std::optional<std::uint8_t> hop_limit{};
  std::optional<std::uint8_t> traffic_class{};
  std::optional<std::uint16_t> identification{};  ///< IPv4, where the header was seen
  std::uint32_t size =
      0;  ///< of the message as the IP header states it, also when fewer octets were captured
  byte_view octets;

  /// The octets end before `size`: checksum and payload cannot be judged.
  [[nodiscard]] bool cut() const { return octets.size() < size; }
};

/// Why an arrival is no IP packet that could be read.
struct ip_unreadable {
  ip_address from{};
  std::uint32_t size = 0;
};
[[noreturn]] inline void throw_exception_from_error(const ip_unreadable&, const boost::source_location&) {
  std::terminate();
}

/// Refuses headers that lie about their lengths, and fragments: no answer to a probe comes in one.
result<ip_message, ip_unreadable> read_ip(const arrival& packet);

/// What is known of the checksum of a message: the kernel's word, or the sum itself.
enum class checksum_verdict : std::uint8_t { good, bad, unknown };
/// `checksum_at`: offset of the field. ICMP for IPv4 is summed alone, everything else with its pseudo-header.
checksum_verdict judge_checksum(const arrival& packet, const ip_message& message, std::size_t checksum_at);

}  // namespace diag::probe
