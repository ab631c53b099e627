// Four rounds of the run's keyed hash.
#include "libdiag/probe/tcp_token.hpp"

namespace diag::probe {

std::uint32_t tcp_token::sequence_of(probe_token attempt) const {
  auto left = static_cast<std::uint32_t>(attempt >> 16 & 0xffff);
  auto right = static_cast<std::uint32_t>(attempt & 0xffff);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto next = left ^ scramble(right, round);
    left = right;
    right = next;
  }
  return left << 16 | right;
}

std::uint32_t tcp_token::attempt_of(std::uint32_t sequence) const {
  auto left = sequence >> 16;
  auto right = sequence & 0xffff;
  for (std::uint64_t round = rounds; round-- > 0;) {
    const auto before = right ^ scramble(left, round);
    right = left;
    left = before;
  }
  return left << 16 | right;
}

std::uint32_t tcp_token::scramble(std::uint32_t half, std::uint64_t round) const {
  return static_cast<std::uint32_t>(keyed_hash(key_, {half | round << 32}) & 0xffff);
}

}  // namespace diag::probe
