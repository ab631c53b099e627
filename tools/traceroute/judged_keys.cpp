// What records.cpp sets in which mode.
#include "tools/traceroute/judged_keys.hpp"

#include <algorithm>
#include <span>

#include "libdiag/report/traceroute_records.hpp"

namespace diag::traceroute {
namespace {

namespace key = report::traceroute_key;

bool among(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::string_view of_mtu[] = {key::path_mtu, key::black_hole_after, key::smallest_lost};
constexpr std::string_view of_mda[] = {key::flows, key::complete};
constexpr std::string_view of_hop_probes[] = {key::stopped_after, key::answered,     key::late,
                                              key::duplicates,    key::loss_percent, key::rtt_ms};

}  // namespace

std::string_view why_never(std::string_view word, const trace_options& options) {
  const auto mode = options.mode;
  // It stands in the last summary of all, when every target has been judged.
  if (word == key::receiver_dropped) return "is known only when the run is over";
  if (word == key::findings && mode != run_mode::trace) return "needs a plain trace";
  if (word == key::expected && options.expect.empty()) return "needs --expect";
  if (word == key::rounds && !options.rounds_mode()) return "needs --report or --live";
  if (among(word, of_mtu) && mode != run_mode::mtu) return "needs --mtu";
  if (among(word, of_mda) && mode != run_mode::mda) return "needs --mda";
  if (!among(word, of_hop_probes)) return {};
  if (mode == run_mode::mtu) return "is not known with --mtu";
  return mode == run_mode::mda ? "is not known with --mda" : std::string_view{};
}

}  // namespace diag::traceroute
