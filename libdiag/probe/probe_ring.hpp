// The ring of what was sent lately, indexed by the low bits of a probe's number: an answer finds its record
// without a search. A record outlives its probe for a while, which is what tells a late answer and a
// duplicate apart.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// Notes when a probe left. Better sources replace lesser ones.
template <class Record>
void note_departure(Record& probe, const moment& when) {
  if (when.source == stamp_source::user) {
    probe.user_sent = when.at;
  } else if (when.source >= probe.kernel_source) {
    probe.kernel_sent = when.at;
    probe.kernel_source = when.source;
  }
}

/// `Record` has `index` (0: the slot was never used), `user_sent` and `state`. Probes are numbered from 1.
template <class Record>
class probe_ring {
 public:
  /// `max_slots` is a power of two.
  probe_ring(std::uint32_t max_slots, duration memory)
      : ring_{std::make_unique<Record[]>(std::min(first_slots, max_slots))},
        slots_{std::min(first_slots, max_slots)},
        max_slots_{max_slots},
        memory_{memory} {
    assert((max_slots & (max_slots - 1)) == 0);
  }

  /// False when the ring is full of probes still in flight: wait for one to end.
  [[nodiscard]] bool has_room(mono_time now) {
    for (;;) {
      const auto& occupant = next_slot();
      const auto busy = occupant.index != 0 && occupant.state == probe_state::in_flight;
      const auto remembered = occupant.index != 0 && now - occupant.user_sent < memory_;
      if (!busy && !remembered) return true;
      if (slots_ == max_slots_) return !busy;
      grow();
    }
  }
  /// The ring cannot grow any more and its next slot is in flight.
  [[nodiscard]] bool full() const {
    const auto& occupant = next_slot();
    return slots_ == max_slots_ && occupant.index != 0 && occupant.state == probe_state::in_flight;
  }
  /// Takes the next slot. Precondition: has_room().
  Record& add(mono_time now) {
    ++newest_;
    auto& slot = ring_[newest_ & (slots_ - 1)];
    slot = Record{};
    slot.index = newest_;
    slot.user_sent = now;
    ++in_flight_;
    return slot;
  }

  /// The record, unless the ring has moved on.
  [[nodiscard]] Record* record(probe_token index) {
    auto& slot = ring_[index & (slots_ - 1)];
    return index != 0 && slot.index == index ? &slot : nullptr;
  }
  [[nodiscard]] const Record* record(probe_token index) const {
    const auto& slot = ring_[index & (slots_ - 1)];
    return index != 0 && slot.index == index ? &slot : nullptr;
  }
  [[nodiscard]] probe_token newest() const { return newest_; }

  /// The oldest probe still in flight; nullptr if none. Amortised O(1): it only ever moves forward.
  [[nodiscard]] Record* oldest_in_flight() {
    if (in_flight_ == 0) {
      oldest_ = newest_ + 1;
      return nullptr;
    }
    for (; oldest_ <= newest_; ++oldest_) {
      auto* probe = record(oldest_);
      if (probe && probe->state == probe_state::in_flight) return probe;
    }
    return nullptr;
  }
  /// The next one after `probe` that is in flight; nullptr if none.
  [[nodiscard]] const Record* next_in_flight(const Record& probe) const {
    for (auto index = probe.index + 1; index <= newest_; ++index) {
      const auto* later = record(index);
      if (later && later->state == probe_state::in_flight) return later;
    }
    return nullptr;
  }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

  /// Gives the probe its terminal state. Precondition: it is in flight.
  void close(Record& probe, probe_state state) {
    assert(probe.state == probe_state::in_flight && state != probe_state::in_flight);
    probe.state = state;
    --in_flight_;
  }

 private:
  static constexpr std::uint32_t first_slots = 64;

  [[nodiscard]] const Record& next_slot() const { return ring_[(newest_ + 1) & (slots_ - 1)]; }
  void grow() {
    const auto wider = slots_ * 2;
    auto next = std::make_unique<Record[]>(wider);
    for (std::uint32_t i = 0; i < slots_; ++i)
      if (ring_[i].index != 0) next[ring_[i].index & (wider - 1)] = ring_[i];
    ring_ = std::move(next);
    slots_ = wider;
  }

  std::unique_ptr<Record[]> ring_;
  std::uint32_t slots_;
  std::uint32_t max_slots_;
  duration memory_;
  probe_token newest_ = 0;
  probe_token oldest_ = 1;  ///< every index below is not in flight
  std::uint64_t in_flight_ = 0;
};

}  // namespace diag::probe
