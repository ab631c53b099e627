// The classic capture file with nanosecond times (draft-ietf-opsawg-pcap), written without libpcap.
#pragma once

#include <cstdint>
#include <string_view>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/report/output.hpp"

namespace diag::report {

/// Values are LINKTYPE numbers (draft-ietf-opsawg-pcaplinktype).
enum class pcap_link : std::uint32_t { ethernet = 1, raw_ip = 101, linux_sll2 = 276 };

class pcap_writer {
 public:
  static constexpr std::uint32_t snap_length = 262'144;

  /// Writes the file header at once. `to` is borrowed and keeps the first write error.
  pcap_writer(output& to, pcap_link link);
  /// `wire_size`: octets the frame had, when `bytes` is less of it. Octets past snap_length are not stored.
  /// False when the file has been lost.
  bool write(wall_time when, byte_view bytes, std::size_t wire_size);

 private:
  output& to_;
};

}  // namespace diag::report
