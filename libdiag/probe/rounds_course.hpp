// The same paths again and again: mtr's statistics (--report N, --live).
//
// A round asks every hop of every target once, from the first to the target's. Its first round looks as far
// as a trace does; where the target is known its further hops are not asked. A path that changes is followed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/hop_loss.hpp"
#include "libdiag/probe/path_course.hpp"

namespace diag::probe {

struct rounds_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t window = 16;
  std::uint16_t flows = 1;    ///< a round takes the next flow
  std::uint64_t rounds = 10;  ///< 0: until interrupted
  duration interval = 1s;     ///< from round to round
  duration timeout = 3s;      ///< -W: an answer that takes longer is late, and its probe lost
};

class rounds_course final : public path_course {
 public:
  /// `targets` is borrowed for the course's life.
  rounds_course(const rounds_config& config, std::span<const path_target> targets);
  ~rounds_course() override;

  std::optional<path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override;
  void hear(mono_time now, const path_question& asked, path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t) const override { return config_.timeout; }
  /// The timeout; in the last round, which nothing comes after, less where the path has shown how fast it is.
  [[nodiscard]] duration patience_for(const path_question& asked) const override;
  void cut_short(mono_time now) override;
  [[nodiscard]] bool done() const override { return finished_; }
  /// path_result for every probe as it ends, and path_end for each target at the end of the run.
  std::optional<path_event> next_event() override { return events_.pop(); }

  /// The hops of a target from the first to the last that matters, also while the run goes on: the target's,
  /// or one more than the furthest that anything came from. Borrowed until the next call of anything.
  [[nodiscard]] std::span<const hop_figures> hops(std::uint32_t target) const;
  /// Rounds begun.
  [[nodiscard]] std::uint64_t round() const { return round_; }
  /// Forgets all figures, keeps the paths (mtr's key r). Counting starts again with the next round.
  void reset();
  /// No question until resumed (mtr's key p).
  void pause(bool on) { paused_ = on; }

 private:
  struct flow_path;
  struct track;

  void begin_round(mono_time now);
  [[nodiscard]] std::optional<path_question> question_of(std::uint32_t target);
  [[nodiscard]] std::uint8_t limit_of(const flow_path& path) const;
  [[nodiscard]] std::uint8_t end_of(const flow_path& path) const;
  void learn(std::uint32_t target, const path_question& asked, std::uint64_t round,
             const path_answer& answer);
  void enqueue(std::uint32_t target);
  [[nodiscard]] bool last_round_asked() const { return config_.rounds != 0 && round_ >= config_.rounds; }
  void finish_if_done(mono_time now);
  void finish(mono_time now, bool interrupted);
  [[nodiscard]] path_end end_event(std::uint32_t target, mono_time now, bool interrupted) const;

  rounds_config config_;
  std::span<const path_target> targets_;
  std::vector<track> tracks_;
  std::deque<std::uint32_t> curious_;  ///< targets that may have a question in this round
  std::uint64_t round_ = 0;
  std::uint64_t counted_from_ = 0;  ///< earlier rounds were forgotten by reset()
  std::uint64_t in_flight_ = 0;
  std::optional<mono_time> next_round_{};
  bool paused_ = false;
  bool finished_ = false;
  event_queue<path_event> events_;
};

}  // namespace diag::probe
