// Holds what a view is told until the names in it are known, or have been waited for long enough.
//
// Nobody's answer is delayed by it: only lines are. The order of events stays as it was.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class patient_view final : public view {
 public:
  /// No event waits longer for names than this.
  static constexpr duration patience = 1s;

  /// `labels` is borrowed.
  patient_view(std::unique_ptr<view> shown, const address_labels& labels)
      : shown_{std::move(shown)}, labels_{labels} {}

  void begin() override { shown_->begin(); }
  void take(const probe::path_event& event) override;
  void rest(mono_time now) override;
  /// Hands on what is left, with names or without.
  void end(const ending& how) override;

  /// When rest() will hand on something though no name has come; nullopt: nothing waits.
  [[nodiscard]] std::optional<mono_time> waits_until() const;

 private:
  struct held {
    probe::path_event event;
    std::vector<ip_address> unknown;
    std::optional<mono_time> until{};  // set when time is first told
  };
  void hand_on(std::optional<mono_time> now);

  std::unique_ptr<view> shown_;
  const address_labels& labels_;
  std::deque<held> waiting_;
};

/// Everybody whose name a view may want to show of this event, each once.
std::vector<ip_address> addresses_in(const probe::path_event& event);

}  // namespace diag::traceroute
