// Every event is held against what was said before, and against what the segment knows.
#include "tests/sim/neighbor_law.hpp"

#include <algorithm>
#include <numeric>

namespace diag::sim {

using probe::neighbor_reply;

namespace {
// A stamp of the very moment in which a probe was asked for is kept as one of a nanosecond later.
constexpr duration grain = 1ns;

std::string in_us(duration value) {
  return std::to_string(value.count() / 1000) + " us";
}
}  // namespace

bool same_rtt(duration told, duration took) {
  return took - told >= 0ns && took - told <= grain;
}

void neighbor_law::complain(std::uint32_t target, std::uint64_t number, const std::string& what) {
  if (breach_.empty())
    breach_ = "target " + std::to_string(target) + " probe " + std::to_string(number) + ": " + what;
}

void neighbor_law::end(std::uint32_t target, std::uint64_t number, fate how) {
  auto& probe = probes_[{target, number}];
  if (number == 0) complain(target, number, "numbers begin at 1");
  if (probe.ended != fate::open) complain(target, number, "ended twice");
  if (!accounts_[target].summaries.empty()) complain(target, number, "ended after its target's summary");
  if (probe.late != 0ns && how == fate::answered) complain(target, number, "answered after all");
  probe.ended = how;
}

void neighbor_law::hold_against_truth(const neighbor_reply& reply) {
  const auto truths = segment_.truths(targets_.at(reply.target), reply.said.owner, reply.at);
  if (truths.empty()) return complain(reply.target, reply.number, "a reply that nobody sent");
  const auto fits = [&](const answer_truth& truth) {
    const auto took = truth.arrives - truth.asked;
    return same_rtt(reply.rtt, took) || (reply.rtt <= took && took <= reply.rtt_most + grain);
  };
  if (std::ranges::any_of(truths, fits)) return;
  // A copy of one answer is like the answer to the next question, and a second look like a probe: an answer
  // to it that comes after the next probe has left, or after another answer, cannot be told from one to that.
  const auto to_look = [&](const answer_truth& truth) { return !truth.to_everyone; };
  if (segment_.copies(targets_.at(reply.target)) || (looked && std::ranges::any_of(truths, to_look))) {
    ++strays;
    return;
  }
  // Of an owner that is slower than the timeout the machine takes one wait, half as long again as the longest
  // that it can have seen, for enough. One whose delay varies more is paired wrongly now and then.
  const auto slow = [&](const answer_truth& truth) { return truth.arrives - truth.asked > patience; };
  if (std::ranges::any_of(truths, slow)) {
    ++misjudged;
    return;
  }
  complain(reply.target, reply.number,
           "took " + in_us(truths[0].arrives - truths[0].asked) + ", and is told as " + in_us(reply.rtt) +
               " to " + in_us(reply.rtt_most) +
               (reply.pair == neighbor_reply::pairing::certain ? ", certain" : ""));
}

void neighbor_law::take_reply(const neighbor_reply& reply) {
  ++replies;
  if (truth_known) hold_against_truth(reply);
  if (reply.what == neighbor_reply::kind::look) {
    ++looks;
    return;
  }
  auto& seen = accounts_[reply.target];
  auto& probe = probes_[{reply.target, reply.number}];
  const auto sure = reply.pair == neighbor_reply::pairing::certain;
  ++(sure ? certain : ambiguous);
  if (reply.rtt < duration{0} || reply.rtt_most < reply.rtt)
    complain(reply.target, reply.number, "an impossible RTT");
  if (sure && reply.rtt_most != reply.rtt) complain(reply.target, reply.number, "certain, and has a range");
  const auto first_of_owner = probe.heard.insert(reply.said.owner).second;
  switch (reply.what) {
    case neighbor_reply::kind::in_time:
      if (!first_of_owner) complain(reply.target, reply.number, "in time twice, from one owner");
      ++seen.answers;
      if (probe.ended == fate::answered) break;
      end(reply.target, reply.number, fate::answered);
      ++seen.received;
      break;
    case neighbor_reply::kind::duplicate:
      if (first_of_owner) complain(reply.target, reply.number, "a duplicate of nothing");
      ++seen.duplicates;
      break;
    case neighbor_reply::kind::late:
      // Heard before the clock was looked at: then the probe must still be lost.
      if (probe.ended == fate::open) probe.late = std::max(probe.late, reply.rtt_most);
      ++seen.late;
      break;
    case neighbor_reply::kind::look:
      break;
  }
}

void neighbor_law::take(const probe::neighbor_event& event) {
  if (const auto* reply = std::get_if<neighbor_reply>(&event)) {
    take_reply(*reply);
  } else if (const auto* timeout = std::get_if<probe::neighbor_timeout>(&event)) {
    end(timeout->target, timeout->number, fate::lost);
    ++accounts_[timeout->target].lost;
    const auto late = probes_[{timeout->target, timeout->number}].late;
    if (late != 0ns && late + grain < timeout->waited)
      complain(timeout->target, timeout->number, "lost, with an answer within its time");
  } else if (const auto* error = std::get_if<probe::neighbor_error>(&event)) {
    end(error->target, error->number, fate::not_sent);
    ++accounts_[error->target].not_sent;
    if (!probe::is_local(error->why))
      complain(error->target, error->number, "not sent for a reason far away");
  } else if (std::holds_alternative<probe::neighbor_sighting>(event)) {
    ++sightings;
  } else if (std::holds_alternative<probe::neighbor_rejected>(event)) {
    ++rejected;
  } else if (std::holds_alternative<probe::neighbor_change>(event)) {
    ++changes;
  } else if (const auto* summary = std::get_if<probe::neighbor_summary>(&event)) {
    sums_.sent += summary->sent;
    sums_.received += summary->received;
    sums_.lost += summary->lost;
    sums_.not_sent += summary->not_sent;
    sums_.pending += summary->pending;
    sums_.late += summary->late;
    sums_.duplicates += summary->duplicates;
    sums_.ambiguous += summary->ambiguous;
    auto& kept = accounts_[summary->target].summaries.emplace_back(*summary);
    kept.rtt = nullptr;
  }
}

std::string neighbor_law::breach_of(std::uint32_t target, const account& seen, bool cut_short) const {
  const auto name = "target " + std::to_string(target) + ": ";
  if (seen.summaries.size() != 1) return name + std::to_string(seen.summaries.size()) + " summaries";
  const auto& said = seen.summaries.front();
  if (said.sent != said.received + said.lost + said.not_sent + said.pending)
    return name + "sent is not the sum of its parts";
  if (said.pending > (cut_short ? 1U : 0U)) return name + "pending " + std::to_string(said.pending);
  if (said.received != seen.received) return name + "received";
  if (said.lost != seen.lost) return name + "lost";
  if (said.not_sent != seen.not_sent) return name + "not_sent";
  if (said.late != seen.late) return name + "late";
  if (said.duplicates != seen.duplicates) return name + "duplicates";
  if (said.ambiguous > said.received) return name + "more ambiguous than received";
  std::uint64_t answers = 0;
  std::uint64_t duplicates = 0;
  for (const auto& owner : said.owners) {
    answers += owner.answers;
    duplicates += owner.duplicates;
    if (owner.last < owner.first) return name + "an owner that ended before it began";
  }
  if (!said.too_many_owners && answers != seen.answers) return name + "the owners' answers";
  if (!said.too_many_owners && duplicates > seen.duplicates) return name + "the owners' duplicates";
  return {};
}

std::string neighbor_law::breach(const probe::neighbor_totals& totals, bool cut_short) const {
  if (!breach_.empty()) return breach_;
  std::uint64_t in_use = 0;
  std::uint64_t conflicts = 0;
  for (const auto& [target, seen] : accounts_) {
    if (auto found = breach_of(target, seen, cut_short); !found.empty()) return found;
    const auto owners = seen.summaries.front().owners.size();
    in_use += owners > 0 ? 1 : 0;
    conflicts += owners > 1 ? 1 : 0;
  }
  const auto differ = [](std::uint64_t told, std::uint64_t sum, const char* name) {
    return told == sum ? std::string{}
                       : "totals: " + std::string{name} + " " + std::to_string(told) + ", the targets have " +
                             std::to_string(sum);
  };
  const auto rejects = std::accumulate(totals.rejected.begin(), totals.rejected.end(), std::uint64_t{0});
  for (const auto& found :
       {differ(totals.sent, sums_.sent, "sent"), differ(totals.received, sums_.received, "received"),
        differ(totals.lost, sums_.lost, "lost"), differ(totals.not_sent, sums_.not_sent, "not_sent"),
        differ(totals.pending, sums_.pending, "pending"), differ(totals.late, sums_.late, "late"),
        differ(totals.duplicates, sums_.duplicates, "duplicates"),
        differ(totals.ambiguous, sums_.ambiguous, "ambiguous"), differ(totals.in_use, in_use, "in_use"),
        differ(totals.conflicts, conflicts, "conflicts")})
    if (!found.empty()) return found;
  // A hundred a second are told, all are counted.
  constexpr std::uint64_t told_at_least = 100;
  if (rejected > rejects || rejected < std::min(rejects, told_at_least))
    return differ(rejects, rejected, "rejected");
  return {};
}

const neighbor_law::account& neighbor_law::of(std::uint32_t target) const {
  static const account nothing{};
  const auto found = accounts_.find(target);
  return found == accounts_.end() ? nothing : found->second;
}

}  // namespace diag::sim
