// A few calls, then silence until the last answer has had its time.
#include "libdiag/probe/roll_call.hpp"

#include <set>

#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/event_queue.hpp"

namespace diag::probe {

struct roll_call::state {
  explicit state(const roll_call_config& wanted) : config{wanted} {
    if (config.callers.empty()) config.calls = 0;
  }

  void hear(const arrival& packet);

  roll_call_config config;
  std::uint64_t called = 0;  ///< frames sent
  std::optional<mono_time> next_call{};
  std::optional<mono_time> end{};
  bool over = false;
  std::vector<std::byte> frame;
  std::set<ip_address> answered;
  event_queue<roll_call_answer> events;
};

void roll_call::state::hear(const arrival& packet) {
  for (const auto& caller : config.callers) {
    if (caller.link.interface != packet.interface) continue;
    const auto reading = read_neighbor_frame(packet, caller.link);
    const auto* said = std::get_if<neighbor_message>(&reading);
    if (said == nullptr || said->what != neighbor_message::kind::echo_reply) continue;
    if (said->echo_identifier != config.identifier || said->echo_tag != config.tag) return;
    auto address = said->claimed;
    if (!address.is_v6()) return;
    if (address.is_link_local()) address.scope(packet.interface);
    if (answered.size() >= most_answers || !answered.insert(address).second) return;
    events.push_back({address, packet.read_at});
    return;
  }
}

roll_call::roll_call(const roll_call_config& config) : state_{std::make_unique<state>(config)} {}
roll_call::~roll_call() = default;

void roll_call::feed(mono_time now, const stimulus& what) {
  auto& s = *state_;
  if (const auto* packet = std::get_if<arrival>(&what)) s.hear(*packet);
  if (std::holds_alternative<interrupt>(what) || (s.end && *s.end <= now)) s.over = true;
}

std::optional<effect> roll_call::next_effect(mono_time now) {
  auto& s = *state_;
  const std::uint64_t callers = s.config.callers.size();
  if (s.over || s.called == callers * s.config.calls || (s.next_call && *s.next_call > now)) {
    if (callers * s.config.calls == 0) s.over = true;
    return std::nullopt;
  }
  const auto& caller = s.config.callers[s.called % callers];
  const auto round = s.called / callers;
  const auto all_nodes = craft::all_nodes_group();
  s.frame = craft::echo_frame(caller.link.frames, craft::multicast_mac(all_nodes),
                              {.source = caller.source,
                               .destination = all_nodes,
                               .identifier = s.config.identifier,
                               .sequence = static_cast<std::uint16_t>(round + 1),
                               .tag = s.config.tag});
  ++s.called;
  if (s.called % callers == 0) s.next_call = now + s.config.interval;
  if (s.called == callers * s.config.calls) s.end = now + s.config.timeout;
  transmit out;
  out.token = s.called;
  out.layer = transmit::layer_kind::link;
  out.destination = all_nodes;
  out.want_stamp = false;
  out.interface = caller.link.interface;
  out.bytes = s.frame;
  return out;
}

std::optional<mono_time> roll_call::deadline() const {
  const auto& s = *state_;
  if (s.over) return std::nullopt;
  if (s.end) return s.end;
  return s.next_call ? s.next_call : mono_time::min();
}

std::optional<roll_call_answer> roll_call::next_event() {
  return state_->events.pop();
}

}  // namespace diag::probe
