// All paths that load balancing offers to one target: the multipath detection algorithm (Veitch, Augustin,
// Friedman 2009), with its stopping rule at 95 %.
//
// For every node found (an address at a hop) flows that go through it are sent one hop further until the rule
// says that, were there another next hop that is as likely as the others, it would have shown itself. Hop 0
// is this host, through which every flow goes. A node with several next hops is then asked with one flow
// again: if it takes several ways too, the balancing is per packet. Links that cross such a node's ways are
// pairs that were seen, and may not exist.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/mda_walk.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

class mda_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life; they are walked one after the other.
  mda_course(const mda_config& config, std::span<const path_target> targets);

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t) const override { return config_.timeout; }
  [[nodiscard]] duration patience_for(const path_question& asked) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override { return target_ >= targets_.size(); }
  [[nodiscard]] bool knows_enough() const override { return true; }
  /// multipath, one for each target that was begun.
  std::optional<path_event> next_event() override { return events_.pop(); }

 private:
  mda_config config_;
  std::span<const path_target> targets_;
  std::uint32_t target_ = 0;
  std::optional<mda_walk> walk_;  ///< of target_
  event_queue<path_event> events_;
};

}  // namespace diag::probe
