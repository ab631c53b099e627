// Seeded decisions about frames.
#include "tests/lab/wire/fate.hpp"

#include <algorithm>

namespace delay_wire {

namespace {

enum class question : std::uint64_t { loss = 1, dup, reorder, corrupt, which_bit, jitter };

// The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace

fate decide(const treatment& way, std::uint64_t seed, unsigned direction, std::uint64_t frame_number) {
  const auto stream = mix(mix(mix(seed) + direction) + frame_number);
  const auto draw = [stream](question asked) { return mix(stream + static_cast<std::uint64_t>(asked)); };
  const auto hit = [&draw](question asked, share part) { return (draw(asked) >> 32U) < part.of_two_to_32; };

  fate out;
  out.lost = hit(question::loss, way.loss);
  out.doubled = hit(question::dup, way.dup);
  out.held_back = hit(question::reorder, way.reorder);
  out.damaged = hit(question::corrupt, way.corrupt);
  if (out.damaged) out.damaged_bit = draw(question::which_bit);
  out.delay = way.delay;
  if (way.jitter > nanoseconds{0}) {
    const auto width = 2 * static_cast<std::uint64_t>(way.jitter.count()) + 1;
    out.delay += nanoseconds{static_cast<std::int64_t>(draw(question::jitter) % width)} - way.jitter;
  }
  out.delay = std::max(out.delay, nanoseconds{0});
  if (out.held_back) out.delay += way.reorder_by;
  return out;
}

}  // namespace delay_wire
