// Who has these addresses? Round after round of ARP requests and neighbour solicitations, every answer kept.
//
// A probe to an address goes out only when the one before was answered or timed out: answers do not say
// which probe they answer, so no more than one may be open. A sweep asks again only the silent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/neighbor_book.hpp"
#include "libdiag/probe/neighbor_event.hpp"
#include "libdiag/probe/targets.hpp"

namespace diag::probe {

struct neighbor_config {
  std::vector<neighbor_link> links{};       ///< at least one
  std::span<const std::uint8_t> link_of{};  ///< by target; empty: all are on links[0]. Borrowed
  std::uint64_t rounds = 0;                 ///< probes to each target; 0: endless
  bool only_silent = false;  ///< sweep: from the second round on only targets without an answer
  duration interval = 1s;    ///< from round to round, at least; longer while answers are waited for
  duration timeout = 1s;     ///< of one probe
  double backoff = 1.0;      ///< each round's timeout is that many times the one before
  std::optional<duration> deadline{};
  duration linger = 10ms;  ///< after the last answer was in, for a second owner to speak up
  double rate = 0;         ///< packets a second over all targets; 0: no cap
  bool want_stamps = true;
  enum class manner : std::uint8_t {
    broadcast,  ///< every probe goes to everyone: a second owner is heard
    unicast,    ///< once an owner is known, or `known` has one, to it alone
    fixed,      ///< to `destination`, whoever that is
  };
  manner how = manner::broadcast;
  mac_address destination{};
  std::vector<std::pair<ip_address, mac_address>> known{};  ///< what this host remembered of its neighbours
  /// Second looks: each new owner is asked by unicast, and for `impossible` addresses.
  bool looks = true;
  bool await_looks = false;  ///< do not end before they were answered or timed out
  std::vector<ip_address> impossible{};
  std::uint64_t stop_after = 0;  ///< end after so many answers in time (--replies); 0: never
  bool watch = false;            ///< sightings change owners too, and a silent round ends ownership
};

/// Totals over all targets. sent = received + lost + not_sent + pending.
struct neighbor_totals {
  std::uint64_t targets = 0, in_use = 0;
  std::uint64_t conflicts = 0;  ///< with more than one owner, whatever that means (neighbor_findings.hpp)
  std::uint64_t sent = 0, received = 0, lost = 0, not_sent = 0, pending = 0;
  std::uint64_t late = 0, duplicates = 0, ambiguous = 0, sightings = 0, looks = 0;
  std::uint64_t receiver_dropped = 0;
  reject_counts rejected{};
};

class neighbor_run final : public machine {
 public:
  using event = neighbor_event;
  /// `targets` is borrowed for the machine's life; at most 2^20.
  neighbor_run(const neighbor_config& config, const target_list& targets);
  ~neighbor_run() override;

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// A neighbor_summary for each target that was asked comes last of all, once the run is over.
  std::optional<neighbor_event> next_event();

  [[nodiscard]] const neighbor_totals& totals() const;
  /// The account so far, for an interim report; `at` and `elapsed` only once the run is over. Precondition:
  /// target < targets.size().
  [[nodiscard]] neighbor_summary account(std::uint32_t target) const;
  /// For neighbor_oddities; borrowed, complete once the run is over.
  [[nodiscard]] const neighbor_facts& facts() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

static_assert(probe_machine<neighbor_run>);

}  // namespace diag::probe
