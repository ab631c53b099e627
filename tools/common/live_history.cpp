// Rings of samples, and their division into graph columns.
#include "tools/common/live_history.hpp"

#include <algorithm>

namespace diag::tools {
namespace {

using fate = live_sample::fate;

constexpr duration steps[] = {10ms, 20ms, 50ms, 100ms, 200ms, 500ms, 1s,   2s,    5s,
                              10s,  20s,  30s,  60s,   120s,  300s,  600s, 1800s, 3600s};

/// Probes leave a little late, never early: 1.02 s apart are meant to be 1 s apart.
duration step_for(duration spacing) {
  for (const auto step : steps)
    if (spacing <= step + step / 8) return step;
  return steps[std::size(steps) - 1];
}

}  // namespace

duration live_bins::worst() const {
  duration longest{};
  for (const auto& bin : columns) longest = std::max(longest, bin.worst);
  return longest;
}

live_history::live_history(std::size_t lines)
    : capacity_{std::clamp(budget / std::max<std::size_t>(lines, 1), least, most)}, rings_(lines) {}

void live_history::clear() {
  rings_.assign(rings_.size(), {});
  down_ = 0;
}

void live_history::add(std::size_t line, const live_sample& sample) {
  if (line >= rings_.size()) return;
  auto& ring = rings_[line];
  if (ring.total++ == 0) ring.first = sample.sent;
  if (ring.samples.size() < capacity_) {
    ring.samples.push_back(sample);
  } else {
    ring.samples[ring.oldest] = sample;
    ring.oldest = (ring.oldest + 1) % capacity_;
  }
  if (sample.sent < ring.newest && ring.total > 1) return;
  ring.newest = sample.sent;
  const bool down = sample.what != fate::answered;
  if (down != ring.down) down ? ++down_ : --down_;
  ring.down = down;
}

live_bins live_history::bins(std::size_t line, mono_time now, int columns) const {
  const auto& ring = rings_[line];
  live_bins out;
  out.columns.resize(static_cast<std::size_t>(std::max(columns, 1)));
  if (ring.samples.empty()) return out;

  mono_time earliest = mono_time::max();
  mono_time latest = mono_time::min();
  for (const auto& sample : ring.samples) {
    earliest = std::min(earliest, sample.sent);
    latest = std::max(latest, sample.sent);
  }
  const auto gaps = static_cast<std::int64_t>(ring.samples.size()) - 1;
  out.step = gaps == 0 ? duration{1s} : step_for((latest - earliest) / gaps);

  // Half a step before the first probe: a probe that leaves a little early or late stays in its own column.
  const auto origin = ring.first - out.step / 2;
  const auto index = [&](mono_time at) { return (at - origin) / out.step; };
  const auto newest = index(std::max(now, latest));
  for (const auto& sample : ring.samples) {
    const auto back = newest - index(sample.sent);
    if (back < 0 || back >= static_cast<std::int64_t>(out.columns.size())) continue;
    auto& bin = out.columns[out.columns.size() - 1 - static_cast<std::size_t>(back)];
    if (sample.what == fate::answered) {
      ++bin.answered;
      bin.worst = std::max(bin.worst, sample.rtt);
    } else {
      ++(sample.what == fate::not_sent ? bin.not_sent : bin.lost);
    }
  }
  return out;
}

}  // namespace diag::tools
