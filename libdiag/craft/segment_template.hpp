// TCP segments by the thousand: built once by libnet, then patched in place. RFC 9293 §3.1.
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/craft/tcp_profile.hpp"

namespace diag::craft {

/// One segment without payload and without an IP header.
class segment_template {
 public:
  /// `flags` as wire::tcp_flag. Options are put in only with SYN among the flags.
  segment_template(ip_family family, std::uint16_t flags, const tcp_profile& profile);

  struct fields {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    std::uint32_t timestamp = 0;  ///< TSval, where the profile has timestamps
  };
  /// The segment with a checksum of zero, which the sender fills in at checksum_at. Borrowed until the next
  /// call. No allocation.
  byte_view stamp(const fields& values);

  static constexpr std::uint16_t checksum_at = 16;

 private:
  std::vector<std::byte> segment_;
  std::size_t timestamp_at_ = 0;  ///< of TSval; 0: none
};

}  // namespace diag::craft
