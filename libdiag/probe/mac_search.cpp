// Asking at a pace, and listening to one station.
#include "libdiag/probe/mac_search.hpp"

#include <map>

#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/link_scope.hpp"
#include "libdiag/probe/mac_search_questions.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/timers.hpp"
#include "libdiag/wire/ethernet.hpp"

namespace diag::probe {

namespace {

// Addresses that nobody asked for, of a station that claims ever more of them.
constexpr std::size_t most_others = 1024;

mono_time best(const arrival& packet) {
  return packet.kernel.source == stamp_source::user ? packet.read_at : packet.kernel.at;
}

/// What an address can be known by, as a set.
std::uint8_t bit_of(mac_evidence how) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(how));
}

}  // namespace

std::string_view describe(mac_evidence how) {
  switch (how) {
    case mac_evidence::echo:
      return "echo";
    case mac_evidence::inverse:
      return "inarp";
    case mac_evidence::reverse:
      return "rarp";
    case mac_evidence::asked:
      return "asked";
    case mac_evidence::sighting:
      return "seen";
  }
  return "seen";
}

struct mac_search::state {
  enum class timer { send, quiet, overall, count };
  struct evidence {
    mac_evidence how = mac_evidence::sighting;
    std::optional<round_trip> rtt{};
  };

  state(const mac_search_config& asked, const target_list& all)
      : config{asked},
        targets{all},
        questions{config, targets},
        rate{pace::chosen(config.rate, config.unlimited)},
        known(targets.size()) {}

  void start(mono_time now);
  [[nodiscard]] bool asking() const { return !finished && !resting; }
  void rest_or_finish(mono_time now);
  void finish(mono_time now, bool complete);

  void hear(mono_time now, const arrival& packet);
  [[nodiscard]] bool concerns_wanted(const neighbor_message& said) const {
    return said.frame_source == config.wanted || said.owner == config.wanted;
  }
  [[nodiscard]] bool to_us(const neighbor_message& said) const {
    return said.to_everyone() || said.frame_destination == config.link.frames.source ||
           said.frame_destination == config.link.hardware;
  }
  std::optional<evidence> weigh(const arrival& packet, const neighbor_message& said);
  std::optional<evidence> weigh_echo(const arrival& packet, const neighbor_message& said);
  void find(mono_time now, const arrival& packet, const neighbor_message& said, const evidence& by);
  [[nodiscard]] std::uint8_t* ways_to(const ip_address& address);
  void change(mono_time now, const link_changed& what);
  void update_timers();

  mac_search_config config;
  const target_list& targets;
  mac_questions questions;
  pace rate;
  event_queue<mac_search_event> events{};
  timer_table<timer> timers{};
  std::vector<std::uint8_t> known;  ///< by target: what it is known by; an octet each
  std::map<ip_address, std::uint8_t> others{};
  mac_search_summary account{};
  mono_time started_at{};
  mono_time last_asked{};
  std::uint32_t passes = 1;  ///< begun
  bool started = false;
  bool resting = false;  ///< a pass is over, and its answers are waited for
  bool finished = false;
};

mac_search::mac_search(const mac_search_config& config, const target_list& targets)
    : state_{std::make_unique<state>(config, targets)} {}

mac_search::~mac_search() = default;

void mac_search::state::start(mono_time now) {
  started = true;
  started_at = now;
  if (questions.of_a_pass() == 0) return finish(now, true);
  if (config.deadline) timers.set(timer::overall, now + *config.deadline);
  update_timers();
}

std::optional<effect> mac_search::next_effect(mono_time now) {
  auto& s = *state_;
  if (!s.started) s.start(now);
  if (!s.asking() || !s.rate.ready(now)) {
    s.update_timers();
    return std::nullopt;
  }
  s.rate.take();
  ++s.account.sent;
  s.last_asked = now;
  effect out{s.questions.ask(now)};
  s.resting = s.questions.pass_ended();
  s.update_timers();
  return out;
}

void mac_search::feed(mono_time now, const stimulus& what) {
  auto& s = *state_;
  if (!s.started) s.start(now);
  if (s.finished) return;
  if (const auto* packet = std::get_if<arrival>(&what)) {
    s.hear(now, *packet);
  } else if (const auto* left = std::get_if<sent>(&what)) {
    return s.questions.left(*left);
  } else if (const auto* failed = std::get_if<send_failed>(&what)) {
    if (!s.questions.failed(failed->token)) return;
    --s.account.sent;
    ++s.account.not_sent;
    s.account.last_error = send_reason(failed->error);
    if (s.account.last_error == reason::local_queue_full) s.rate.overrun();
  } else if (std::holds_alternative<receiver_dropped>(what)) {
    s.rate.overrun();
  } else if (const auto* link = std::get_if<link_changed>(&what)) {
    s.change(now, *link);
  } else if (std::holds_alternative<interrupt>(what)) {
    s.finish(now, false);
  } else if (std::holds_alternative<wakeup>(what)) {
    if (s.timers.due(state::timer::quiet, now)) s.rest_or_finish(now);
    if (!s.finished && s.timers.due(state::timer::overall, now)) s.finish(now, false);
  }
  s.update_timers();
}

void mac_search::state::rest_or_finish(mono_time now) {
  // Once it has said anything at all it is there, and would have answered what it means to answer.
  if (account.present || passes > config.retries) return finish(now, account.not_sent == 0);
  ++passes;
  resting = false;
}

