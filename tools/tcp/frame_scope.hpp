// Which captured connections are this run's, when the kernel makes them: --packets over the connection that
// shows it would otherwise show itself, for ever.
#pragma once

#include <vector>

#include "libdiag/io/capture.hpp"
#include "libdiag/probe/tcp_plan.hpp"

namespace diag::tcp {

class frame_scope {
 public:
  /// Beyond 2^17 probes only SYNs and RSTs are looked at, whosever they are.
  explicit frame_scope(const probe::tcp_plan& plan);

  /// An ICMP message always does: it may be about one of ours.
  [[nodiscard]] bool concerns(const io::frame& one) const;

 private:
  struct pair {
    ip_address address;
    std::uint16_t port;
  };
  static bool before(const pair& a, const pair& b);
  [[nodiscard]] bool asked(const ip_address& address, std::uint16_t port) const;

  bool all_;
  std::vector<pair> pairs_;  // sorted
};

}  // namespace diag::tcp
