// A field of our packet that somebody changed on its way, as the quote in an ICMP error shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libdiag/core/address.hpp"

namespace diag::probe {

struct header_change {
  enum class field : std::uint8_t {
    source_port,
    destination_port,
    flags,
    window,
    traffic_class,  ///< IPv4 TOS, IPv6 traffic class: DSCP and ECN together
    maximum_segment_size,
    window_scale,
    sack_permitted,  ///< options: `seen` nullopt is "taken out"
    timestamps,
    fast_open,
    source_address,
    destination_address,
    identification,   ///< IPv4
    dont_fragment,    ///< IPv4: 0 or 1
    flow_label,       ///< IPv6
    total_length,     ///< of the IP packet
    checksum,         ///< of the transport header
    echo_identifier,  ///< ICMP
    sequence,         ///< TCP, ICMP
  };
  field what = field::flags;
  std::optional<std::uint32_t> sent{};
  std::optional<std::uint32_t> seen{};
  ip_address sent_address{}, seen_address{};  ///< of the address fields, in place of the numbers
};
inline constexpr std::size_t header_change_fields = 19;
/// The key in records: "source_port", "mss", "traffic_class", ...
std::string_view describe(header_change::field what);

}  // namespace diag::probe
