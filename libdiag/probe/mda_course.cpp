// Walks along load-balanced paths, one target after the other.
#include "libdiag/probe/mda_course.hpp"

namespace diag::probe {

mda_course::mda_course(const mda_config& config, std::span<const path_target> targets)
    : config_{config}, targets_{targets} {}

std::optional<path_question> mda_course::next(mono_time now) {
  while (!done()) {
    if (!walk_) walk_.emplace(config_, target_, targets_[target_].source, now);
    if (auto question = walk_->next(now)) return question;
    if (!walk_->done()) return std::nullopt;
    events_.push_back(walk_->conclude(now, false));
    walk_.reset();
    ++target_;
  }
  return std::nullopt;
}

std::optional<mono_time> mda_course::next_at() const {
  return walk_ ? walk_->next_at() : std::nullopt;
}

void mda_course::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  if (walk_ && asked.target == target_) walk_->hear(now, asked, answer);
}

duration mda_course::patience_for(const path_question& asked) const {
  return walk_ && asked.target == target_ ? walk_->patience(asked.hop) : config_.timeout;
}

void mda_course::cut_short(mono_time now) {
  if (walk_) events_.push_back(walk_->conclude(now, true));
  walk_.reset();
  // Targets whose turn never came have nothing to be said of.
  target_ = static_cast<std::uint32_t>(targets_.size());
}

}  // namespace diag::probe
