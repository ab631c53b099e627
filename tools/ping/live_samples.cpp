// Events, reduced to when a probe left and what became of it.
#include "tools/ping/live_samples.hpp"

#include <variant>

namespace diag::ping {

std::optional<target_sample> sample_of(const probe::ping_event& event) {
  using fate = tools::live_sample::fate;
  if (const auto* reply = std::get_if<probe::ping_reply>(&event)) {
    if (reply->what == probe::ping_reply::kind::in_time)
      return target_sample{reply->target, {reply->at - reply->rtt, reply->rtt, fate::answered}};
  } else if (const auto* timeout = std::get_if<probe::ping_timeout>(&event)) {
    return target_sample{timeout->target, {timeout->at - timeout->waited, {}, fate::lost}};
  } else if (const auto* error = std::get_if<probe::ping_error>(&event)) {
    const bool ours = !error->from || probe::is_local(error->why);
    if (error->closes)
      return target_sample{error->target, {error->at, {}, ours ? fate::not_sent : fate::refused}};
  }
  return std::nullopt;
}

}  // namespace diag::ping
