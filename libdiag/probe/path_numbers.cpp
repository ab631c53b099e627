// Multiply and add, modulo 65,535.
#include "libdiag/probe/path_numbers.hpp"

#include <numeric>

namespace diag::probe {

namespace {

std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(std::uint64_t{a} * b % path_numbers::values);
}

/// 65,535 = 3 * 5 * 17 * 257, so units have an order that divides lcm(2, 4, 16, 256) = 256: the inverse is
/// the 255th power.
std::uint32_t inverse_of(std::uint32_t unit) {
  std::uint32_t out = 1;
  for (int i = 0; i < 255; ++i) out = times(out, unit);
  return out;
}

}  // namespace

path_numbers::path_numbers(const hash_key& key, std::uint64_t purpose) {
  const auto drawn = keyed_hash(key, {purpose, 0x70617468});
  factor_ = static_cast<std::uint32_t>(drawn % values);
  while (std::gcd(factor_, values) != 1) factor_ = (factor_ + 1) % values;
  inverse_ = inverse_of(factor_);
  offset_ = static_cast<std::uint32_t>((drawn >> 32) % values);
}

std::uint16_t path_numbers::of(probe_token index) const {
  const auto residue = static_cast<std::uint32_t>(index % values);
  return static_cast<std::uint16_t>((times(residue, factor_) + offset_) % values + 1);
}

probe_token path_numbers::newest_of(std::uint16_t field, probe_token newest) const {
  if (field == 0) return 0;
  const auto residue = times((field - 1U + values - offset_) % values, inverse_);
  const auto newest_residue = static_cast<std::uint32_t>(newest % values);
  const auto behind = (newest_residue + values - residue) % values;
  return behind < newest ? newest - behind : 0;
}

}  // namespace diag::probe
