// Who owns each target now: told apart from who answered once. For runs that watch.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/neighbor_event.hpp"
#include "libdiag/probe/neighbor_ledger.hpp"

namespace diag::probe {

/// An owner changes when another one answers a probe that the old one does not answer within `settle`, when
/// another one announces itself, or when three probes in a row have no answer.
class neighbor_watch {
 public:
  static constexpr duration settle = 100ms;
  static constexpr std::uint32_t silent_probes = 3;

  neighbor_watch(std::uint32_t targets, const neighbor_ledger& ledger) : owners_(targets), ledger_{ledger} {}

  /// An answer in time.
  void answered(const neighbor_reply& reply);
  std::optional<neighbor_change> announced(std::uint32_t target, const mac_address& mac, mono_time at);
  /// A probe was lost.
  std::optional<neighbor_change> silent(std::uint32_t target, mono_time at);
  /// Changes that are certain by now, one a call.
  std::optional<neighbor_change> settled(mono_time now);
  [[nodiscard]] std::optional<mono_time> next() const;

 private:
  struct contender {
    std::uint32_t target = 0;
    mac_address mac{};
    mono_time at{};
  };
  std::vector<std::optional<mac_address>> owners_;
  std::deque<contender> contenders_;
  const neighbor_ledger& ledger_;
};

}  // namespace diag::probe
