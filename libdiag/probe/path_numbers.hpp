// Sixteen-bit fields that lead back to a probe: 65,535 numbers in a keyed order, none of them zero.
#pragma once

#include <array>
#include <cstdint>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/stimulus.hpp"

namespace diag::probe {

/// A field that must not be zero (an IPv4 identification of zero is the kernel's to fill in, a UDP checksum
/// of zero means none) has 65,535 values, so probes 65,535 apart share one. Whoever sees the two numbers of
/// some probes must not learn which two belong together in others: that is what a forged quote is known by.
class path_numbers {
 public:
  static constexpr std::uint32_t values = 65535;

  path_numbers(const hash_key& key, std::uint64_t purpose);
  [[nodiscard]] std::uint16_t of(probe_token index) const;
  /// The newest probe up to `newest` that has this number; 0: the field is zero, or none has.
  [[nodiscard]] probe_token newest_of(std::uint16_t field, probe_token newest) const;

 private:
  [[nodiscard]] std::uint32_t forward(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t backward(std::uint32_t number) const;

  std::array<std::array<std::uint8_t, 256>, 6> rounds_{};
};

}  // namespace diag::probe
