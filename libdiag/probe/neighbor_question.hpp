// "Who has this address?" as a frame: an ARP request (RFC 826) or a neighbour solicitation (RFC 4861 §4.3).
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/neighbor_message.hpp"

namespace diag::probe {

class neighbor_question {
 public:
  explicit neighbor_question(const neighbor_link& link);
  /// To `only`, or without it to everyone (ARP) or the solicited-node group. Borrowed until the next call.
  byte_view ask(const ip_address& address, const std::optional<mac_address>& only);

 private:
  bool anonymous_v6_;  ///< no IPv6 address of our own
  craft::arp_template arp_;
  craft::solicitation_template solicitation_;
};

/// An ARP message from us, about nobody yet; `operation` as wire::arp_operation has them.
craft::arp_fields arp_message_from(const neighbor_link& link, std::uint16_t operation);

}  // namespace diag::probe
