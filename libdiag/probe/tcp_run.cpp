// Rounds by absolute time: a late one does not move those after it, unless it was late by a whole interval.
#include "libdiag/probe/tcp_run.hpp"

#include <algorithm>
#include <cassert>

namespace diag::probe {

tcp_course::tcp_course(const tcp_plan& plan, const tcp_pacing& pacing)
    : plan_{plan},
      pacing_{pacing},
      order_{plan.size(), pacing.order_seed},
      place_{std::min(pacing.start, plan.size())} {}

bool tcp_course::all_taken() const {
  return plan_.size() == 0 || (place_ >= plan_.size() && pacing_.rounds != 0 && round_ >= pacing_.rounds);
}

bool tcp_course::ready(mono_time now) {
  if (!started_) {
    started_ = true;
    round_began_ = now;
  }
  if (all_taken()) return false;
  if (place_ < plan_.size()) return true;
  if (now < round_began_ + pacing_.interval) return false;
  ++round_;
  place_ = 0;
  round_began_ += pacing_.interval;
  if (now >= round_began_ + pacing_.interval) round_began_ = now;
  return true;
}

std::optional<mono_time> tcp_course::next_at() const {
  if (all_taken()) return std::nullopt;
  if (place_ < plan_.size()) return mono_time::min();
  return round_began_ + pacing_.interval;
}

tcp_course::step tcp_course::take() {
  assert(place_ < plan_.size());
  const auto place = place_++;
  ++taken_;
  return {round_, place, plan_.at(pacing_.shuffled ? order_.at(place) : place)};
}

std::uint64_t tcp_course::total() const {
  if (pacing_.rounds == 0) return 0;
  return plan_.size() * pacing_.rounds - std::min(pacing_.start, plan_.size());
}

}  // namespace diag::probe
