// What the TCP machines report, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/statistics.hpp"
#include "libdiag/probe/tcp_result.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// A packet that did not decide anything: not believed, late, duplicate, or in conflict.
struct tcp_anomaly {
  reject_reason why = reject_reason::bad_flags;
  mono_time at{};
  ip_address from{};
  std::optional<std::uint32_t> target{};  ///< where it names one of our probes
  std::uint16_t port = 0;                 ///< of the target; 0 unknown
  std::uint16_t source_port = 0;
  std::uint16_t flags = 0;  ///< wire::tcp_flag, of a TCP segment
  std::optional<std::uint8_t> hop_limit{};
  std::uint8_t icmp_type = 0;  ///< with `icmp`
  std::uint8_t icmp_code = 0;
  bool icmp = false;
  std::optional<duration> rtt{};  ///< late: since its attempt was sent
};

/// What the results of one target say together.
enum class tcp_finding : std::uint8_t {
  reset_by_device = 1,     ///< some RSTs did not come from as far as the host's SYN-ACKs
  open_everywhere = 2,     ///< every one of 16 or more ports answered with a SYN-ACK: a middlebox may do that
  icmp_rate_limited = 4,   ///< some ports rejected by ICMP, others of the same run silent
  loss = 8,                ///< answers came to later attempts: there is loss on the path
  conflict = 16,           ///< contradictory answers to one probe
  syn_ack_by_device = 32,  ///< some SYN-ACKs came from elsewhere than the host's other answers
};
using tcp_findings = std::uint8_t;
inline tcp_findings operator|(tcp_findings set, tcp_finding one) {
  return static_cast<tcp_findings>(set | static_cast<std::uint8_t>(one));
}
inline bool has(tcp_findings set, tcp_finding one) {
  return (set & static_cast<std::uint8_t>(one)) != 0;
}
std::string_view describe(tcp_finding one);
inline constexpr std::array all_tcp_findings{
    tcp_finding::reset_by_device,
    tcp_finding::syn_ack_by_device,
    tcp_finding::open_everywhere,
    tcp_finding::icmp_rate_limited,
    tcp_finding::loss,
    tcp_finding::conflict,
};

using tcp_state_counts = std::array<std::uint64_t, tcp_state_count>;

/// The account of one target, or of the whole run. probes = sum of states + pending.
struct tcp_summary {
  std::optional<std::uint32_t> target{};  ///< none: the run, where accounts of targets are not kept
  mono_time at{};
  tcp_state_counts states{};
  std::uint64_t pending = 0;  ///< asked, and not decided when the run was cut short
  std::uint64_t sent = 0;     ///< SYNs that left, retries included
  std::uint64_t anomalies = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  tcp_findings found = 0;
  std::uint16_t example_port = 0;  ///< of reset_by_device or syn_ack_by_device
  std::optional<std::uint8_t> device_hops{}, host_hops{};
  std::optional<duration> rtt_min{}, rtt_mean{}, rtt_max{};
  /// Borrowed from the machine until the next feed(); nullptr where there are too many targets to keep it.
  const rtt_statistics* rtt = nullptr;

  [[nodiscard]] std::uint64_t decided() const {
    std::uint64_t all = 0;
    for (const auto count : states) all += count;
    return all;
  }
};

using tcp_event = std::variant<tcp_result, tcp_anomaly, tcp_summary>;

}  // namespace diag::probe
