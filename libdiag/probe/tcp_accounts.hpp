// What the results of each target amount to, and what they say together.
//
// An answer's TTL tells how far its sender is: initial TTLs are 64, 128 or 255 (32 is long gone), so the
// distance is what is missing to the next of them. The host is as far away as the farthest of its answers; a
// RST or SYN-ACK from nearer was sent by a device on the way. It can be fooled: by two ways back of different
// length, by a device that copies the TTL it sees, and as long as only the device has answered.
//
// Accounts are kept for at most `most_targets` targets; beyond that there is one, of the run. With one pair
// to each of more than `few_targets` none is needed, as the first result is also the last.
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
  static constexpr std::uint64_t few_targets = 4096;
  static constexpr std::uint64_t most_targets = 1U << 16;
  static constexpr std::uint64_t most_distributions = 256;

  /// `rounds` 0: endless. `plan` is borrowed. Where what comes after the last result counts (--linger),
  /// summaries wait for conclude().
  tcp_accounts(const tcp_plan& plan, std::uint64_t rounds, bool lingering = false);

  /// A packet of this target left.
  void sent(std::uint32_t target, std::uint64_t segments = 1);
  /// One that was counted did not leave after all.
  void unsent(std::uint32_t target);
  /// A pair of this target was taken from the course: pending until its result.
  void asked(std::uint32_t target);
  /// Judges the result against the target's others (reset_by_device ...), counts it, queues it, and the
  /// target's summary after its last result.
  void take(tcp_result result);
  void take(const tcp_anomaly& what);
  /// The run is cut short while this target's only pair is under way, after so many segments.
  void give_up(mono_time now, std::uint32_t target, std::uint64_t segments);
  /// Summaries of what is still open: of every target that was asked and has none yet.
  void conclude(mono_time now);

  std::optional<tcp_event> next_event() { return events_.pop(); }
  /// Of the whole run.
  [[nodiscard]] const tcp_summary& totals() const { return totals_; }

 private:
  struct rtt_range {
    duration least{}, most{}, sum{};
    std::uint64_t count = 0;
    void add(duration rtt);
    void into(tcp_summary& out) const;
  };
  struct account {
    std::array<std::uint64_t, tcp_state_count> states{};
    std::uint64_t pending = 0;
    std::uint64_t left = 0;  ///< results still to come; unused when endless
    std::uint64_t sent = 0, anomalies = 0, duplicates = 0, late = 0;
    rtt_range rtt{};
    tcp_findings found = 0;
    bool asked = false, told = false;
    bool heard = false;  ///< a TCP answer with a TTL: the distances below are known
    std::uint8_t near_hops = 0, far_hops = 0;
    std::uint16_t near_port = 0;
    bool near_reset = false;  ///< the nearest answer was a RST
  };
  [[nodiscard]] account* account_of(std::uint32_t target);
  static void compare(tcp_result& result, account& with);
  void tell(std::uint32_t target, account& of, mono_time now);
  [[nodiscard]] static tcp_summary sole_summary(const tcp_result& result);

  const tcp_plan& plan_;
  std::uint64_t rounds_;
  bool lingering_;
  bool single_;  ///< one result to each target, and nothing counts after it
  std::vector<account> accounts_;
  std::vector<rtt_statistics> distributions_;
  event_queue<tcp_event> events_;
  tcp_summary totals_;
  rtt_range rtt_;
};

/// Hops from an answer's TTL to the sender: what is missing to the next usual initial value.
std::uint8_t hops_away(std::uint8_t hop_limit);

}  // namespace diag::probe
