// What both TCP machines share: the order of questions over rounds, and what a run is configured with.
#pragma once

#include <cstdint>
#include <optional>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"

namespace diag::probe {

/// How a run goes about its plan.
struct tcp_pacing {
  std::uint64_t rounds = 1;  ///< -c: the whole plan so often; 0: until interrupted
  duration interval = 1s;    ///< from the start of one round to the start of the next
  std::uint32_t retries = 2;
  duration timeout = 1s;               ///< of one attempt
  std::optional<duration> deadline{};  ///< of the run
  double rate = 0;                     ///< packets a second; 0: follow the answers
  bool unlimited = false;              ///< no cap at all (--rate 0)
  duration linger{};                   ///< goes on listening so long after the last decision, for conflicts
  bool shuffled = false;               ///< targets and ports in a random order
  std::uint64_t order_seed = 0;
  std::uint64_t start = 0;  ///< first place of round 1 (--resume)
};

/// How long attempt `number` of a pair is waited for. The last of several is given an eighth more: neighbor
/// discovery gives up three seconds after the first packet (RFC 4861 §10, and ARP here alike), and what it
/// then says of a host that is not there comes a little after the third attempt's second is over.
inline duration wait_for(const tcp_pacing& pacing, std::uint32_t number) {
  const bool last = number > 1 && number > pacing.retries;
  return last ? pacing.timeout + pacing.timeout / 8 : pacing.timeout;
}

/// Which pair comes next.
class tcp_course {
 public:
  struct step {
    std::uint64_t round = 1;
    std::uint64_t place = 0;  ///< in the order of the round
    tcp_pair pair{};
  };
  /// `plan` is borrowed.
  tcp_course(const tcp_plan& plan, const tcp_pacing& pacing);
  /// Whether there is a step that may be taken at `now`; the first call starts the clock of the rounds.
  [[nodiscard]] bool ready(mono_time now);
  /// When ready() becomes true by itself; nullopt: never (all taken, or nothing but time is missing).
  [[nodiscard]] std::optional<mono_time> next_at() const;
  /// Precondition: ready().
  step take();
  [[nodiscard]] bool all_taken() const;
  /// Steps taken, the skipped ones of --resume not counted.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// Steps in all; 0: endless.
  [[nodiscard]] std::uint64_t total() const;
  /// The place after the last one taken in this round.
  [[nodiscard]] std::uint64_t place() const { return place_; }

 private:
  const tcp_plan& plan_;
  const tcp_pacing pacing_;
  permutation order_;
  std::uint64_t round_ = 1;
  std::uint64_t place_;
  std::uint64_t taken_ = 0;
  bool started_ = false;
  mono_time round_began_{};
};

}  // namespace diag::probe
