// Sizes in rounds: baseline, ceiling, then the gap in equal steps until it closes.
#include "libdiag/probe/mtu_search.hpp"

#include <algorithm>
#include <cerrno>

#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {
// RFC 791: every host takes 576 octets, every link 68; RFC 8200 §5: 1280.
constexpr std::uint32_t baseline_v4 = 68;
constexpr std::uint32_t baseline_v6 = 1280;
constexpr std::uint32_t sizes_per_round = 8;
constexpr std::uint8_t echo_reply_v4 = 0;
constexpr std::uint8_t echo_reply_v6 = 129;
constexpr duration shortest_patience = 250ms;

/// Redirects, source quench and parameter problems do not stop a probe, and a packet too big that names less
/// than 1280 is ignored (RFC 8201 §4).
bool stops_a_probe(ip_family family, std::uint8_t type, std::uint32_t mtu) {
  if (family == ip_family::v4) return type == 3 || type == 11;
  return type >= 1 && type <= 3 && (type != 2 || mtu >= baseline_v6);
}
}  // namespace

mtu_search::mtu_search(const mtu_search_config& config)
    : config_{config},
      table_{config.identifier_base, config.identifiers, 1024, 30s},
      mint_{config.run_nonce, config.key} {
  verdict_.upper = config.upper;
  begin_round({std::min(config.target.is_v4() ? baseline_v4 : baseline_v6, config.upper)});
}

void mtu_search::begin_round(std::vector<std::uint32_t> sizes) {
  round_.clear();
  for (const auto size : sizes) round_.push_back({size, 0, false, false});
}

duration mtu_search::patience() const {
  // Once the RTT is known, silence shows sooner than after the full timeout.
  return rtt_ ? std::min(config_.timeout, std::max(*rtt_ * 10, shortest_patience)) : config_.timeout;
}

std::optional<effect> mtu_search::next_effect(mono_time now) {
  if (finished_) return std::nullopt;
  for (std::uint32_t i = 0; i < round_.size(); ++i) {
    auto& which = round_[i];
    if (which.decided || which.in_flight || !table_.has_room(now)) continue;
    ++which.sent;
    ++verdict_.sent;
    which.in_flight = true;
    const auto& probe = table_.add(now, i, which.size);
    const auto wire = table_.token_of(probe.index);
    const auto family = config_.target.family();
    message_.emplace(family, std::size_t{which.size - overhead()}, byte_view{});
    transmit out;
    out.token = probe.index;
    out.protocol = family == ip_family::v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6;
    out.destination = config_.target;
    out.bytes = message_->stamp(wire.identifier, wire.sequence, mint_.mint(probe.index, config_.target));
    update_timer();
    return out;
  }
  update_timer();
  return std::nullopt;
}

mtu_search::candidate* mtu_search::candidate_of(const send_record& probe) {
  // The record's number is the size, which tells a straggler of an earlier round from this round's candidate.
  if (probe.target >= round_.size() || round_[probe.target].size != probe.number) return nullptr;
  auto& which = round_[probe.target];
  return which.decided ? nullptr : &which;
}

void mtu_search::feed(mono_time now, const stimulus& what) {
  if (finished_) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    take(now, *packet);
  } else if (const auto* left = std::get_if<sent>(&what)) {
    auto* probe = table_.record(left->token);
    if (probe && left->when.source != stamp_source::user) {
      probe->kernel_sent = left->when.at;
      probe->kernel_source = left->when.source;
    }
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    take_local(now, failed->token, failed->error, 0);
  } else if (const auto* notice = std::get_if<path_notice>(&what)) {
    if (notice->quoted.size() >= 8 && notice->destination == config_.target) {
      const auto* probe =
          find(load_be16(notice->quoted, 4), load_be16(notice->quoted, 6), notice->quoted.subspan(8));
      if (probe) take_notice(now, probe->index, *notice);
    }
  } else if (std::holds_alternative<interrupt>(what)) {
    conclude(now, true);
  } else if (std::holds_alternative<wakeup>(what)) {
    while (auto* probe = table_.oldest_in_flight()) {
      if (probe->user_sent + patience() > now) break;
      table_.close(*probe, probe_state::lost);
      if (auto* which = candidate_of(*probe)) {
        which->in_flight = false;
        if (which->sent >= config_.tries) decide(now, *which, {which->size, mtu_step::outcome::silent, now});
      }
    }
  }
  if (finished_) return;
  if (std::all_of(round_.begin(), round_.end(), [](const candidate& c) { return c.decided; }))
    next_round(now);
  update_timer();
}

