// What the ping machines report, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/statistics.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// A believed answer: the first in time, a duplicate of it, or one that came after the timeout.
struct ping_reply {
  enum class kind : std::uint8_t { in_time, duplicate, late };
  kind what = kind::in_time;
  std::uint32_t target = 0;  ///< number in the target list
  std::uint64_t number = 0;  ///< the target's own sequence, from 1
  mono_time at{};
  duration rtt{};
  stamp_source source = stamp_source::user;
  ip_address from{};  ///< differs from the target only for broadcast and multicast
  std::optional<std::uint8_t> hop_limit{};
  std::optional<std::uint8_t> traffic_class{};
  std::uint32_t size = 0;  ///< ICMP octets received
  anomalies odd = 0;
  std::uint32_t first_odd_octet = 0;       ///< where `corrupt` begins, counted in the payload
  std::optional<duration> clock_offset{};  ///< --timestamp: how far the target's clock is ahead of ours
};

/// The timeout of one probe passed.
struct ping_timeout {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
  mono_time at{};
  duration waited{};
};

/// A node refused one probe, or it never left this host.
struct ping_error {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
  mono_time at{};
  reason why = reason::none;
  ip_address from{};      ///< who said so; unset when it was this host
  std::uint8_t type = 0;  ///< ICMP type and code, when `from` is set
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;  ///< next-hop MTU when told, 0 otherwise
  int error = 0;          ///< errno value when it was this host
  bool closes = true;     ///< false: a remark about a probe that had ended already, or a redirect
  ip_address gateway{};   ///< redirect: the better first hop
};

/// A packet that was not believed. `target` is set where the packet names one of our probes.
struct ping_rejected {
  reject_reason why = reject_reason::unexpected_type;
  mono_time at{};
  ip_address from{};
  std::optional<std::uint32_t> target{};
  std::uint64_t number = 0;  ///< 0 unless target is set
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t size = 0;
};

/// One probe left (only when the configuration asks for it: flood mode prints it).
struct ping_sent {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
};

using reject_counts = std::array<std::uint64_t, reject_reason_count>;

/// The account of one target. Conservation: sent = received + lost + errors + not_sent + pending.
struct ping_summary {
  std::uint32_t target = 0;
  mono_time at{};
  duration elapsed{};
  std::uint64_t sent = 0;      ///< probes begun, retries included, whatever became of them
  std::uint64_t received = 0;  ///< in time
  std::uint64_t lost = 0;
  std::uint64_t late = 0;  ///< of the lost, those whose answer came after all
  std::uint64_t duplicates = 0;
  std::uint64_t errors = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t pending = 0;  ///< still in flight when the run was interrupted
  std::uint64_t corrupt = 0;
  std::uint64_t reordered = 0;
  reject_counts rejected{};
  reason last_error = reason::none;
  ip_address last_error_from{};
  std::optional<std::uint8_t> hop_limit{};  ///< of the last reply
  duration last_rtt{};
  stamp_source source = stamp_source::user;  ///< of the last reply
  /// Borrowed from the machine until the next feed(); nullptr in a sweep, where `last_rtt` is all there is.
  const rtt_statistics* rtt = nullptr;
  const loss_runs* loss = nullptr;
  std::optional<duration> clock_offset{};  ///< --timestamp: of the sample with the smallest RTT

  /// Of the probes whose fate is known; 0 when there is none.
  [[nodiscard]] double loss_percent() const {
    const auto decided = received + lost + errors;
    return decided == 0 ? 0.0 : 100.0 * static_cast<double>(lost + errors) / static_cast<double>(decided);
  }
};

using ping_event = std::variant<ping_sent, ping_reply, ping_timeout, ping_error, ping_rejected, ping_summary>;

}  // namespace diag::probe
