// Who answered for which target, and what became of each probe. Flat: 24 octets a target, 28 an owner; a
// series, which has few targets, keeps counters and RTTs beside.
//
// An answer does not say which probe it answers. It is paired for certain with the last one when its owner
// answered the one before, too, or when nothing can be under way any more (`settled`). Otherwise the answer
// is ambiguous, and the next probe has to wait until what may still come has come: not_before(). What would
// come after more than `memory` is not thought of.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/neighbor_event.hpp"

namespace diag::probe {

class neighbor_ledger {
 public:
  static constexpr std::uint32_t most_owners = 16;             ///< kept of one target
  static constexpr std::size_t most_owners_in_all = 1U << 20;  ///< whatever is claimed out there

  /// `sweep`: a target has at most 255 probes. `timeout`: answers after it are late.
  neighbor_ledger(std::uint32_t targets, bool sweep, duration timeout);

  /// Of the probes from here on: the rounds of a run that backs off wait longer and longer.
  void patience(duration timeout) { timeout_ = timeout; }
  /// A probe goes out. Precondition: none is open.
  void open(std::uint32_t target, mono_time now, asked_by way);
  /// When the last one left: by this process, which may have kept it in a batch, or by the kernel.
  void stamp(std::uint32_t target, const moment& left);
  /// The open probe ends without an answer. Precondition: it is open.
  void lose(std::uint32_t target);
  void fail(std::uint32_t target, reason why);

  [[nodiscard]] bool is_open(std::uint32_t target) const { return (entries_[target].flags & open_bit) != 0; }
  /// An answer, of whatever kind, came.
  [[nodiscard]] bool is_owned(std::uint32_t target) const { return entries_[target].owner != none; }
  [[nodiscard]] mono_time sent_at(std::uint32_t target) const { return entries_[target].sent_at; }
  [[nodiscard]] std::uint64_t sent(std::uint32_t target) const;
  [[nodiscard]] std::uint64_t not_sent(std::uint32_t target) const;
  [[nodiscard]] reason last_error(std::uint32_t target) const;
  /// The next probe would make pairing impossible before; mono_time::min(): go.
  [[nodiscard]] mono_time not_before(std::uint32_t target) const;
  /// Probes without an answer since the last one that had one.
  [[nodiscard]] std::uint32_t silent_in_a_row(std::uint32_t target) const;

  /// Files an answer to a probe; fills in everything of the event but `said` and `at`.
  neighbor_reply answer(std::uint32_t target, const moment& came, mono_time read_at,
                        const neighbor_message& said);
  /// Files an answer to a second look, which went to the owner alone.
  neighbor_reply look_answer(std::uint32_t target, mono_time at, duration rtt, const neighbor_message& said);

  /// The hardware address whose answer came first; nullopt: none has.
  [[nodiscard]] std::optional<mac_address> first_owner(std::uint32_t target) const;
  [[nodiscard]] std::uint32_t owner_count(std::uint32_t target) const;
  /// Whether this owner answered the target's last probe.
  [[nodiscard]] bool answered_last(std::uint32_t target, const mac_address& mac) const;
  [[nodiscard]] std::vector<neighbor_owner> owners(std::uint32_t target) const;
  [[nodiscard]] neighbor_summary account(std::uint32_t target) const;

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;
  enum : std::uint8_t { open_bit = 1, answered_bit = 2, unicast_bit = 4, crowded_bit = 8, failed_bit = 16 };
  // octet for octet: a sweep has 65,536 of these
  struct entry {
    mono_time sent_at{};           ///< of the last probe
    std::uint32_t silent_for = 0;  ///< microseconds from the first probe without an answer to sent_at
    std::uint32_t left_after = 0;  ///< nanoseconds from sent_at to the kernel's stamp; 0: there is none
    std::uint32_t owner = none;    ///< the first
    std::uint8_t sent = 0, not_sent = 0, late = 0, flags = 0;
  };
  struct owner_entry {
    std::uint32_t next = none;
    std::uint32_t first = 0, last = 0;  ///< milliseconds since the first probe of the run
    std::uint32_t rtt = 0;              ///< nanoseconds; 0: none is certain and fits (4.29 s)
    mac_address mac{};
    std::uint16_t traits = 0;
    std::uint8_t number = 0;  ///< of the last probe it answered; this and the next two only in a sweep
    std::uint8_t answers = 0;
    std::uint16_t duplicates = 0;
  };
  /// The same numbers without an end, for a series.
  struct owner_counters {
    std::uint64_t number = 0, answers = 0, duplicates = 0;
  };
  struct counters {
    std::uint64_t sent = 0, received = 0, lost = 0, not_sent = 0, late = 0, ambiguous = 0;
    std::uint64_t settled = 0;                     ///< up to this probe, all answers have come
    std::uint64_t last_left = 0, left_before = 0;  ///< numbers of the last two probes that left
    entry before{};                                ///< the last probe, for when it never leaves
    mono_time first_sent{}, not_before = mono_time::min();
    std::uint32_t silent = 0;
    reason error = reason::none;
    rtt_statistics rtt{};
  };
  struct elapsed {
    duration since{};
    stamp_source source = stamp_source::user;
  };

  [[nodiscard]] bool is_sweep() const { return counters_.empty(); }
  /// Probes that left: what can be answered. Owners and `settled` count by these.
  [[nodiscard]] std::uint64_t left(std::uint32_t target) const { return sent(target) - not_sent(target); }
  /// The number of the last of them.
  [[nodiscard]] std::uint64_t last_number(std::uint32_t target) const;
  struct filed {
    std::uint32_t owner = none;  ///< none: no room
    bool added = false;
  };
  filed file(std::uint32_t target, mono_time at, const neighbor_message& said, asked_by way);
  [[nodiscard]] static elapsed since_sent(const entry& of, const moment& came, mono_time read_at);
  void pair(neighbor_reply& reply, std::uint32_t target, std::uint64_t answered_before);
  /// An answer beyond the first to a probe: ambiguous, if that one was. `since` the last probe.
  void doubt(neighbor_reply& reply, std::uint32_t owner, duration since) const;
  /// Of the last probe this owner answered, 0: none.
  [[nodiscard]] std::uint64_t number_of(std::uint32_t owner) const;
  void answered(std::uint32_t owner, const neighbor_reply& reply);
  [[nodiscard]] duration longest(std::uint32_t target, duration since) const;
  [[nodiscard]] std::uint32_t since_start(mono_time at) const;
  [[nodiscard]] neighbor_owner unpacked(std::uint32_t owner) const;

 public:
  static constexpr std::size_t target_octets = sizeof(entry);
  static constexpr std::size_t owner_octets = sizeof(owner_entry);

 private:
  std::vector<entry> entries_;
  std::vector<counters> counters_;  ///< empty in a sweep
  std::deque<owner_entry> owners_;
  std::deque<owner_counters> owner_counters_;  ///< by owner; empty in a sweep
  /// Of those owners alone whose last frame came from another address.
  std::unordered_map<std::uint32_t, mac_address> frame_sources_;
  duration timeout_;
  duration memory_;
  mono_time start_{};
  bool started_ = false;
  reason error_ = reason::none;  ///< the last of a sweep: it fails for all alike
};

}  // namespace diag::probe
