// Captured frames as stimuli: which are our probes leaving, which are answers coming in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "libdiag/io/capture.hpp"
#include "libdiag/io/tap_interest.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class tap_reader {
 public:
  /// Identifiers and ports as the sockets' filters have them: both ways of receiving admit the same packets.
  explicit tap_reader(const tap_interest& wanted) : wanted_{wanted} {}

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
  struct verdict {
    std::optional<probe::probe_token> left{};  ///< our probe of this token, on its way out
    bool answer = false;
  };
  verdict judge_icmp(const frame& one, const outgoing_packet& inside,
                     const packet_recogniser& recognise) const;
  verdict judge_ports(const frame& one, const outgoing_packet& inside,
                      const packet_recogniser& recognise) const;
  bool seen_elsewhere(const frame& one);

  tap_interest wanted_;
  std::array<seen, 64> recent_{};
  std::size_t next_ = 0;
};

}  // namespace diag::io
