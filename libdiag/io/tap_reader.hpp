// Captured frames as stimuli: which are our probes leaving, which are answers coming in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "libdiag/io/capture.hpp"
#include "libdiag/io/icmp_filter.hpp"
#include "libdiag/io/tap_interest.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class tap_reader {
 public:
  /// `ours_v4` and `ours_v6` as the sockets' filters have them: both ways of receiving admit the same
  /// packets.
  tap_reader(identifier_range ours_v4, identifier_range ours_v6) : ours_v4_{ours_v4}, ours_v6_{ours_v6} {}

  /// nullopt: nothing to do with us. `everywhere`: the capture is on all interfaces, so a packet that crosses
  /// several (VLAN over bond) shows up several times; only the first arrival of one counts.
  std::optional<probe::stimulus> read(const frame& one, mono_time read_at, bool everywhere,
                                      const packet_recogniser& recognise);

 private:
  struct seen {
    std::uint64_t digest = 0;
    std::uint32_t interface = 0;
    mono_time at{};
  };
  bool seen_elsewhere(const frame& one);

  identifier_range ours_v4_;
  identifier_range ours_v6_;
  std::array<seen, 64> recent_{};
  std::size_t next_ = 0;
};

}  // namespace diag::io
