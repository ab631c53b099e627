// Hops with figures, made up for tests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/probe/hop_loss.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

/// A hop that answered from `address` (empty: never) with these RTTs, and lost the rest.
inline probe::hop_figures hop_of(int hop, std::string_view address, const std::vector<duration>& rtts,
                                 std::uint64_t lost = 0) {
  probe::hop_figures figures;
  figures.hop = static_cast<std::uint8_t>(hop);
  figures.answered = rtts.size();
  figures.lost = lost;
  figures.sent = figures.answered + lost;
  for (const auto rtt : rtts) {
    figures.rtt.add(rtt);
    figures.last = rtt;
  }
  if (const auto from = parse_ip(address)) {
    figures.addresses.push_back({*from, rtts.size()});
    figures.latest.from = *from;
    figures.latest.state = probe::hop_state::time_exceeded;
    figures.latest.why = probe::reason::hop_limit_exceeded;
    figures.latest.rtt = figures.last;
  }
  return figures;
}

template <class... Hops>
std::vector<probe::hop_figures> hops_of(Hops&&... hops) {
  std::vector<probe::hop_figures> all;
  (all.push_back(std::move(hops)), ...);
  return all;
}

/// Labels out of a list of names.
inline address_labels labels_of(std::map<std::string, std::string> names) {
  label_sources from;
  from.find_name = [names = std::move(names)](const ip_address& address) {
    const auto found = names.find(to_string(address));
    return std::optional{found == names.end() ? std::nullopt : std::optional{found->second}};
  };
  return address_labels{std::move(from)};
}

}  // namespace diag::traceroute
