// A Feistel network of six rounds over two octets, its round functions drawn from the key.
#include "libdiag/probe/path_numbers.hpp"

namespace diag::probe {

namespace {

constexpr std::uint32_t outside = path_numbers::values;  ///< the one of 65,536 that is no number of ours

}  // namespace

path_numbers::path_numbers(const hash_key& key, std::uint64_t purpose) {
  std::uint64_t drawn = 0;
  std::uint64_t octets = 0;
  for (auto& round : rounds_)
    for (auto& value : round) {
      if (octets % 8 == 0) drawn = keyed_hash(key, {purpose, 0x70617468, octets / 8});
      value = static_cast<std::uint8_t>(drawn >> octets % 8 * 8);
      ++octets;
    }
}

std::uint32_t path_numbers::forward(std::uint32_t number) const {
  auto left = number >> 8, right = number & 0xff;
  for (const auto& round : rounds_) {
    const auto next = left ^ round[right];
    left = right;
    right = next;
  }
  return left << 8 | right;
}

std::uint32_t path_numbers::backward(std::uint32_t number) const {
  auto left = number >> 8, right = number & 0xff;
  for (auto round = rounds_.rbegin(); round != rounds_.rend(); ++round) {
    const auto before = right ^ (*round)[left];
    right = left;
    left = before;
  }
  return left << 8 | right;
}

std::uint16_t path_numbers::of(probe_token index) const {
  // Walked on where it leads outside, which keeps it one to one.
  auto number = forward(static_cast<std::uint32_t>(index % values));
  if (number == outside) number = forward(number);
  return static_cast<std::uint16_t>(number + 1);
}

probe_token path_numbers::newest_of(std::uint16_t field, probe_token newest) const {
  if (field == 0) return 0;
  auto residue = backward(field - 1U);
  if (residue == outside) residue = backward(residue);
  const auto newest_residue = static_cast<std::uint32_t>(newest % values);
  const auto behind = (newest_residue + values - residue) % values;
  return behind < newest ? newest - behind : 0;
}

}  // namespace diag::probe
