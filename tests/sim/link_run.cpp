// Feed, drain, sleep: with whole frames.
#include "tests/sim/link_run.hpp"

#include <algorithm>
#include <cerrno>

namespace diag::sim {

namespace {
constexpr std::uint32_t idle_turns_allowed = 10'000;

probe::link_changed state_in(std::uint32_t interface, const link_outage* outage) {
  using kind = link_outage::kind;
  if (!outage) return {interface, true, true, false};
  return {interface, outage->what == kind::no_carrier, false, outage->what == kind::gone};
}
}  // namespace

link_host::link_host(link_segment& segment, const link_options& options)
    : segment_{segment}, options_{options} {
  const auto tell = [&](mono_time when) {
    news_.emplace_back(when, state_in(options_.interface, outage_at(when)));
  };
  tell(segment_.net.now());
  for (const auto& outage : options_.outages) {
    tell(outage.from);
    if (outage.what != link_outage::kind::gone) tell(outage.to);
  }
  std::ranges::stable_sort(news_, {}, [](const auto& one) { return one.first; });
}

const link_outage* link_host::outage_at(mono_time when) const {
  for (const auto& one : options_.outages)
    if (when >= one.from && (when < one.to || one.what == link_outage::kind::gone)) return &one;
  return nullptr;
}

void link_host::drain_effects(probe::machine& what) {
  // The driver hears how the link is before it sends anything.
  while (!news_.empty() && news_.front().first <= now()) {
    const auto change = news_.front().second;
    news_.pop_front();
    what.feed(now(), change);
  }
  while (const auto next = what.next_effect(now())) {
    idle_turns_ = 0;
    if (const auto* sending = std::get_if<probe::transmit>(&*next))
      transmit(what, *sending);
    else
      ++result_.misaddressed;
  }
}

void link_host::transmit(probe::machine& what, const probe::transmit& request) {
  const auto token = request.token;
  if (request.layer != probe::transmit::layer_kind::link ||
      (request.interface != 0 && request.interface != options_.interface))
    ++result_.misaddressed;
  const auto* outage = outage_at(now());
  auto error = options_.send_error ? options_.send_error(token, now()) : 0;
  if (outage && outage->what != link_outage::kind::no_carrier)
    error = outage->what == link_outage::kind::gone ? ENXIO : ENETDOWN;
  if (error != 0) {
    ++result_.failed;
    what.feed(now(), probe::send_failed{token, error});
    return;
  }
  ++result_.sent;
  const auto stamp = request.want_stamp && options_.transmit_stamps && !outage;
  if (!outage) segment_.leave(request.bytes);
  what.feed(now(), probe::sent{token, {now(), probe::stamp_source::user}});
  if (stamp) what.feed(now(), probe::sent{token, {now(), probe::stamp_source::socket}});
}

void link_host::collect() {
  auto& inbox = segment_.host.inbox;
  while (!inbox.empty()) {
    auto next = std::move(inbox.front());
    inbox.pop_front();
    if (outage_at(next.at)) continue;
    auto read_at = next.at + options_.read_delay.draw(segment_.net.random());
    if (!unread_.empty()) read_at = std::max(read_at, unread_.back().read_at);
    unread_.push_back({next.at, read_at, std::move(next.octets)});
  }
}

void link_host::feed_frame(probe::machine& what, const unread& waiting) {
  ++result_.received;
  if (options_.heard) options_.heard(waiting.octets);
  probe::arrival in;
  in.form = probe::framing::ethernet_frame;
  in.bytes = waiting.octets;
  in.wire_size = waiting.octets.size();
  in.interface = options_.interface;
  in.read_at = now();
  in.kernel = options_.receive_stamps ? probe::moment{waiting.at, probe::stamp_source::socket}
                                      : probe::moment{now(), probe::stamp_source::user};
  what.feed(now(), in);
}

bool link_host::feed_next(probe::machine& what) {
  result_.ended = now();
  const auto deadline = what.deadline();
  if (!deadline) {
    result_.finished = true;
    return false;
  }
  auto next = std::max(*deadline, now());
  const auto sooner = [&](mono_time when) { next = std::min(next, std::max(when, now())); };
  if (options_.interrupt_at && !interrupted_) sooner(*options_.interrupt_at);
  if (!unread_.empty()) sooner(unread_.front().read_at);
  if (!news_.empty()) sooner(news_.front().first);
  if (const auto event = segment_.net.next_event()) sooner(*event);
  if (next > options_.until) return false;
  if (next > now()) idle_turns_ = 0;
  if (++idle_turns_ > idle_turns_allowed) {
    result_.spinning = true;
    return false;
  }
  segment_.net.advance(next);
  collect();
  while (!unread_.empty() && unread_.front().read_at <= now()) {
    const auto waiting = std::move(unread_.front());
    unread_.pop_front();
    idle_turns_ = 0;
    feed_frame(what, waiting);
  }
  if (options_.interrupt_at && !interrupted_ && *options_.interrupt_at <= now()) {
    interrupted_ = true;
    what.feed(now(), probe::interrupt{});
  }
  const auto due = what.deadline();
  if (due && *due <= now()) what.feed(now(), probe::wakeup{});
  return true;
}

}  // namespace diag::sim
