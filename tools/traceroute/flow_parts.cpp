// Flows put together, and their numbers in words.
#include "tools/traceroute/flow_parts.hpp"

#include <algorithm>

namespace diag::traceroute {
namespace {

/// Who answered this probe, else another one of its flow.
ip_address met_by(const probe::path_result& asked, std::span<const probe::path_result> probes) {
  if (asked.answer.from) return asked.answer.from;
  for (const auto& one : probes)
    if (one.asked.flow == asked.asked.flow && one.answer.from) return one.answer.from;
  return {};
}

bool one_for_all(std::span<const probe::path_result> probes) {
  ip_address first;
  for (const auto& one : probes) {
    if (!one.answer.from) continue;
    if (!first) first = one.answer.from;
    if (!(first == one.answer.from)) return false;
  }
  return true;
}

}  // namespace

std::vector<flow_part> flow_parts(std::span<const probe::path_result> probes) {
  const bool one_flow = std::all_of(probes.begin(), probes.end(), [&](const auto& one) {
    return one.asked.flow == probes.front().asked.flow;
  });
  std::vector<flow_part> parts;
  if (one_flow || one_for_all(probes)) {
    parts.emplace_back();
    for (const auto& one : probes) parts.front().probes.push_back(&one);
    return parts;
  }
  for (const auto& one : probes) {
    const auto from = met_by(one, probes);
    auto at = std::find_if(parts.begin(), parts.end(), [&](const flow_part& p) { return p.from == from; });
    if (at == parts.end()) at = parts.insert(parts.end(), flow_part{.from = from});
    at->probes.push_back(&one);
    if (at->flows.empty() || at->flows.back() != one.asked.flow) at->flows.push_back(one.asked.flow);
  }
  return parts;
}

std::string flow_words(std::span<const std::uint16_t> flows) {
  std::string text = flows.size() == 1 ? "flow " : "flows ";
  for (std::size_t i = 0; i < flows.size();) {
    auto last = i;
    while (last + 1 < flows.size() && flows[last + 1] == flows[last] + 1) ++last;
    if (i != 0) text += ',';
    text += std::to_string(flows[i] + 1);
    if (last > i) text.append(last == i + 1 ? "," : "-").append(std::to_string(flows[last] + 1));
    i = last + 1;
  }
  return text;
}

}  // namespace diag::traceroute
