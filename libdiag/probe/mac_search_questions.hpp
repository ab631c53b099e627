// The questions of a MAC search, by number: what their frames say, and when each was asked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/probe/correlate.hpp"
#include "libdiag/probe/mac_search.hpp"
#include "libdiag/probe/neighbor_question.hpp"

namespace diag::probe {

/// One pass asks echo requests, InARP, RARP, then the targets. The next pass asks them all again, under new
/// numbers. Flat memory: the times of the last `remembered` questions are kept, those of others forgotten.
class mac_questions {
 public:
  static constexpr std::size_t remembered = 4096;

  /// Both are borrowed.
  mac_questions(const mac_search_config& config, const target_list& targets);

  [[nodiscard]] std::uint64_t of_a_pass() const { return specials_.size() + targets_.size(); }
  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  /// Every pass begun is asked to its end.
  [[nodiscard]] bool pass_ended() const { return of_a_pass() == 0 || asked_ % of_a_pass() == 0; }
  /// The next question; its token is its number, from 1. Borrowed until the next call.
  transmit ask(mono_time now);
  void left(const sent& what);
  /// It never left after all. False: it is forgotten, or was never asked.
  bool failed(probe_token number);

  struct asking {
    bool asked = false;
    std::optional<round_trip> rtt{};  ///< when one question alone can have been meant, and is remembered
  };
  [[nodiscard]] asking asked_for(std::uint64_t target, const arrival& answer) const;
  /// InARP or RARP.
  [[nodiscard]] asking asked_by(mac_evidence how, const arrival& answer) const;
  /// The echo request with this sequence; nullopt: there was none.
  [[nodiscard]] std::optional<asking> echoed(std::uint16_t sequence, const arrival& answer) const;

 private:
  struct special {
    mac_evidence how = mac_evidence::echo;
    ip_address destination{};  ///< of an echo request
  };
  struct departure {
    probe_token number = 0;  ///< 0: none
    mono_time user_sent{};
    mono_time kernel_sent{};
    stamp_source kernel_source = stamp_source::user;
  };
  [[nodiscard]] asking look_up(std::uint64_t place, const arrival& answer) const;
  [[nodiscard]] std::optional<round_trip> time_of(probe_token number, const arrival& answer) const;
  byte_view special_frame(std::uint64_t place);

  const mac_search_config& config_;
  const target_list& targets_;
  std::vector<special> specials_{};
  std::uint64_t echoes_ = 0;  ///< of the specials, the first ones
  neighbor_question question_;
  std::vector<std::byte> frame_{};
  std::vector<departure> departures_;
  std::uint64_t asked_ = 0;
};

}  // namespace diag::probe
