// Address Resolution Protocol: RFC 826; probes and announcements: RFC 5227.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag::wire {

enum class arp_operation : std::uint16_t {
  request = 1,
  reply = 2,
  reverse_request = 3,
  reverse_reply = 4,
  inverse_request = 8,
  inverse_reply = 9,
};
/// "request", "reply"; "operation 77" without a name.
std::string describe(arp_operation operation);

/// Borrowed look at a message. Lengths are what the message states, so addresses of any size are shown.
class arp_view {
 public:
  static constexpr std::size_t fixed_size = 8;
  static constexpr std::uint16_t ethernet_hardware = 1;

  /// Refuses `truncated`: fewer than eight octets, or than the stated address lengths need.
  [[nodiscard]] static result<arp_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] std::uint16_t hardware_type() const;
  [[nodiscard]] std::uint16_t protocol_type() const;
  [[nodiscard]] std::uint8_t hardware_length() const;
  [[nodiscard]] std::uint8_t protocol_length() const;
  [[nodiscard]] arp_operation operation() const;

  [[nodiscard]] byte_view sender_hardware() const;
  [[nodiscard]] byte_view sender_protocol() const;
  [[nodiscard]] byte_view target_hardware() const;
  [[nodiscard]] byte_view target_protocol() const;

  /// Hardware type Ethernet with six octets, protocol type IPv4 with four: the only kind the next four read.
  [[nodiscard]] bool is_ethernet_ipv4() const;
  [[nodiscard]] std::optional<mac_address> sender_mac() const;
  [[nodiscard]] std::optional<ip_address> sender_ip() const;
  [[nodiscard]] std::optional<mac_address> target_mac() const;
  [[nodiscard]] std::optional<ip_address> target_ip() const;

  /// A request from 0.0.0.0 (RFC 5227 §2.1.1).
  [[nodiscard]] bool is_probe() const;
  /// Sender and target address are the same (RFC 5227 §2.3: announcement; "gratuitous ARP").
  [[nodiscard]] bool is_announcement() const;

  /// Octets the message states; what follows is padding.
  [[nodiscard]] std::size_t message_size() const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit arp_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

}  // namespace diag::wire
