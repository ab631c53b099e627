// What a host says that wants, has or defends an address: ARP by RFC 5227, neighbour discovery by RFC 4862
// §5.4.2 and RFC 4861 §7.2.6.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "libdiag/probe/address_claim.hpp"

namespace diag::probe {

/// RFC 3971 §5.3.2: six octets and more; six keep the option at eight.
using claim_nonce = std::array<std::byte, 6>;

/// "May I use it?" The nonce is for IPv6 alone.
std::vector<std::byte> claim_probe_frame(const neighbor_link& link, const ip_address& address,
                                         const claim_nonce& nonce);
/// "It is mine."
std::vector<std::byte> claim_announcement_frame(const neighbor_link& link, const ip_address& address,
                                                claim_config::form form);

}  // namespace diag::probe