send_record* mtu_search::find(std::uint16_t identifier, std::uint16_t sequence, byte_view token) {
  const auto found = table_.find(identifier, sequence);
  auto* probe = found.index != 0 ? table_.record(found.index) : nullptr;
  return probe && mint_.proves(token, probe->index, config_.target) ? probe : nullptr;
}

void mtu_search::take(mono_time now, const arrival& packet) {
  const auto reading = read_icmp(packet);
  if (const auto* reply = std::get_if<icmp_reply>(&reading))
    take_reply(now, packet, *reply);
  else if (const auto* error = std::get_if<icmp_error>(&reading))
    take_error(now, *error);
}

void mtu_search::take_reply(mono_time now, const arrival& packet, const icmp_reply& reply) {
  const auto expected = config_.target.is_v4() ? echo_reply_v4 : echo_reply_v6;
  if (reply.envelope.type != expected || reply.envelope.code != 0 || reply.envelope.checksum_bad ||
      !(reply.envelope.from == config_.target) || reply.body.size() < 8)
    return;
  auto* probe = find(reply.identifier, reply.sequence, reply.body);
  // A reply shorter than the request is as good: the path there took the whole of it.
  if (!probe) return;
  const auto trip = measure(probe->user_sent, probe->kernel(), packet);
  if (probe->state == probe_state::in_flight) table_.close(*probe, probe_state::answered);
  rtt_ = rtt_ ? std::max(*rtt_, trip.rtt) : trip.rtt;
  mtu_step step{probe->number, mtu_step::outcome::answered, now};
  step.rtt = trip.rtt;
  // Late, and its size is decided: it was answered all the same.
  candidate stray{probe->number, 0, false, false};
  auto* which = candidate_of(*probe);
  if (!which && probe->number <= largest_answered_) return;
  decide(now, which ? *which : stray, step);
}

void mtu_search::take_error(mono_time now, const icmp_error& error) {
  if (!error.quote || error.envelope.checksum_bad || !(error.quote->destination == config_.target)) return;
  const auto echo = wire::quoted_echo(*error.quote);
  if (!echo || (echo->type != 8 && echo->type != 128)) return;
  const auto type = error.envelope.type;
  if (!stops_a_probe(error.envelope.family, type, error.mtu)) return;
  auto* probe = find(echo->identifier, echo->sequence,
                     echo->payload.first(std::min<std::size_t>(echo->payload.size(), 8)));
  if (!probe) return;
  refuse(now, *probe, icmp_reason(error.envelope.family, type, error.envelope.code), error.envelope.from,
         error.mtu);
}

void mtu_search::refuse(mono_time now, send_record& probe, reason why, const ip_address& from,
                        std::uint32_t mtu) {
  auto* which = candidate_of(probe);
  if (probe.state == probe_state::in_flight) table_.close(probe, probe_state::refused);
  if (!which) return;
  const auto too_big = why == reason::fragmentation_needed || why == reason::packet_too_big;
  mtu_step step{which->size, too_big ? mtu_step::outcome::too_big : mtu_step::outcome::refused, now};
  step.from = from;
  step.mtu = mtu;
  step.why = why;
  decide(now, *which, step);
}

void mtu_search::take_local(mono_time now, probe_token token, int error, std::uint32_t mtu) {
  auto* probe = token != 0 ? table_.record(token) : nullptr;
  if (!probe || probe->state != probe_state::in_flight) return;
  table_.close(*probe, probe_state::not_sent);
  auto* which = candidate_of(*probe);
  if (!which) return;
  mtu_step step{which->size, error == EMSGSIZE ? mtu_step::outcome::too_big : mtu_step::outcome::refused,
                now};
  step.mtu = mtu;
  step.why = send_reason(error);
  decide(now, *which, step);
}

void mtu_search::take_notice(mono_time now, probe_token token, const path_notice& notice) {
  if (notice.origin == path_notice::origin_kind::local)
    return take_local(now, token, notice.error, notice.mtu);
  // On a datagram socket a router's word comes this way alone.
  auto* probe = table_.record(token);
  if (!probe || probe->state != probe_state::in_flight) return;
  const auto family = config_.target.family();
  if (!stops_a_probe(family, notice.type, notice.mtu)) return;
  refuse(now, *probe, icmp_reason(family, notice.type, notice.code), notice.offender, notice.mtu);
}

