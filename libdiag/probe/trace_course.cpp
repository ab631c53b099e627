// Many targets, some hundred at a time, each finished as soon as may be.
#include "libdiag/probe/trace_course.hpp"

#include <algorithm>

namespace diag::probe {

trace_course::trace_course(const trace_config& config, std::span<const path_target> targets)
    : config_{config},
      targets_{targets},
      traces_(targets.size()),
      queued_(targets.size()),
      timed_(targets.size(), mono_time::max()) {
  begin_more();
}

void trace_course::begin_more() {
  // The first path is the tree that the others share.
  const auto room = config_.doubletree && tree_.empty() ? 1 : config_.traces_at_once;
  while (begun_ < targets_.size() && begun_ - done_ < room) {
    traces_[begun_] = std::make_unique<trace>(config_, begun_, config_.doubletree ? &tree_ : nullptr);
    curious_.push_back(begun_);
    queued_[begun_] = true;
    ++begun_;
  }
}

void trace_course::wake_the_bold(mono_time now) {
  while (!alarms_.empty() && alarms_.top().at <= now) {
    const auto [rang, target] = alarms_.top();
    alarms_.pop();
    if (timed_[target] != rang) continue;
    timed_[target] = mono_time::max();
    if (!traces_[target]) continue;
    const auto at = traces_[target]->bolder_at();
    if (!at) continue;
    if (*at > now) {
      alarms_.push({*at, target});
      timed_[target] = *at;
    } else if (!queued_[target]) {
      curious_.push_back(target);
      queued_[target] = true;
    }
  }
}

std::optional<mono_time> trace_course::next_at() const {
  return alarms_.empty() ? std::nullopt : std::optional{alarms_.top().at};
}

std::optional<path_question> trace_course::next(mono_time now) {
  wake_the_bold(now);
  while (!curious_.empty()) {
    const auto target = curious_.front();
    if (traces_[target]) {
      if (auto question = traces_[target]->next(now)) return question;
      // The first answers may have made it earlier than what was set before.
      if (const auto at = traces_[target]->bolder_at(); at && *at < timed_[target]) {
        alarms_.push({*at, target});
        timed_[target] = *at;
      }
    }
    queued_[target] = false;
    curious_.pop_front();
  }
  return std::nullopt;
}

void trace_course::hear(mono_time now, const path_question& asked, path_answer&& answer) {
  const auto target = asked.target;
  if (!traces_[target]) return;
  traces_[target]->hear(now, asked, std::move(answer));
  report(target);
  if (traces_[target] && !queued_[target]) {
    queued_[target] = true;
    curious_.push_back(target);
  }
}

void trace_course::report(std::uint32_t target) {
  auto& one = *traces_[target];
  while (auto row = one.next_row()) events_.push_back(std::move(*row));
  if (!one.finished()) return;
  events_.push_back(one.end());
  if (config_.doubletree && one.end().why != path_stop::error) {
    auto path = one.path();
    // The target stands on nobody else's path: remembered, it would cost memory for each.
    if (one.end().why == path_stop::reached && path.size() >= one.end().hops)
      path.resize(one.end().hops - 1U);
    tree_.add(path);
  }
  traces_[target].reset();
  ++done_;
  begin_more();
}

duration trace_course::patience_for(const path_question& asked) const {
  const auto& one = traces_[asked.target];
  return one ? one->patience(asked.hop) : config_.timeout;
}

void trace_course::cut_short(mono_time now) {
  for (std::uint32_t target = 0; target < begun_; ++target) {
    if (!traces_[target]) continue;
    traces_[target]->cut_short(now);
    auto& one = *traces_[target];
    while (auto row = one.next_row()) events_.push_back(std::move(*row));
    events_.push_back(one.end());
    traces_[target].reset();
    ++done_;
  }
  // Those that were never begun have an end too: every target has one.
  for (; begun_ < targets_.size(); ++begun_, ++done_) {
    path_end end;
    end.target = begun_;
    end.began = end.at = now;
    end.why = path_stop::interrupted;
    events_.push_back(end);
  }
}

}  // namespace diag::probe
