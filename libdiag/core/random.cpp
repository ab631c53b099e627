// SplitMix64 and SipHash-2-4.
#include "libdiag/core/random.hpp"

#include <bit>

namespace diag {
namespace {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void compress(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

seeded_random::result_type seeded_random::operator()() {
  state_ += 0x9e3779b97f4a7c15;
  auto z = state_;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

std::uint64_t seeded_random::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // 2^64 mod bound values at the bottom would make the small results likelier: draw again.
  const auto refused = (0 - bound) % bound;
  auto drawn = (*this)();
  while (drawn < refused) drawn = (*this)();
  return drawn % bound;
}

double seeded_random::unit() {
  return static_cast<double>((*this)() >> 11) * 0x1p-53;
}

hash_key make_hash_key(seeded_random& random) {
  const auto first = random();
  return {first, random()};
}

std::uint64_t keyed_hash(const hash_key& key, std::initializer_list<std::uint64_t> words) {
  // The constants spell "somepseudorandomlygeneratedbytes" (SipHash §2.1).
  sip_state state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                  key[1] ^ 0x7465646279746573};
  for (const auto word : words) state.compress(word);
  // Whole words leave no rest, so the last block is the length in octets modulo 256 in its top octet.
  state.compress(std::uint64_t{words.size()} * 8 << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace diag
