// Owners are a linked list a target, out of one pool.
#include "libdiag/probe/neighbor_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace diag::probe {

namespace {

constexpr duration least_memory = 3s;

enum trait : std::uint16_t {
  to_broadcast = 1,
  to_unicast = 2,
  broadcasts = 4,
  mismatched = 8,
  wrong_target_hardware = 16,
  router = 32,
  override_flag = 64,
  unsolicited = 128,
  unpaired = 256,  ///< its last answer was ambiguous: what follows it is, too
};

template <class Number>
void count_up(Number& number) {
  if (number < std::numeric_limits<Number>::max()) ++number;
}

std::uint32_t clipped(std::int64_t value) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(value, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::uint16_t traits_of(const neighbor_message& said, asked_by way) {
  unsigned set = way == asked_by::broadcast ? to_broadcast : to_unicast;
  if (said.to_everyone()) set |= broadcasts;
  if (said.owner_stated && said.frame_source != said.owner) set |= mismatched;
  const bool arp = said.what == neighbor_message::kind::reply;
  if (arp && said.target_hardware != said.frame_destination && !said.to_everyone())
    set |= wrong_target_hardware;
  if (said.router) set |= router;
  if (said.override_flag) set |= override_flag;
  if (!arp && !said.solicited) set |= unsolicited;
  return static_cast<std::uint16_t>(set);
}

}  // namespace

neighbor_ledger::neighbor_ledger(std::uint32_t targets, bool sweep, duration timeout)
    : entries_(targets),
      counters_(sweep ? 0 : targets),
      timeout_{timeout},
      memory_{std::max(least_memory, 3 * timeout)} {}

void neighbor_ledger::open(std::uint32_t target, mono_time now, asked_by way) {
  auto& e = entries_[target];
  assert((e.flags & open_bit) == 0);
  if (!started_) start_ = now;
  started_ = true;
  const bool first = left(target) == 0;
  const bool silent = !first && (e.flags & answered_bit) == 0;
  if (!is_sweep()) counters_[target].before = e;
  if (silent)
    e.silent_for =
        clipped(e.silent_for + std::chrono::ceil<std::chrono::microseconds>(now - e.sent_at).count());
  else
    e.silent_for = 0;
  if (!is_sweep()) {
    auto& c = counters_[target];
    if (first) c.first_sent = now;
    if (c.not_before != mono_time::min()) {
      // What was under way has come by now, or never will.
      c.settled = left(target);
      c.not_before = mono_time::min();
    }
    if (!first && now - e.sent_at > memory_) c.settled = left(target);
    ++c.sent;
    c.left_before = std::exchange(c.last_left, c.sent);
  } else {
    count_up(e.sent);
  }
  e.sent_at = now;
  e.left_after = 0;
  e.flags = static_cast<std::uint8_t>((e.flags & crowded_bit) | open_bit |
                                      (way == asked_by::unicast ? unicast_bit : 0));
}

void neighbor_ledger::stamp(std::uint32_t target, const moment& left) {
  auto& e = entries_[target];
  if (left.source == stamp_source::socket)
    e.left_after = clipped(std::max<std::int64_t>(1, (left.at - e.sent_at).count()));
  else if ((e.flags & open_bit) != 0 && e.left_after == 0)
    e.sent_at = std::max(e.sent_at, left.at);
}

void neighbor_ledger::lose(std::uint32_t target) {
  auto& e = entries_[target];
  assert((e.flags & open_bit) != 0);
  e.flags = static_cast<std::uint8_t>(e.flags & ~open_bit);
  if (is_sweep()) return;
  ++counters_[target].lost;
  ++counters_[target].silent;
}

void neighbor_ledger::fail(std::uint32_t target, reason why) {
  auto& e = entries_[target];
  if ((e.flags & open_bit) == 0) return;
  if (is_sweep()) {
    e.flags = static_cast<std::uint8_t>((e.flags & ~open_bit) | failed_bit);
    count_up(e.not_sent);
    error_ = why;
  } else {
    // A probe that never left leaves things as they were.
    auto& c = counters_[target];
    const auto now = std::exchange(e, c.before);
    e.owner = now.owner;
    e.flags |= static_cast<std::uint8_t>(now.flags & crowded_bit);
    ++c.not_sent;
    c.last_left = c.left_before;
    c.error = why;
  }
}

std::uint64_t neighbor_ledger::sent(std::uint32_t target) const {
  return is_sweep() ? entries_[target].sent : counters_[target].sent;
}
std::uint64_t neighbor_ledger::not_sent(std::uint32_t target) const {
  return is_sweep() ? entries_[target].not_sent : counters_[target].not_sent;
}
std::uint64_t neighbor_ledger::last_number(std::uint32_t target) const {
  if (!is_sweep()) return counters_[target].last_left;
  // Failures of a sweep come in a row, while the queue is full or the link is down.
  return (entries_[target].flags & failed_bit) != 0 ? left(target) : sent(target);
}
reason neighbor_ledger::last_error(std::uint32_t target) const {
  if (!is_sweep()) return counters_[target].error;
  return entries_[target].not_sent != 0 ? error_ : reason::none;
}
mono_time neighbor_ledger::not_before(std::uint32_t target) const {
  return is_sweep() ? mono_time::min() : counters_[target].not_before;
}
std::uint32_t neighbor_ledger::silent_in_a_row(std::uint32_t target) const {
  return is_sweep() ? 0 : counters_[target].silent;
}

std::uint32_t neighbor_ledger::since_start(mono_time at) const {
  return clipped(std::chrono::floor<std::chrono::milliseconds>(at - start_).count());
}

neighbor_ledger::filed neighbor_ledger::file(std::uint32_t target, mono_time at, const neighbor_message& said,
                                             asked_by way) {
  auto& e = entries_[target];
  filed result;
  std::uint32_t count = 0;
  auto* last = &e.owner;
  for (; *last != none; last = &owners_[*last].next, ++count)
    if (owners_[*last].mac == said.owner) break;
  if (*last == none) {
    if (count >= most_owners || owners_.size() >= most_owners_in_all) {
      e.flags |= crowded_bit;
      return result;
    }
    *last = static_cast<std::uint32_t>(owners_.size());
    result.added = true;
    auto& fresh = owners_.emplace_back();
    if (!is_sweep()) owner_counters_.emplace_back();
    fresh.mac = said.owner;
    fresh.first = since_start(at);
  }
  result.owner = *last;
  auto& owner = owners_[result.owner];
  owner.last = since_start(at);
  owner.traits = static_cast<std::uint16_t>(owner.traits | traits_of(said, way));
  if (said.frame_source != said.owner)
    frame_sources_[result.owner] = said.frame_source;
  else if (!frame_sources_.empty())
    frame_sources_.erase(result.owner);
  return result;
}

neighbor_ledger::elapsed neighbor_ledger::since_sent(const entry& of, const moment& came, mono_time read_at) {
  // Both ends from the same source, or from this process.
  if (came.source == stamp_source::socket && of.left_after != 0) {
    const auto left = of.sent_at + std::chrono::nanoseconds{of.left_after};
    if (came.at >= left) return {came.at - left, stamp_source::socket};
  }
  return {std::max(duration::zero(), read_at - of.sent_at), stamp_source::user};
}

/// What an answer that came `since` the last probe took, if it is to the first probe it can be to.
duration neighbor_ledger::longest(std::uint32_t target, duration since) const {
  const auto& e = entries_[target];
  const auto silent_for = std::chrono::microseconds{e.silent_for};
  if (is_sweep()) return since + silent_for;
  // Where it alone owns the address, what it left unanswered is what everybody did.
  const bool alone = owner_count(target) == 1 && e.silent_for != 0;
  const auto asking = e.sent_at - counters_[target].first_sent;
  const auto before = alone ? silent_for : std::chrono::ceil<std::chrono::microseconds>(asking);
  return std::max(since, std::min<duration>(since + before, memory_));
}

/// `answered_before`: the last probe this owner answered, 0: none.
void neighbor_ledger::pair(neighbor_reply& reply, std::uint32_t target, std::uint64_t answered_before) {
  const auto& e = entries_[target];
  const auto number = left(target);
  reply.rtt_most = reply.rtt;
  if (number <= 1 || answered_before + 1 == number) return;
  if (is_sweep()) {
    reply.pair = neighbor_reply::pairing::ambiguous;
    reply.rtt_most = longest(target, reply.rtt);
    return;
  }
  auto& c = counters_[target];
  if (c.settled + 1 >= number) return;
  reply.pair = neighbor_reply::pairing::ambiguous;
  reply.rtt_most = longest(target, reply.rtt);
  // If it was an earlier probe that took so long, so will this one.
  c.not_before = std::max(c.not_before, e.sent_at + reply.rtt_most + reply.rtt_most / 2);
}

void neighbor_ledger::doubt(neighbor_reply& reply, std::uint32_t owner, duration since) const {
  if ((owners_[owner].traits & unpaired) == 0) return;
  reply.pair = neighbor_reply::pairing::ambiguous;
  reply.rtt_most = std::max(reply.rtt, longest(reply.target, since));
}

std::uint64_t neighbor_ledger::number_of(std::uint32_t owner) const {
  if (owner == none) return 0;
  return is_sweep() ? owners_[owner].number : owner_counters_[owner].number;
}

/// Files the first answer of an owner to a probe, paired and dated.
void neighbor_ledger::answered(std::uint32_t owner, const neighbor_reply& reply) {
  if (owner == none) return;
  auto& one = owners_[owner];
  const bool certain = reply.pair == neighbor_reply::pairing::certain;
  const bool in_time = reply.what == neighbor_reply::kind::in_time;
  const unsigned others = one.traits & ~unsigned{unpaired};
  one.traits = static_cast<std::uint16_t>(others | (certain ? 0U : unsigned{unpaired}));
  const auto rtt = clipped(std::max<std::int64_t>(1, reply.rtt.count()));
  const bool fits = rtt < std::numeric_limits<std::uint32_t>::max();
  if (in_time && certain && fits && (one.rtt == 0 || rtt < one.rtt)) one.rtt = rtt;
  if (is_sweep()) {
    one.number = static_cast<std::uint8_t>(left(reply.target));
    if (in_time) count_up(one.answers);
  } else {
    owner_counters_[owner].number = left(reply.target);
    if (in_time) ++owner_counters_[owner].answers;
  }
}

neighbor_reply neighbor_ledger::answer(std::uint32_t target, const moment& came, mono_time read_at,
                                       const neighbor_message& said) {
  auto& e = entries_[target];
  neighbor_reply reply;
  reply.target = target;
  reply.number = last_number(target);
  reply.way = (e.flags & unicast_bit) != 0 ? asked_by::unicast : asked_by::broadcast;
  const auto took = since_sent(e, came, read_at);
  reply.rtt = took.since;
  reply.rtt_most = took.since;
  reply.source = took.source;
  const auto [owner, added] = file(target, read_at, said, reply.way);
  reply.new_owner = added;
  if (owner != none && number_of(owner) == left(target)) {
    reply.what = neighbor_reply::kind::duplicate;
    if (is_sweep())
      count_up(owners_[owner].duplicates);
    else
      ++owner_counters_[owner].duplicates;
    doubt(reply, owner, took.since);
    return reply;
  }
  pair(reply, target, number_of(owner));
  const bool certain = reply.pair == neighbor_reply::pairing::certain;
  auto* const c = is_sweep() ? nullptr : &counters_[target];
  const bool given_up = (e.flags & (open_bit | answered_bit)) == 0;
  if (given_up || took.since > timeout_) {
    reply.what = neighbor_reply::kind::late;
    if (c != nullptr) ++c->late;
    count_up(e.late);
  } else if (c != nullptr && certain) {
    c->rtt.add(reply.rtt);
  }
  answered(owner, reply);
  if ((e.flags & open_bit) != 0 && reply.what == neighbor_reply::kind::in_time) {
    e.flags = static_cast<std::uint8_t>((e.flags & ~open_bit) | answered_bit);
    if (c != nullptr) {
      ++c->received;
      if (!certain) ++c->ambiguous;
      c->silent = 0;
    }
  }
  return reply;
}

neighbor_reply neighbor_ledger::look_answer(std::uint32_t target, mono_time at, duration rtt,
                                            const neighbor_message& said) {
  neighbor_reply reply;
  reply.what = neighbor_reply::kind::look;
  reply.target = target;
  reply.number = last_number(target);
  reply.at = at;
  reply.rtt = reply.rtt_most = rtt;
  reply.way = asked_by::unicast;
  const auto [owner, added] = file(target, at, said, asked_by::unicast);
  reply.new_owner = added;
  if (owner != none) doubt(reply, owner, at - entries_[target].sent_at);
  return reply;
}

std::optional<mac_address> neighbor_ledger::first_owner(std::uint32_t target) const {
  const auto first = entries_[target].owner;
  return first == none ? std::nullopt : std::optional{owners_[first].mac};
}
std::uint32_t neighbor_ledger::owner_count(std::uint32_t target) const {
  std::uint32_t count = 0;
  for (auto i = entries_[target].owner; i != none; i = owners_[i].next) ++count;
  return count;
}
bool neighbor_ledger::answered_last(std::uint32_t target, const mac_address& mac) const {
  for (auto i = entries_[target].owner; i != none; i = owners_[i].next)
    if (owners_[i].mac == mac) return number_of(i) == left(target);
  return false;
}

neighbor_owner neighbor_ledger::unpacked(std::uint32_t number) const {
  const auto& one = owners_[number];
  const auto set = [&](trait which) { return (one.traits & which) != 0; };
  neighbor_owner owner;
  owner.mac = one.mac;
  const auto strange = frame_sources_.find(number);
  owner.frame_source = strange == frame_sources_.end() ? one.mac : strange->second;
  owner.answers = is_sweep() ? one.answers : owner_counters_[number].answers;
  owner.duplicates = is_sweep() ? one.duplicates : owner_counters_[number].duplicates;
  owner.first = start_ + std::chrono::milliseconds{one.first};
  owner.last = start_ + std::chrono::milliseconds{one.last};
  owner.rtt = std::chrono::nanoseconds{one.rtt};
  owner.to_broadcast = set(to_broadcast);
  owner.to_unicast = set(to_unicast);
  owner.broadcasts = set(broadcasts);
  owner.mismatched = set(mismatched);
  owner.wrong_target_hardware = set(wrong_target_hardware);
  owner.router = set(router);
  owner.override_flag = set(override_flag);
  owner.unsolicited = set(unsolicited);
  return owner;
}

std::vector<neighbor_owner> neighbor_ledger::owners(std::uint32_t target) const {
  std::vector<neighbor_owner> all;
  for (auto i = entries_[target].owner; i != none; i = owners_[i].next) all.push_back(unpacked(i));
  return all;
}

neighbor_summary neighbor_ledger::account(std::uint32_t target) const {
  const auto& e = entries_[target];
  neighbor_summary sum;
  sum.target = target;
  sum.pending = (e.flags & open_bit) != 0 ? 1 : 0;
  sum.owners = owners(target);
  for (const auto& owner : sum.owners) sum.duplicates += owner.duplicates;
  sum.too_many_owners = (e.flags & crowded_bit) != 0;
  sum.last_error = last_error(target);
  sum.sent = sent(target);
  sum.not_sent = not_sent(target);
  if (is_sweep()) {
    sum.received = (e.flags & answered_bit) != 0 ? 1 : 0;
    sum.lost = sum.sent - sum.received - sum.not_sent - sum.pending;
    sum.late = e.late;
    sum.ambiguous = sum.received != 0 && left(target) > 1 ? 1 : 0;
    return sum;
  }
  const auto& c = counters_[target];
  sum.received = c.received;
  sum.lost = c.lost;
  sum.late = c.late;
  sum.ambiguous = c.ambiguous;
  sum.rtt = &c.rtt;
  return sum;
}

}  // namespace diag::probe
