// All paths that load balancing offers to one target: the multipath detection algorithm (Veitch, Augustin,
// Friedman 2009), with its stopping rule at 95 %.
//
// For every node found (an address at a hop) flows that go through it are sent one hop further until the rule
// says that, were there another next hop that is as likely as the others, it would have shown itself. Hop 0
// is this host, through which every flow goes. A node with several next hops is then asked with one flow
// again: if it takes several ways too, the balancing is per packet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

struct mda_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t silent_hops = 5;     ///< in a row that are borne
  std::uint16_t most_flows = 1024;  ///< source ports there are
  double failure = 0.05;            ///< probability of having missed a next hop of one node
  std::uint8_t attempts = 2;        ///< probes of one flow at one hop before it counts as silent there
  duration timeout = 3s;
};

/// Probes through a node after which a further, equally likely next hop beside the `known` ones would have
/// been seen with probability 1 - failure: 6, 11, 16, 21, 27, 33 for 5 %.
std::uint32_t probes_to_rule_out(std::uint32_t known, double failure);

class mda_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life; they are walked one after the other.
  mda_course(const mda_config& config, std::span<const path_target> targets);
  ~mda_course() override;

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t target) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override;
  /// multipath, one for each target.
  std::optional<path_event> next_event() override { return events_.pop(); }

 private:
  struct state;
  mda_config config_;
  std::span<const path_target> targets_;
  event_queue<path_event> events_;
  std::unique_ptr<state> state_;
};

}  // namespace diag::probe
