// What fits, hop by hop (--mtu): RFC 1191, RFC 8201, and RFC 4821 where nobody says.
//
// First every hop with a small packet, which is the path. Then all hops at once with the largest that leaves
// this host: those before a narrow link answer, and the router in front of it says so (fragmentation needed,
// packet too big), for every hop behind. So the next size is known, and is tried behind that router. Hops
// that answer small packets and are silent to large ones, of whom nobody says anything, are behind a black
// hole: there the size that passes is searched by halving.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

struct mtu_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t window = 16;
  std::uint8_t attempts = 3;           ///< of a size at a hop before it counts as too large for it
  std::vector<std::uint16_t> start{};  ///< by target: MTU of the interface the probes leave by
  duration timeout = 3s;
};

class mtu_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life; they are walked one after the other. All questions have
  /// dont_fragment set.
  mtu_course(const mtu_config& config, std::span<const path_target> targets);
  ~mtu_course() override;

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t target) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override;
  /// mtu_row for every hop in ascending order, then mtu_end.
  std::optional<path_event> next_event() override { return events_.pop(); }

 private:
  struct state;
  mtu_config config_;
  std::span<const path_target> targets_;
  event_queue<path_event> events_;
  std::unique_ptr<state> state_;
};

}  // namespace diag::probe
