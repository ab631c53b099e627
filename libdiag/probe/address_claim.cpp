// Claims side by side: whose turn it is, and whose an arrival is.
#include "libdiag/probe/address_claim.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <queue>

#include "libdiag/probe/address_claim_frames.hpp"
#include "libdiag/probe/address_claim_one.hpp"
#include "libdiag/probe/link_scope.hpp"

namespace diag::probe {

namespace {

// An address that is held waits for nothing but objections, and a machine without a deadline is finished.
constexpr duration idle_time = 1h;

/// Who a message says has an address, or wants to have it.
struct stake {
  ip_address address{};
  bool has = false;
};

std::optional<stake> stake_in(const neighbor_message& said) {
  using kind = neighbor_message::kind;
  switch (said.what) {
    // RFC 5227 §2.1.1: any ARP packet, request or reply, by its sender address. Who solicits from an address
    // has it, too; that he asks *for* a target is mere resolution (RFC 4862 §5.4.3).
    case kind::request:
    case kind::reply:
    case kind::announcement:
    case kind::inverse_request:
    case kind::inverse_reply:
    case kind::solicitation:
    case kind::advertisement:  // RFC 4862 §5.4.4: whatever its flags
      return stake{said.claimed, true};
    case kind::probe:
      return stake{said.asked, false};
    case kind::reverse_request:
    case kind::reverse_reply:  // a server speaks of others
    case kind::echo_reply:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string_view describe(claim_verdict verdict) {
  switch (verdict) {
    case claim_verdict::free:
      return "free";
    case claim_verdict::in_use:
      return "in-use";
    case claim_verdict::conflict:
      return "conflict";
    case claim_verdict::cannot_tell:
      return "cannot-tell";
  }
  return "cannot-tell";
}

struct address_claim::state {
  enum class timer { course, overall, idle, count };
  using turn = std::pair<mono_time, std::uint32_t>;

  state(const claim_config& asked, const target_list& all) : config{asked}, targets{all} {
    assert(targets.empty() || !config.links.empty());
    const auto rules_of = [&](const claim_timing& timing) {
      return claim_rules{timing, config.probe, config.announce, config.defend, config.endless, config.seed};
    };
    v4 = rules_of(config.v4);
    v6 = rules_of(config.v6);
  }

  void start(mono_time now);
  [[nodiscard]] std::size_t link_number(std::uint32_t target) const {
    return target < config.link_of.size() ? config.link_of[target] : 0;
  }
  [[nodiscard]] const neighbor_link& link_of(std::uint32_t target) const {
    return config.links[link_number(target)];
  }
  /// After anything has happened to a claim that was not over.
  void note(std::uint32_t target);
  void drop_stale_turns();
  std::optional<effect> send(claim_step::kind what, std::uint32_t target);

  [[nodiscard]] bool is_ours(const mac_address& mac) const;
  void hear(mono_time now, const arrival& packet);
  void hear(mono_time now, const arrival& packet, std::size_t link, const neighbor_message& said);
  void refuse(const arrival& packet, const neighbor_link& link, const unbelievable_frame& what);
  void change(mono_time now, const link_changed& what);
  void cut_short(mono_time now);
  template <class Act>
  void with_each(Act&& act);

  claim_config config;
  const target_list& targets;
  claim_rules v4{}, v6{};
  event_queue<claim_event> events{};
  std::vector<claim_one> claims{};
  /// Turns are not taken back: one that no longer is the claim's next is passed over.
  std::priority_queue<turn, std::vector<turn>, std::greater<>> turns{};
  std::vector<mono_time> queued{};  ///< by target: the last turn asked for
  timer_table<timer> timers{};
  std::vector<std::byte> frame{};
  std::size_t unfinished = 0;
  bool started = false;
};

address_claim::address_claim(const claim_config& config, const target_list& targets)
    : state_{std::make_unique<state>(config, targets)} {}

address_claim::~address_claim() = default;

void address_claim::state::start(mono_time now) {
  started = true;
  const auto size = static_cast<std::uint32_t>(targets.size());
  if (config.deadline && size > 0) timers.set(timer::overall, now + *config.deadline);
  if (size > 0) timers.set(timer::idle, now + idle_time);
  unfinished = size;
  claims.reserve(size);
  queued.assign(size, mono_time::min());
  for (std::uint32_t i = 0; i < size; ++i) {
    claims.emplace_back(targets.at(i).is_v6() ? v6 : v4, i, now, events);
    note(i);
  }
  drop_stale_turns();
}

void address_claim::state::note(std::uint32_t target) {
  if (claims[target].over()) {
    if (--unfinished > 0) return;
    timers.clear(timer::overall);
    timers.clear(timer::idle);
    return;
  }
  const auto due = claims[target].due();
  if (!due || *due == queued[target]) return;
  queued[target] = *due;
  turns.emplace(*due, target);
}

void address_claim::state::drop_stale_turns() {
  while (!turns.empty() && claims[turns.top().second].due() != turns.top().first) {
    // The same time may be asked for again, when the turn for it is gone.
    const auto [at, target] = turns.top();
    if (queued[target] == at) queued[target] = mono_time::min();
    turns.pop();
  }
  timers.set(timer::course, turns.empty() ? std::nullopt : std::optional{turns.top().first});
}

std::optional<effect> address_claim::next_effect(mono_time now) {
  auto& s = *state_;
  if (!s.started) s.start(now);
  while (s.timers.due(state::timer::course, now)) {
    const auto target = s.turns.top().second;
    s.turns.pop();
    s.queued[target] = mono_time::min();
    const auto what = s.claims[target].next(now);
    s.note(target);
    s.drop_stale_turns();
    if (what) return s.send(*what, target);
  }
  return std::nullopt;
}

std::optional<effect> address_claim::state::send(claim_step::kind what, std::uint32_t target) {
  const auto& claim = claims[target];
  const auto& link = link_of(target);
  const auto address = targets.at(target);
  frame = what == claim_step::kind::probed ? claim_probe_frame(link, address, claim.nonce())
                                           : claim_announcement_frame(link, address, config.announce_as);
  transmit out;
  out.token = claim.token();
  out.layer = transmit::layer_kind::link;
  out.destination = address;
  out.interface = link.interface;
  out.bytes = frame;
  return out;
}

void address_claim::feed(mono_time now, const stimulus& what) {
  auto& s = *state_;
  if (!s.started) s.start(now);
  if (s.unfinished == 0) return;
  const auto claim_of = [&s](probe_token token) -> claim_one* {
    const auto target = claim_one::target_of(token);
    return target < s.claims.size() && !s.claims[target].over() ? &s.claims[target] : nullptr;
  };
  if (const auto* packet = std::get_if<arrival>(&what)) {
    s.hear(now, *packet);
  } else if (const auto* left = std::get_if<sent>(&what)) {
    if (auto* claim = claim_of(left->token)) {
      claim->left(now, *left);
      s.note(claim_one::target_of(left->token));
    }
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    if (auto* claim = claim_of(failed->token)) {
      claim->failed(now, failed->token, send_reason(failed->error));
      s.note(claim_one::target_of(failed->token));
    }
  } else if (const auto* link = std::get_if<link_changed>(&what)) {
    s.change(now, *link);
  } else if (std::holds_alternative<interrupt>(what)) {
    s.cut_short(now);
  } else if (std::holds_alternative<wakeup>(what)) {
    if (s.timers.due(state::timer::idle, now)) s.timers.set(state::timer::idle, now + idle_time);
    if (s.timers.due(state::timer::overall, now)) s.cut_short(now);
  }
  s.drop_stale_turns();
}

bool address_claim::state::is_ours(const mac_address& mac) const {
  // RFC 5227 §2.1.1: of any of the host's interfaces; hubs and bridges send a broadcast back.
  return std::ranges::any_of(config.links, [&](const neighbor_link& link) {
    return mac == link.hardware || mac == link.frames.source;
  });
}

void address_claim::state::hear(mono_time now, const arrival& packet) {
  if (packet.form != framing::ethernet_frame) return;
  auto refused = false;
  for (std::size_t number = 0; number < config.links.size(); ++number) {
    const auto& link = config.links[number];
    if (packet.interface != 0 && link.interface != 0 && packet.interface != link.interface) continue;
    const auto reading = read_neighbor_frame(packet, link);
    if (const auto* said = std::get_if<neighbor_message>(&reading)) {
      hear(now, packet, number, *said);
    } else if (const auto* wrong = std::get_if<unbelievable_frame>(&reading); wrong && !refused) {
      refused = true;
      refuse(packet, link, *wrong);
    }
  }
}

void address_claim::state::hear(mono_time now, const arrival& packet, std::size_t link,
                                const neighbor_message& said) {
  const auto about = stake_in(said);
  if (!about) return;
  const auto found = find_on_link(targets, about->address, config.links[link].interface);
  if (!found) return;
  const auto target = static_cast<std::uint32_t>(*found);
  auto& claim = claims[target];
  if (claim.over() || link_number(target) != link) return;
  // RFC 7527 §4.2: our nonce proves that it is ours, whoever's address it bears by now. The further probes
  // of §4.1 are for interfaces that must come up in the end; here the loop is told.
  const auto ours = is_ours(said.frame_source) || is_ours(said.owner);
  const auto own_probe = !about->has && (ours || (said.nonce && claim.is_own(*said.nonce)));
  if (own_probe) claim.loop();
  if (ours || own_probe) return;
  claim.object(now, said, about->has, packet);
  note(target);
}

void address_claim::state::refuse(const arrival& packet, const neighbor_link& link,
                                  const unbelievable_frame& what) {
  neighbor_rejected event;
  event.why = what.why;
  event.at = packet.kernel.source == stamp_source::user ? packet.read_at : packet.kernel.at;
  event.said = what.message;
  for (const auto& address : {what.message.claimed, what.message.asked})
    if (address && !event.target)
      if (const auto found = find_on_link(targets, address, link.interface))
        event.target = static_cast<std::uint32_t>(*found);
  // A busy link is full of frames that concern nobody here.
  if (!event.target && what.message.frame_destination != link.frames.source) return;
  events.push_back(std::move(event));
}

template <class Act>
void address_claim::state::with_each(Act&& act) {
  for (std::uint32_t i = 0; i < claims.size(); ++i) {
    if (claims[i].over()) continue;
    act(i, claims[i]);
    if (claims[i].over()) note(i);
  }
}

void address_claim::state::change(mono_time now, const link_changed& what) {
  const auto concerned = std::ranges::any_of(
      config.links, [&](const neighbor_link& link) { return link.interface == what.interface; });
  if (!concerned) return;
  events.push_back(neighbor_link_state{now, what});
  if (what.up && what.running && !what.gone) return;
  // Silence on a link without carrier says nothing, and who is silent on it holds nothing.
  const auto why = what.gone ? reason::interface_gone : reason::interface_down;
  with_each([&](std::uint32_t target, claim_one& claim) {
    if (link_of(target).interface == what.interface) claim.break_off(now, why);
  });
}

void address_claim::state::cut_short(mono_time now) {
  with_each([&](std::uint32_t, claim_one& claim) { claim.cut_short(now); });
}

std::optional<mono_time> address_claim::deadline() const {
  if (!state_->started) return mono_time::min();
  return state_->timers.earliest();
}

std::optional<claim_event> address_claim::next_event() {
  return state_->events.pop();
}

}  // namespace diag::probe
