// Paths of one target stand side by side in the plan.
#include "tools/traceroute/locate_book.hpp"

#include <algorithm>
#include <span>

namespace diag::traceroute {
namespace {

/// Reached before not reached, and by fewer hops.
bool better(const probe::traced_path& a, const probe::traced_path& b) {
  const bool a_reached = a.end.why == probe::path_stop::reached;
  const bool b_reached = b.end.why == probe::path_stop::reached;
  if (a_reached != b_reached) return a_reached;
  return a_reached ? a.end.hops < b.end.hops : a.end.hops > b.end.hops;
}

probe::traced_path best_of(std::span<const probe::traced_path> paths) {
  auto best = *std::min_element(paths.begin(), paths.end(), better);
  auto& end = best.end;
  end.sent = end.answered = end.late = end.duplicates = 0;
  for (const auto& one : paths) {
    end.sent += one.end.sent;
    end.answered += one.end.answered;
    end.late += one.end.late;
    end.duplicates += one.end.duplicates;
    end.began = std::min(end.began, one.end.began);
    end.at = std::max(end.at, one.end.at);
  }
  return best;
}

}  // namespace

bool located_target::all_pass() const {
  return undecided.empty() && std::all_of(locations.begin(), locations.end(), [](const auto& one) {
           return one.verdict == probe::locate_verdict::passes;
         });
}

/// A port that was asked for and passes shows best what the others lack, unless the user named controls.
std::vector<probe::traced_path> locate_book::controls_for(std::uint32_t asked,
                                                          std::span<const probe::traced_path> paths) const {
  std::vector<probe::traced_path> all;
  for (std::uint32_t i = 0; i < plan_.asked_per_target; ++i)
    if (i != asked) all.push_back(paths[i]);
  const auto controls = paths.subspan(plan_.asked_per_target);
  all.insert(plan_.own_controls ? all.begin() : all.end(), controls.begin(), controls.end());
  return all;
}

std::optional<located_target> locate_book::take(const probe::path_event& event) {
  auto path = book_.take(event);
  if (!path) return std::nullopt;
  const auto first = path->end.target - path->end.target % plan_.paths_per_target;
  auto& gathered = open_[first];
  gathered.push_back(std::move(*path));
  if (gathered.size() < plan_.paths_per_target) return std::nullopt;
  located_target whole;
  whole.path = first;
  whole.paths = std::move(gathered);
  open_.erase(first);
  std::sort(whole.paths.begin(), whole.paths.end(),
            [](const auto& a, const auto& b) { return a.end.target < b.end.target; });
  for (std::uint32_t i = 0; i < plan_.asked_per_target; ++i) {
    const auto& asked = whole.paths[i];
    if (asked.end.why == probe::path_stop::interrupted)
      whole.undecided.push_back(asked.target);  // its silence may only be ours
    else
      whole.locations.push_back(probe::locate(asked, controls_for(i, whole.paths)));
  }
  whole.best = best_of(whole.paths);
  return whole;
}

}  // namespace diag::traceroute
