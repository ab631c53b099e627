// Which captured frames are this run's own: --packets and --pcap show no others. The capture is opened with
// privileges that the user may not have.
#pragma once

#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/io/capture.hpp"
#include "libdiag/io/identifier_range.hpp"
#include "libdiag/io/port_range.hpp"

namespace diag::traceroute {

class own_frames {
 public:
  /// What is sent from: ports (count 0: none), echo identifiers (`echoes` false: none), and to whom.
  own_frames(io::port_range ports, io::identifier_range identifiers, bool echoes,
             std::vector<ip_address> targets);

  /// Probes, what targets answer, and ICMP errors that quote a probe, also one whose source was rewritten on
  /// the way. What is too broken to name its ends is not hidden.
  [[nodiscard]] bool concerns(const io::frame& one) const;

 private:
  [[nodiscard]] bool is_target(const ip_address& address) const;
  [[nodiscard]] bool is_ours(std::uint16_t identifier) const {
    return echoes_ && identifiers_.holds(identifier);
  }

  io::port_range ports_;
  io::identifier_range identifiers_;
  bool echoes_;
  std::vector<ip_address> targets_;  // sorted
};

}  // namespace diag::traceroute
