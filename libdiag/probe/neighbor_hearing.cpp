// What comes in during a neighbor_run: answers, sightings, rejects, stamps, refusals, links that change.
#include <algorithm>

#include "libdiag/probe/link_scope.hpp"
#include "libdiag/probe/neighbor_run_state.hpp"

namespace diag::probe {

namespace {

/// Where the queue was full and no rate was given.
constexpr double rate_after_overrun = 20'000;
constexpr double least_rate = 10;
/// A full queue refuses a whole batch at once: that is one reason to slow down, not 64.
constexpr duration one_overrun = 1ms;
/// In a second; the others are only counted, or a storm would flood every output.
constexpr std::uint32_t most_rejects_told = 100;

}  // namespace

std::optional<std::uint32_t> neighbor_run::state::target_of(const ip_address& address,
                                                            std::uint32_t interface) const {
  if (!address) return std::nullopt;
  const auto found = find_on_link(targets, address, interface);
  if (!found) return std::nullopt;
  const auto target = static_cast<std::uint32_t>(*found);
  const auto home = exchange.link(link_of(target)).interface;
  if (interface != 0 && home != 0 && interface != home) return std::nullopt;
  return target;
}

void neighbor_run::state::hear(mono_time now, const arrival& packet) {
  auto heard = exchange.hear(packet);
  switch (heard.what) {
    case heard_message::kind::nothing:
      break;
    case heard_message::kind::answer:
      take_answer(now, packet, heard);
      break;
    case heard_message::kind::sighting:
      take_sighting(now, heard, packet.interface);
      break;
    case heard_message::kind::rejected:
      take_rejected(now, heard, packet.interface);
      break;
  }
}

void neighbor_run::state::take_answer(mono_time now, const arrival& packet, heard_message& heard) {
  const auto& said = heard.said;
  const auto target = target_of(said.claimed, packet.interface);
  const auto looked = looks.hear(packet.kernel, packet.read_at, said);
  if (looked && !target) return;
  // An answer about what was never asked; to the host's own questions, too.
  if (!target || ledger.sent(*target) == ledger.not_sent(*target)) {
    heard.why = reject_reason::wrong_source;
    return take_rejected(now, heard, packet.interface);
  }
  last_answer = now;
  const bool was_open = ledger.is_open(*target);
  const auto owners = ledger.owner_count(*target);
  auto reply = looked ? ledger.look_answer(*target, packet.read_at, looked->rtt, said)
                      : ledger.answer(*target, packet.kernel, packet.read_at, said);
  reply.at = packet.kernel.at;
  reply.said = said;
  if (was_open && !ledger.is_open(*target)) {
    --totals.pending;
    ++totals.received;
    if (reply.pair == neighbor_reply::pairing::ambiguous) ++totals.ambiguous;
  }
  if (reply.what == neighbor_reply::kind::duplicate) ++totals.duplicates;
  if (reply.what == neighbor_reply::kind::late) ++totals.late;
  if (reply.new_owner) {
    if (owners == 0) ++totals.in_use;
    if (owners == 1) ++totals.conflicts;
    looks.add_owner(link_of(*target), targets.at(*target), said.owner, !looked);
  }
  if (watch && reply.what == neighbor_reply::kind::in_time) watch->answered(reply);
  events.push_back(std::move(reply));
  const bool enough = config.stop_after != 0 && totals.received >= config.stop_after;
  if (enough && now_in == phase::asking) linger(now);
}

void neighbor_run::state::take_sighting(mono_time now, const heard_message& heard, std::uint32_t interface) {
  using message = neighbor_message::kind;
  const auto& said = heard.said;
  const bool claims = said.what == message::announcement || said.what == message::advertisement;
  const auto target = target_of(said.what == message::probe ? said.asked : said.claimed, interface);
  // Who asks for whom on a busy link is not our business, unless a target asks.
  if (!target && !claims) return;
  ++totals.sightings;
  if (seen.note(now, said)) events.push_back(neighbor_sighting{now, target, said});
  if (target && claims && watch) report(watch->announced(*target, said.owner, now));
}

void neighbor_run::state::take_rejected(mono_time now, heard_message& heard, std::uint32_t interface) {
  const auto& said = heard.said;
  const auto target = target_of(said.claimed, interface);
  const bool about_others =
      heard.why == reject_reason::wrong_hardware || heard.why == reject_reason::wrong_target ||
      heard.why == reject_reason::wrong_vlan || heard.why == reject_reason::wrong_framing;
  if (about_others && !target) return;
  const bool answers =
      said.what == neighbor_message::kind::reply || said.what == neighbor_message::kind::advertisement;
  if (heard.why == reject_reason::wrong_vlan) {
    if (!answers) return;  // other people's business on another VLAN
    seen.note_leak(said);
  }
  ++totals.rejected[static_cast<std::size_t>(heard.why)];
  if (rejects_since == mono_time::min() || now - rejects_since >= 1s) {
    rejects_since = now;
    rejects_told = 0;
  }
  if (++rejects_told > most_rejects_told) return;
  events.push_back(neighbor_rejected{heard.why, now, target, std::move(heard.said)});
}

void neighbor_run::state::take_stamp(const sent& what) {
  if ((what.token & look_bit) != 0) return looks.stamp(what.token & ~look_bit, what.when);
  const auto target = static_cast<std::uint32_t>(what.token);
  if (target < count && what.token == token_of(target, ledger.sent(target))) ledger.stamp(target, what.when);
}

void neighbor_run::state::slow_down(mono_time now) {
  if (slowed_at != mono_time::min() && now - slowed_at < one_overrun) return;
  slowed_at = now;
  rate = rate > 0 ? std::max(rate / 2, least_rate) : rate_after_overrun;
  tempo = pace::fixed(rate);
}

void neighbor_run::state::take_failure(mono_time now, const send_failed& what) {
  const auto why = send_reason(what.error);
  if (why == reason::local_queue_full) slow_down(now);
  if ((what.token & look_bit) != 0) return looks.fail(what.token & ~look_bit);
  const auto target = static_cast<std::uint32_t>(what.token);
  if (target < count && what.token == token_of(target, ledger.sent(target)) && ledger.is_open(target))
    fail(now, target, why, what.error);
}

void neighbor_run::state::fail(mono_time now, std::uint32_t target, reason why, int error) {
  ledger.fail(target, why);
  --totals.pending;
  ++totals.not_sent;
  events.push_back(neighbor_error{target, ledger.sent(target), now, why, error});
}

void neighbor_run::state::take_link(mono_time now, const link_changed& what) {
  const bool mine = std::any_of(config.links.begin(), config.links.end(),
                                [&](const neighbor_link& link) { return link.interface == what.interface; });
  if (!mine) return;
  const bool carries = what.up && what.running && !what.gone;
  const bool did = !is_down(what.interface);
  // A deleted interface is told to be down first.
  if (carries == did && !what.gone) return;
  events.push_back(neighbor_link_state{now, what});
  if (carries) {
    std::erase(down, what.interface);
    return;
  }
  if (did) down.push_back(what.interface);
  const bool last = std::all_of(config.links.begin(), config.links.end(),
                                [&](const neighbor_link& link) { return is_down(link.interface); });
  // A sweep over a dead link would call everybody silent; a deleted interface does not come back.
  if (last && (config.only_silent || what.gone)) finish(now);
}

}  // namespace diag::probe
