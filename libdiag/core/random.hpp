// Reproducible pseudo-random numbers, and the keyed hash that makes probe tokens unguessable.
// The seed comes from outside: io::entropy in the tools, a literal in tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace diag {

/// SplitMix64 (Steele, Lea, Flood 2014): 64-bit state, passes BigCrush, the same sequence everywhere.
class seeded_random {
 public:
  using result_type = std::uint64_t;
  explicit seeded_random(std::uint64_t seed) : state_{seed} {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();

  /// Uniform in [0, bound); bound 0 yields 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit();

 private:
  std::uint64_t state_;
};

/// SipHash-2-4 key (Aumasson, Bernstein 2012).
using hash_key = std::array<std::uint64_t, 2>;

hash_key make_hash_key(seeded_random& random);

/// SipHash-2-4 of the words, each taken as eight little-endian octets.
std::uint64_t keyed_hash(const hash_key& key, std::initializer_list<std::uint64_t> words);

}  // namespace diag
