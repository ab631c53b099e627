// Neighbour solicitation and advertisement: RFC 4861 §4.3, §4.4; their options: §4.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/icmpv6.hpp"

namespace diag::wire {

enum class nd_option_type : std::uint8_t {
  source_link_layer_address = 1,
  target_link_layer_address = 2,
  prefix_information = 3,
  redirected_header = 4,
  mtu = 5,
  nonce = 14,  // RFC 3971 §5.3.2; RFC 7527 uses it to find looped-back solicitations
};

struct nd_option {
  nd_option_type type{};
  byte_view data;  ///< without type and length; padding to eight octets included
};

/// Walks the options after a neighbour discovery message. A length of zero or past the end stops the walk
/// (RFC 4861 §4.6: the packet is to be discarded).
class nd_options {
 public:
  explicit nd_options(byte_view options) : rest_{options} {}
  std::optional<nd_option> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  byte_view rest_;
  bool malformed_ = false;
};

/// Borrowed look at either message; solicitation() tells which.
class neighbor_view {
 public:
  static constexpr std::size_t message_size = 24;

  /// Refuses `bad_version` for any other ICMPv6 type and `truncated` below 24 octets.
  [[nodiscard]] static result<neighbor_view, wire_errc> parse(const icmpv6_view& message);

  [[nodiscard]] bool solicitation() const;
  [[nodiscard]] ip_address target() const;
  // Flags of an advertisement; false in a solicitation.
  [[nodiscard]] bool router() const;
  [[nodiscard]] bool solicited() const;
  [[nodiscard]] bool override_flag() const;
  [[nodiscard]] nd_options options() const { return nd_options{bytes_.subspan(message_size)}; }
  /// The source address option of a solicitation, the target address option of an advertisement, when it has
  /// the six octets of Ethernet.
  [[nodiscard]] std::optional<mac_address> link_layer_address() const;

 private:
  explicit neighbor_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;  // the whole ICMPv6 message
};

}  // namespace diag::wire