void mtu_search::decide(mono_time now, candidate& which, mtu_step step) {
  which.decided = true;
  which.in_flight = false;
  step.at = now;
  events_.push_back(step);
  if (step.what == mtu_step::outcome::answered) {
    largest_answered_ = std::max(largest_answered_, step.size);
    return;
  }
  failures_.push_back(step);
  // RFC 1191 §5: an old router says 0. A hint outside the gap is a lie and is not followed.
  if (step.what == mtu_step::outcome::too_big && step.mtu > largest_answered_ && step.mtu < step.size)
    hint_ = step.mtu;
}

const mtu_step* mtu_search::limit() const {
  const mtu_step* lowest = nullptr;
  for (const auto& failure : failures_)
    if (failure.size > largest_answered_ && (!lowest || failure.size < lowest->size)) lowest = &failure;
  return lowest;
}

void mtu_search::next_round(mono_time now) {
  if (largest_answered_ == 0 || largest_answered_ >= config_.upper) return conclude(now, false);
  const auto* above = limit();
  if (!above) return begin_round({config_.upper});
  const auto smallest_failed = above->size;
  if (smallest_failed <= largest_answered_ + 1) {
    if (above->what != mtu_step::outcome::silent || confirmed_ == smallest_failed)
      return conclude(now, false);
    confirmed_ = smallest_failed;
    std::erase_if(failures_, [&](const mtu_step& failure) { return failure.size == smallest_failed; });
    return begin_round({smallest_failed});
  }
  if (hint_ > largest_answered_ && hint_ < smallest_failed) {
    // The size named and the one above it: if the node told the truth, this round is the last.
    const auto named = hint_;
    hint_ = 0;
    return named + 1 < smallest_failed ? begin_round({named, named + 1}) : begin_round({named});
  }
  const auto gap = smallest_failed - largest_answered_;
  std::vector<std::uint32_t> sizes;
  for (std::uint32_t i = 1; i <= sizes_per_round; ++i) {
    const auto size = largest_answered_ + gap * i / (sizes_per_round + 1);
    if (size > largest_answered_ && size < smallest_failed && (sizes.empty() || sizes.back() != size))
      sizes.push_back(size);
  }
  if (sizes.empty()) sizes.push_back(largest_answered_ + 1);
  begin_round(std::move(sizes));
}

void mtu_search::conclude(mono_time now, bool interrupted) {
  verdict_.path_mtu = largest_answered_;
  verdict_.at = now;
  verdict_.interrupted = interrupted;
  for (const auto& failure : failures_) {
    if (failure.what != mtu_step::outcome::silent || failure.size <= largest_answered_) continue;
    if (verdict_.silent_above == 0 || failure.size < verdict_.silent_above)
      verdict_.silent_above = failure.size;
  }
  if (const auto* decisive = limit()) {
    // What decided the limit was silence, not a word from anybody.
    verdict_.black_hole =
        !interrupted && largest_answered_ != 0 && decisive->what == mtu_step::outcome::silent;
    verdict_.limited_by = decisive->from;
    verdict_.limited_here = decisive->what != mtu_step::outcome::silent && !decisive->from;
  }
  events_.push_back(verdict_);
  finished_ = true;
  timers_.clear(timer::expire);
}

void mtu_search::update_timer() {
  auto* oldest = finished_ ? nullptr : table_.oldest_in_flight();
  timers_.set(timer::expire, oldest ? std::optional{oldest->user_sent + patience()} : std::nullopt);
}

std::optional<mono_time> mtu_search::deadline() const {
  if (finished_) return std::nullopt;
  const auto due = timers_.earliest();
  return due ? due : mono_time::min();
}

std::optional<mtu_event> mtu_search::next_event() {
  if (events_.empty()) return std::nullopt;
  auto first = events_.front();
  events_.pop_front();
  return first;
}

std::optional<probe_token> mtu_search::recognise(byte_view icmp_message,
                                                 const ip_address& destination) const {
  if (icmp_message.size() < 8 || !(destination == config_.target)) return std::nullopt;
  const auto found = table_.find(load_be16(icmp_message, 4), load_be16(icmp_message, 6));
  return found.index != 0 ? std::optional{found.index} : std::nullopt;
}

}  // namespace diag::probe
