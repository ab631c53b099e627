// A line of history for each hop of each target.
#include "tools/traceroute/live_path.hpp"

namespace diag::traceroute {

using tools::live_sample;

live_paths::live_paths(std::size_t targets, std::uint8_t last_hop, duration timeout)
    : hops_{last_hop}, timeout_{timeout}, history_{targets * hops_}, jitter_(targets * hops_) {}

void live_paths::add(const probe::path_result& result) {
  const auto& [asked, answer] = result;
  if (answer.late || asked.hop == 0 || asked.hop > hops_) return;
  const auto line = line_of(asked.target, asked.hop);
  if (line >= jitter_.size()) return;
  switch (answer.state) {
    case probe::hop_state::silent:
      history_.add(line, {answer.at - timeout_, {}, live_sample::fate::lost});
      return;
    case probe::hop_state::error:
      history_.add(line, {answer.at, {}, live_sample::fate::not_sent});
      return;
    default:
      break;
  }
  const auto rtt = answer.rtt.value_or(duration{});
  history_.add(line, {answer.at - rtt, rtt, live_sample::fate::answered});
  if (answer.rtt) jitter_[line].add(rtt);
}

void live_paths::clear() {
  history_.clear();
  jitter_.assign(jitter_.size(), {});
}

tools::live_bins live_paths::bins(std::uint32_t target, std::uint8_t hop, mono_time now, int columns) const {
  return history_.bins(line_of(target, hop), now, columns);
}

const hop_jitter& live_paths::jitter(std::uint32_t target, std::uint8_t hop) const {
  return jitter_[line_of(target, hop)];
}

}  // namespace diag::traceroute
