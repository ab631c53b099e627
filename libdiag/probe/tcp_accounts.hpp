// What the results of each target amount to, and what they say together.
//
// An answer's TTL tells how far its sender is: initial TTLs are 64, 128 or 255 (32 is long gone), so the
// distance is what is missing to the next of them. SYN-ACKs come from the host, or from whoever speaks for
// it; a RST from another distance was not sent by the same machine. It can be fooled: two routes of different
// length back to us, a host whose stack sends RST and SYN-ACK with different initial TTLs that differ by less
// than their gap, and a device that copies the TTL it sees.
//
// Accounts of targets are kept for at most `most_targets` of them; with one pair to each target none is
// needed, as the first result is also the last. Otherwise there is one account, of the run.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"

namespace diag::probe {

class tcp_accounts {
 public:
  static constexpr std::uint64_t most_targets = 1U << 17;
  static constexpr std::uint64_t most_distributions = 256;

  /// `rounds` 0: endless. `plan` is borrowed.
  tcp_accounts(const tcp_plan& plan, std::uint64_t rounds);

  /// A packet of this target left.
  void sent(std::uint32_t target, std::uint64_t segments = 1);
  /// A pair of this target was taken from the course: pending until its result.
  void asked(std::uint32_t target);
  /// Judges the result against the target's others (reset_by_device ...), counts it, queues it, and the
  /// target's summary after its last result.
  void take(tcp_result result);
  void take(const tcp_anomaly& what);
  /// Summaries of what is still open: of every target that was asked and has none yet.
  void conclude(mono_time now);

  std::optional<tcp_event> next_event() { return events_.pop(); }
  /// Of the whole run.
  [[nodiscard]] const tcp_summary& totals() const { return totals_; }

 private:
  /// How far away the senders of one kind of answer are.
  struct distances {
    std::uint32_t count = 0;
    std::uint8_t first_ttl = 0;  ///< of the kind's first answer
    std::uint8_t other_ttl = 0;  ///< of the first that differed, 0: none did
    std::uint16_t first_port = 0, other_port = 0;
  };
  struct account {
    std::array<std::uint32_t, tcp_state_count> states{};
    std::uint32_t pending = 0;
    std::uint32_t left = 0;  ///< results still to come, 0 when endless
    std::uint32_t sent = 0, anomalies = 0, duplicates = 0, late = 0, answers = 0;
    std::uint8_t found = 0;
    bool told = false;
    distances syn_acks{}, resets{};
    std::int64_t rtt_min = 0, rtt_max = 0;
    double rtt_sum = 0;
  };
  [[nodiscard]] account* account_of(std::uint32_t target);
  void compare(tcp_result& result, account& with) const;
  [[nodiscard]] tcp_summary summarize(std::uint32_t target, account& from, mono_time now) const;

  const tcp_plan& plan_;
  std::uint64_t rounds_;
  bool single_;  ///< one result to each target
  std::vector<account> accounts_;
  std::vector<rtt_statistics> distributions_;
  event_queue<tcp_event> events_;
  tcp_summary totals_;
  double rtt_sum_ = 0;
  std::uint64_t answers_ = 0;
};

/// Hops from an answer's TTL to the sender: what is missing to the next usual initial value.
std::uint8_t hops_away(std::uint8_t hop_limit);

}  // namespace diag::probe
