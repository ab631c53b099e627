// Path MTUs, one target after the other.
#include "libdiag/probe/mtu_course.hpp"

#include <utility>

namespace diag::probe {

mtu_course::mtu_course(const mtu_config& config, std::span<const path_target> targets)
    : config_{config}, targets_{targets} {}

std::optional<path_question> mtu_course::next(mono_time now) {
  while (!done()) {
    if (!walk_) walk_.emplace(config_, target_, targets_[target_].address, now);
    if (auto question = walk_->next(now)) return question;
    if (!walk_->done()) return std::nullopt;
    walk_->conclude(now, false, events_);
    walk_.reset();
    ++target_;
  }
  return std::nullopt;
}

std::optional<mono_time> mtu_course::next_at() const {
  return walk_ ? walk_->next_at() : std::nullopt;
}

void mtu_course::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  if (walk_ && asked.target == target_) walk_->hear(now, asked, std::move(answer));
}

duration mtu_course::patience_for(const path_question& asked) const {
  return walk_ && asked.target == target_ ? walk_->patience(asked.hop) : config_.timeout;
}

void mtu_course::cut_short(mono_time now) {
  if (walk_) walk_->conclude(now, true, events_);
  walk_.reset();
  // Targets whose turn never came have nothing to be said of.
  target_ = static_cast<std::uint32_t>(targets_.size());
}

}  // namespace diag::probe
