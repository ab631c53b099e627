// Strangers: packets that no node of the simulated internet sent, at times a test chooses.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "tests/sim/nodes.hpp"

namespace diag::sim {

/// Speaks to the prober past all links. Must outlive the run; one per prober.
class injector {
 public:
  injector(world& net, prober& victim) : net_{net}, victim_{victim} {}

  void at(mono_time when, packet forged) { net_.deliver(when, victim_, std::move(forged)); }

  /// For every packet the prober sends: what to forge from it, and how long after.
  using forgery = std::pair<duration, packet>;
  void for_each_probe(std::function<std::vector<forgery>(const packet& probe)> forge) {
    victim_.tap = [this, forge = std::move(forge)](mono_time now, const packet& probe) {
      for (auto& [after, forged] : forge(probe)) at(now + after, std::move(forged));
    };
  }

 private:
  world& net_;
  prober& victim_;
};

}  // namespace diag::sim
