// What fits, hop by hop (--mtu): RFC 1191, RFC 8201, and RFC 4821 where nobody says.
//
// First every hop with a small packet, which is the path. Then all hops at once with the largest that leaves
// this host: those before a narrow link answer, and the router in front of it says so (fragmentation needed,
// packet too big), for every hop behind. So the next size is known, and is tried behind that router. Hops
// that answer small packets and are silent to large ones, of whom nobody says anything, are behind a black
// hole: there the size that passes is searched by halving.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/mtu_walk.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

class mtu_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life; they are walked one after the other. All questions have
  /// dont_fragment set.
  mtu_course(const mtu_config& config, std::span<const path_target> targets);

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t) const override { return config_.timeout; }
  [[nodiscard]] duration patience_for(const path_question& asked) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override { return target_ >= targets_.size(); }
  [[nodiscard]] bool knows_enough() const override { return true; }
  /// mtu_row for every hop in ascending order, then mtu_end. Hops behind the last that answers have no row.
  std::optional<path_event> next_event() override { return events_.pop(); }

 private:
  mtu_config config_;
  std::span<const path_target> targets_;
  std::uint32_t target_ = 0;
  std::optional<mtu_walk> walk_;  ///< of target_
  event_queue<path_event> events_;
};

}  // namespace diag::probe
