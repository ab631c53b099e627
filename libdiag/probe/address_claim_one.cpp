// One claim: what is due, what an objection does to it, what it amounts to.
//
// MAX_CONFLICTS and RATE_LIMIT_INTERVAL (RFC 5227 §2.1.1) slow down a host that chooses one address after the
// other; here none is chosen, so they have nothing to limit.
#include "libdiag/probe/address_claim_one.hpp"

#include <algorithm>

#include "libdiag/probe/correlate.hpp"

namespace diag::probe {

claim_one::claim_one(const claim_rules& rules, std::uint32_t target, mono_time now,
                     event_queue<claim_event>& events)
    : rules_{rules},
      events_{events},
      random_{keyed_hash({rules.seed, 0}, {target})},
      target_{target},
      started_{now} {
  if (rules_.probe) {
    // RFC 5227 §2.1.1, RFC 4862 §5.4.2: hosts switched on together do not speak together. What is heard
    // meanwhile counts.
    schedule_ = now + draw(0ns, rules_.timing.probe_wait);
  } else {
    phase_ = phase::announcing;
    schedule_ = now;
  }
}

duration claim_one::draw(duration least, duration most) {
  if (most <= least) return least;
  return least + duration{static_cast<duration::rep>(
                     random_.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

claim_nonce claim_one::nonce_of(std::uint64_t number) const {
  const auto drawn = keyed_hash({rules_.seed, 1}, {target_, number});
  claim_nonce nonce;
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::byte>(drawn >> 8 * i);
  return nonce;
}

bool claim_one::is_own(const claim_nonce& nonce) const {
  // One that is still to be sent is no proof of anything, but one under way is.
  for (std::uint64_t number = 1; number <= probes_ + 1; ++number)
    if (nonce == nonce_of(number)) return true;
  return false;
}

std::optional<mono_time> claim_one::due() const {
  if (phase_ == phase::over) return std::nullopt;
  if (phase_ == phase::settling) return schedule_;
  if (errand_.is != errand::status::none) return errand_.until;
  if (defence_at_ && schedule_) return std::min(*defence_at_, *schedule_);
  return defence_at_ ? defence_at_ : schedule_;
}

std::optional<claim_step::kind> claim_one::next(mono_time now) {
  if (phase_ == phase::settling) {
    conclude(now, lost_ ? claim_verdict::conflict : verdict_of_objections());
    return std::nullopt;
  }
  if (errand_.is == errand::status::handed_out) {
    give_up_frame(now, reason::system_error);
    return std::nullopt;
  }
  if (errand_.is == errand::status::to_retry) return hand_out(now, errand_.what, true);
  if (defence_at_ && *defence_at_ <= now) {
    defence_at_.reset();
    last_defence_ = now;
    return hand_out(now, claim_step::kind::defended, false);
  }
  if (phase_ == phase::probing && probes_ < rules_.timing.probes)
    return hand_out(now, claim_step::kind::probed, false);
  if (phase_ == phase::announcing && !all_announced())
    return hand_out(now, claim_step::kind::announced, false);
  advance(now);
  return std::nullopt;
}

void claim_one::advance(mono_time now) {
  if (phase_ == phase::probing) {
    if (rules_.timing.probes == 0) return conclude(now, claim_verdict::cannot_tell);
    // RFC 5227 §2.1.1: ANNOUNCE_WAIT has passed in silence: the address may be used.
    if (!rules_.announce && !rules_.defend) return conclude(now, claim_verdict::free);
    phase_ = phase::announcing;
    schedule_ = now;
  } else if (phase_ == phase::announcing) {
    if (!rules_.defend) return conclude(now, claim_verdict::free);
    phase_ = phase::holding;
    schedule_.reset();
  }
}

claim_step::kind claim_one::hand_out(mono_time now, claim_step::kind what, bool second) {
  ++serial_;
  errand_ = {what, errand::status::handed_out, second, now, now + retry_after};
  return what;
}

void claim_one::left(mono_time now, const sent& what) {
  if (over() || what.token != token()) return;
  if (errand_.is != errand::status::handed_out) {
    // A better stamp of what is known to have left.
    if (errand_.what == claim_step::kind::probed && what.when.source != stamp_source::user)
      kernel_sent_ = what.when;
    return;
  }
  errand_.is = errand::status::none;
  // Stamps of the kernel are of another clock: they measure, and never schedule.
  const auto by_user = what.when.source == stamp_source::user;
  const auto at = by_user ? std::clamp(what.when.at, errand_.handed_out, now) : errand_.handed_out;
  std::uint64_t number = 0;
  switch (errand_.what) {
    case claim_step::kind::probed:
      number = ++probes_;
      user_sent_ = at;
      kernel_sent_ = by_user ? moment{} : what.when;
      break;
    case claim_step::kind::announced:
      number = ++announcements_;
      break;
    case claim_step::kind::defended:
      number = ++defences_;
      break;
    case claim_step::kind::gave_up:
      return;
  }
  events_.push_back(claim_step{errand_.what, target_, number, at});
  if (phase_ == phase::settling) return;
  if (errand_.what == claim_step::kind::probed) after_probe(at);
  if (errand_.what == claim_step::kind::announced) after_announcement(at);
}

void claim_one::after_probe(mono_time at) {
  const auto& timing = rules_.timing;
  // RFC 5227 §2.1.1; RFC 4862 §5.4: RetransTimer between the probes, and after the last one.
  schedule_ =
      at + (probes_ < timing.probes ? draw(timing.probe_min, timing.probe_max) : timing.announce_wait);
}

void claim_one::after_announcement(mono_time at) {
  // RFC 5227 §2.3, RFC 4861 §7.2.6. Who has it too objects at once: the last one is listened after.
  schedule_ = at + (all_announced() ? settle_time : rules_.timing.announce_interval);
  if (all_announced() && rules_.defend) advance(at);
}

bool claim_one::all_announced() const {
  return !rules_.endless && announcements_ >= rules_.timing.announcements;
}

void claim_one::failed(mono_time now, probe_token token, reason why) {
  if (over() || token != this->token() || errand_.is != errand::status::handed_out) return;
  give_up_frame(now, why);
}

void claim_one::give_up_frame(mono_time now, reason why) {
  ++not_sent_;
  const auto second = errand_.second;
  errand_.is = errand::status::none;
  if (phase_ == phase::settling) return;
  if (second) return break_off(now, why);
  errand_.is = errand::status::to_retry;
  errand_.until = now + retry_after;
}

void claim_one::object(mono_time now, const neighbor_message& said, bool has, const arrival& packet) {
  if (over()) return;
  ++objections_;
  remember(said.owner, has);
  claim_objection objection;
  objection.target = target_;
  objection.at = packet.kernel.source == stamp_source::user ? packet.read_at : packet.kernel.at;
  if (probes_ > 0) objection.since_probe = measure(user_sent_, kernel_sent_, packet).rtt;
  objection.said = said;
  events_.push_back(objection);
  if (phase_ == phase::settling) return;
  if (phase_ == phase::probing) return settle(now);
  // RFC 5227 §2.4 (a): who does not defend ceases at once.
  if (!rules_.defend) return give_way(now);
  if (has)
    claimed_by_other(now);
  else
    wanted_by_other(now);
}

void claim_one::claimed_by_other(mono_time now) {
  // RFC 5227 §2.4 (b): one announcement, unless the last conflict is recent. (c), never to give way, is for
  // routers and their like, and is not done here.
  const auto recent = last_conflict_ && now - *last_conflict_ <= rules_.timing.defend_interval;
  last_conflict_ = now;
  if (recent) return give_way(now);
  defence_at_ = now;
}

void claim_one::wanted_by_other(mono_time now) {
  // Somebody's probe is no conflicting packet (§2.4), but unanswered it makes him an owner. Its successor
  // comes a second later: more often nobody is answered who asks in good faith.
  if (!defence_at_) defence_at_ = last_defence_ ? std::max(now, *last_defence_ + retry_after) : now;
}

void claim_one::give_way(mono_time now) {
  lost_ = true;
  events_.push_back(claim_step{claim_step::kind::gave_up, target_, 1, now});
  settle(now);
}

void claim_one::settle(mono_time now) {
  phase_ = phase::settling;
  schedule_ = now + settle_time;
}

void claim_one::remember(const mac_address& owner, bool has) {
  if (std::ranges::find(owners_, owner) == owners_.end() && owners_.size() < most_owners)
    owners_.push_back(owner);
  if (has && owner == owners_.front()) has_owner_ = true;
}

claim_verdict claim_one::verdict_of_objections() const {
  // Who both probes and claims has it; who only probes wants it, as we do (RFC 5227 §2.1.1, RFC 4862 §5.4.3).
  return owners_.size() == 1 && has_owner_ ? claim_verdict::in_use : claim_verdict::conflict;
}

void claim_one::break_off(mono_time now, reason why) {
  if (over()) return;
  if (phase_ == phase::settling)
    return conclude(now, lost_ ? claim_verdict::conflict : verdict_of_objections());
  conclude(now, claim_verdict::cannot_tell, why);
}

void claim_one::cut_short(mono_time now) {
  if (over()) return;
  switch (phase_) {
    case phase::settling:
      return break_off(now, reason::none);
    case phase::probing: {
      const auto waited = rules_.timing.probes > 0 && probes_ >= rules_.timing.probes &&
                          errand_.is == errand::status::none && schedule_ && *schedule_ <= now;
      return conclude(now, waited ? claim_verdict::free : claim_verdict::cannot_tell);
    }
    default: {
      // What is announced or held until further notice ends like this; what was probed for is free.
      const auto unlimited = rules_.endless || rules_.defend;
      const auto enough = rules_.probe || all_announced() || (unlimited && announcements_ > 0);
      return conclude(now, enough ? claim_verdict::free : claim_verdict::cannot_tell);
    }
  }
}

void claim_one::conclude(mono_time now, claim_verdict verdict, reason why) {
  phase_ = phase::over;
  claim_summary summary;
  summary.target = target_;
  summary.at = now;
  summary.elapsed = now - started_;
  summary.verdict = verdict;
  summary.probes = probes_;
  summary.announcements = announcements_;
  summary.defences = defences_;
  summary.not_sent = not_sent_;
  summary.objections = objections_;
  summary.owners = std::move(owners_);
  summary.why = why;
  summary.looped = looped_;
  events_.push_back(std::move(summary));
}

}  // namespace diag::probe