void mac_search::state::finish(mono_time now, bool complete) {
  if (finished) return;
  finished = true;
  for (const auto which : {timer::send, timer::quiet, timer::overall}) timers.clear(which);
  account.at = now;
  account.elapsed = now - started_at;
  account.complete = complete;
  events.push_back(std::move(account));
}

void mac_search::state::update_timers() {
  if (finished) return;
  timers.set(timer::send, asking() ? std::optional{rate.next()} : std::nullopt);
  timers.set(timer::quiet, resting ? std::optional{last_asked + config.timeout} : std::nullopt);
}

void mac_search::state::hear(mono_time now, const arrival& packet) {
  if (packet.form != framing::ethernet_frame) return;
  if (packet.interface != 0 && config.link.interface != 0 && packet.interface != config.link.interface)
    return;
  const auto reading = read_neighbor_frame(packet, config.link);
  if (const auto* said = std::get_if<neighbor_message>(&reading)) {
    if (!concerns_wanted(*said)) return;
    account.present = true;
    if (const auto by = weigh(packet, *said)) find(now, packet, *said, *by);
  } else if (const auto* wrong = std::get_if<unbelievable_frame>(&reading)) {
    if (concerns_wanted(wrong->message))
      events.push_back(neighbor_rejected{wrong->why, best(packet), {}, wrong->message});
  } else if (const auto frame = wire::ethernet_view::parse(packet.bytes)) {
    if (frame->source() == config.wanted) account.present = true;
  }
}

std::optional<mac_search::state::evidence> mac_search::state::weigh(const arrival& packet,
                                                                    const neighbor_message& said) {
  using kind = neighbor_message::kind;
  const auto by = [&](mac_evidence how, const mac_questions::asking& question) -> std::optional<evidence> {
    if (!question.asked || !to_us(said)) return std::nullopt;
    ++account.answers;
    rate.answered();
    return evidence{how, question.rtt};
  };
  std::optional<evidence> answer;
  switch (said.what) {
    case kind::echo_reply:
      return weigh_echo(packet, said);
    case kind::inverse_reply:
      answer = by(mac_evidence::inverse, questions.asked_by(mac_evidence::inverse, packet));
      break;
    case kind::reverse_reply:
      // A server speaks of others: that it is itself the wanted station says nothing of them.
      if (said.owner != config.wanted) return std::nullopt;
      answer = by(mac_evidence::reverse, questions.asked_by(mac_evidence::reverse, packet));
      break;
    case kind::reply:
    case kind::advertisement:
      if (const auto target = find_on_link(targets, said.claimed, config.link.interface))
        answer = by(mac_evidence::asked, questions.asked_for(*target, packet));
      break;
    default:
      break;
  }
  if (answer) return answer;
  return said.owner == config.wanted ? std::optional{evidence{}} : std::nullopt;
}

std::optional<mac_search::state::evidence> mac_search::state::weigh_echo(const arrival& packet,
                                                                         const neighbor_message& said) {
  // What is not ours is no evidence at all: a router's frames hold the echo replies of the whole world.
  if (said.echo_identifier != config.identifier) return std::nullopt;
  const auto question = questions.echoed(said.echo_sequence, packet);
  if (said.echo_tag != config.tag || !question) {
    const auto why =
        said.echo_tag != config.tag ? reject_reason::wrong_token : reject_reason::future_sequence;
    events.push_back(neighbor_rejected{why, best(packet), {}, said});
    return std::nullopt;
  }
  ++account.answers;
  rate.answered();
  return evidence{mac_evidence::echo, question->rtt};
}

std::uint8_t* mac_search::state::ways_to(const ip_address& address) {
  if (const auto target = find_on_link(targets, address, config.link.interface)) return &known[*target];
  if (const auto other = others.find(address); other != others.end()) return &other->second;
  if (others.size() >= most_others) return nullptr;
  return &others[address];
}

void mac_search::state::find(mono_time now, const arrival& packet, const neighbor_message& said,
                             const evidence& by) {
  // Senders that have no address yet say so with zeros; no host has a group's.
  if (!said.claimed || said.claimed.is_unspecified() || said.claimed.is_multicast()) return;
  const auto address = scoped_to(said.claimed, config.link.interface);
  auto* ways = ways_to(address);
  if (!ways || (*ways & bit_of(by.how)) != 0) return;
  mac_found found;
  found.address = address;
  found.how = by.how;
  found.at = best(packet);
  if (by.rtt) {
    found.rtt = by.rtt->rtt;
    found.source = by.rtt->source;
  }
  found.again = *ways != 0;
  found.said = said;
  *ways = static_cast<std::uint8_t>(*ways | bit_of(by.how));
  if (!found.again) account.addresses.push_back(address);
  events.push_back(std::move(found));
  if (config.stop_at_first) finish(now, false);
}

void mac_search::state::change(mono_time now, const link_changed& what) {
  if (what.interface != config.link.interface) return;
  events.push_back(neighbor_link_state{now, what});
  if (what.up && what.running && !what.gone) return;
  account.last_error = what.gone ? reason::interface_gone : reason::interface_down;
  finish(now, false);
}

std::optional<mono_time> mac_search::deadline() const {
  if (!state_->started) return mono_time::min();
  return state_->timers.earliest();
}

std::optional<mac_search_event> mac_search::next_event() {
  return state_->events.pop();
}

}  // namespace diag::probe
