// Numbers on the wire that lead back to their probe: a Feistel network over 32 bits, keyed by the run.
#pragma once

#include <cstdint>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/stimulus.hpp"

namespace diag::probe {

/// Sequence numbers that lead back to their attempt, and that nobody can guess.
class tcp_token {
 public:
  explicit tcp_token(const hash_key& key) : key_{key} {}
  [[nodiscard]] std::uint32_t sequence_of(probe_token attempt) const;
  /// The low 32 bits of the attempt that a sequence number stands for; every number stands for one.
  [[nodiscard]] std::uint32_t attempt_of(std::uint32_t sequence) const;

 private:
  static constexpr std::uint64_t rounds = 4;
  [[nodiscard]] std::uint32_t scramble(std::uint32_t half, std::uint64_t round) const;

  hash_key key_;
};

}  // namespace diag::probe
