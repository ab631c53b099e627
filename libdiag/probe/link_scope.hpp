// Addresses of link scope (RFC 4007) as frames have them, without an interface, and as targets have them.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/probe/targets.hpp"

namespace diag::probe {

/// What a frame on `interface` called `address`: fe80::1 is another host on every link.
inline ip_address scoped_to(ip_address address, std::uint32_t interface) {
  if (address.is_v6() && address.is_link_local()) address.scope(interface);
  return address;
}

/// The target that a frame on `interface` calls `address`, whether it was named with its interface or
/// without.
inline std::optional<std::uint64_t> find_on_link(const target_list& targets, const ip_address& address,
                                                 std::uint32_t interface) {
  if (const auto exact = targets.find(scoped_to(address, interface))) return exact;
  auto bare = address;
  bare.scope(0);
  return targets.find(bare);
}

}  // namespace diag::probe
