// An address_claim on a played link, and the law that every run of it keeps.
#pragma once

#include <initializer_list>
#include <vector>

#include "libdiag/probe/address_claim.hpp"

#include "tests/probe/link_player.hpp"

namespace diag::link_player {

/// RFC 5227 without chance: probes at 0, 1.5 and 3 s, the verdict at 5 s.
inline probe::claim_timing exact_v4() {
  auto timing = probe::claim_timing::rfc5227();
  timing.probe_wait = 0s;
  timing.probe_min = timing.probe_max = 1500ms;
  return timing;
}

struct claim_rig {
  explicit claim_rig(std::initializer_list<const char*> addresses = {"192.0.2.7"}) {
    for (const auto* address : addresses) targets.add(ip(address));
    targets.seal();
    config.links = {our_link()};
    config.v4 = exact_v4();
    config.v6.probe_wait = 0s;
    config.seed = 1;
  }
  player<probe::address_claim>& begin() {
    machine.emplace(config, targets);
    host.emplace(*machine);
    host->send_error = send_error;
    host->confirms = confirms;
    host->begin();
    return *host;
  }
  /// To the end of the run, where every target has one summary, and every frame and objection is in it.
  std::vector<probe::claim_summary> finish() {
    host->finish();
    const auto summaries = host->all<probe::claim_summary>();
    CHECK(summaries.size() == targets.size());
    std::uint64_t frames = 0, failed = 0, objections = 0;
    for (const auto& one : summaries) {
      frames += one.probes + one.announcements + one.defences;
      failed += one.not_sent;
      objections += one.objections;
      CHECK(one.owners.size() <= one.objections);
      if (one.verdict == probe::claim_verdict::free && config.probe)
        CHECK(one.probes == (targets.at(one.target).is_v6() ? config.v6 : config.v4).probes);
    }
    std::uint64_t refused = 0;
    for (const auto& one : host->sent) refused += one.error != 0 || !confirms ? 1 : 0;
    CHECK(frames + refused == host->sent.size());
    CHECK(failed == refused);
    CHECK(objections == host->all<probe::claim_objection>().size());
    return summaries;
  }
  probe::claim_summary only() { return finish().at(0); }
  [[nodiscard]] std::vector<probe::claim_step> steps(probe::claim_step::kind what) const {
    std::vector<probe::claim_step> found;
    for (const auto& step : host->all<probe::claim_step>())
      if (step.what == what) found.push_back(step);
    return found;
  }
  /// When frames left, since the start.
  [[nodiscard]] std::vector<duration> departures() const {
    std::vector<duration> times;
    for (const auto& one : host->sent) times.push_back(one.when - start);
    return times;
  }

  probe::target_list targets{};
  probe::claim_config config{};
  std::function<int(const player<probe::address_claim>::departure&)> send_error{};
  bool confirms = true;
  std::optional<probe::address_claim> machine{};
  std::optional<player<probe::address_claim>> host{};
};

}  // namespace diag::link_player
