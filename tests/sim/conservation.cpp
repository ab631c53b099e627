// Every event is held against what was said of its probe before.
#include "tests/sim/conservation.hpp"

#include <numeric>

namespace diag::sim {

namespace {
using probe::ping_reply;
std::uint64_t key(std::uint32_t target, std::uint64_t number) {
  return std::uint64_t{target} << 32 | (number & 0xffffffff);
}
}  // namespace

void ledger::complain(std::uint32_t target, std::uint64_t number, const char* what) {
  if (breach_.empty())
    breach_ = "target " + std::to_string(target) + " probe " + std::to_string(number) + ": " + what;
}

void ledger::end(std::uint32_t target, std::uint64_t number, fate how) {
  auto& probe = probes_[key(target, number)];
  if (number == 0) complain(target, number, "numbers begin at 1");
  if (probe.ended != fate::open) complain(target, number, "ended twice");
  if (!accounts_[target].summaries.empty()) complain(target, number, "ended after its target's summary");
  probe.ended = how;
}

void ledger::take(const probe::ping_event& event) {
  if (const auto* reply = std::get_if<probe::ping_reply>(&event)) {
    auto& seen = accounts_[reply->target];
    auto& probe = probes_[key(reply->target, reply->number)];
    switch (reply->what) {
      case ping_reply::kind::in_time:
        end(reply->target, reply->number, fate::answered);
        ++seen.received;
        break;
      case ping_reply::kind::duplicate:
        if (probe.ended != fate::answered && !probe.late)
          complain(reply->target, reply->number, "a duplicate of nothing");
        ++seen.duplicates;
        break;
      case ping_reply::kind::late:
        if (probe.ended == fate::open || probe.ended == fate::answered || probe.late)
          complain(reply->target, reply->number, "late, but open, answered or late before");
        probe.late = true;
        ++seen.late;
        break;
    }
    if (reply->rtt < duration{0}) complain(reply->target, reply->number, "negative RTT");
  } else if (const auto* timeout = std::get_if<probe::ping_timeout>(&event)) {
    end(timeout->target, timeout->number, fate::lost);
    ++accounts_[timeout->target].lost;
  } else if (const auto* error = std::get_if<probe::ping_error>(&event)) {
    auto& seen = accounts_[error->target];
    if (!error->closes) {
      ++seen.remarks;
      return;
    }
    const auto local = probe::is_local(error->why);
    end(error->target, error->number, local ? fate::not_sent : fate::refused);
    ++(local ? seen.not_sent : seen.errors);
  } else if (const auto* refused = std::get_if<probe::ping_rejected>(&event)) {
    ++rejected_[static_cast<std::size_t>(refused->why)];
    if (refused->target) ++accounts_[*refused->target].rejected;
  } else if (const auto* summary = std::get_if<probe::ping_summary>(&event)) {
    accounts_[summary->target].summaries.push_back(*summary);
    accounts_[summary->target].summaries.back().rtt = nullptr;
    accounts_[summary->target].summaries.back().loss = nullptr;
  }
}

std::string ledger::breach(bool pending_allowed) const {
  if (!breach_.empty()) return breach_;
  for (const auto& [target, seen] : accounts_) {
    const auto name = "target " + std::to_string(target) + ": ";
    if (seen.summaries.empty() && pending_allowed) continue;
    if (seen.summaries.size() != 1) return name + std::to_string(seen.summaries.size()) + " summaries";
    const auto& said = seen.summaries.front();
    if (said.sent != said.received + said.lost + said.errors + said.not_sent + said.pending)
      return name + "sent is not the sum of its parts";
    if (said.pending != 0 && !pending_allowed) return name + "probes pending at the end of a whole run";
    if (said.received != seen.received) return name + "received";
    if (said.lost != seen.lost) return name + "lost";
    if (said.errors != seen.errors) return name + "errors";
    if (said.not_sent != seen.not_sent) return name + "not_sent";
    if (said.late > said.lost + said.errors + said.not_sent) return name + "more late than ended otherwise";
  }
  return {};
}

const ledger::account& ledger::of(std::uint32_t target) const {
  static const account nothing{};
  const auto found = accounts_.find(target);
  return found == accounts_.end() ? nothing : found->second;
}

const probe::ping_summary& ledger::summary(std::uint32_t target) const {
  static const probe::ping_summary nothing{};
  const auto& all = of(target).summaries;
  return all.empty() ? nothing : all.front();
}

std::uint64_t ledger::rejected() const {
  return std::accumulate(rejected_.begin(), rejected_.end(), std::uint64_t{0});
}

}  // namespace diag::sim
