// A refused probe beside one that passes.
#include "libdiag/probe/locate.hpp"

#include <algorithm>
#include <array>

#include "libdiag/probe/path_finders.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::probe {

std::string_view describe(locate_verdict what) {
  static constexpr std::array<std::string_view, 3> words{"passes", "dropped", "rejected"};
  const auto row = static_cast<std::size_t>(what);
  return row < words.size() ? words[row] : "unknown";
}

namespace {

bool is_tcp(path_method method) {
  return method == path_method::tcp_syn || method == path_method::tcp_ack;
}
bool is_reset(const path_answer& answer) {
  return (answer.tcp_flags & wire::tcp_flag::rst) != 0;
}

/// An ICMP error from the target's own address is its filter's but where the protocol itself answers so: a
/// closed UDP port, RFC 1122 §4.1.3.1.
bool is_own_refusal(const path_target& target, const path_answer& answer) {
  if (!(answer.from == target.address) || !has_answer(answer) || answer.tcp_flags != 0) return false;
  if (answer.why == reason::port_unreachable) return target.method != path_method::udp;
  return answer.state == hop_state::unreachable;
}

/// Whoever refuses on the way.
bool is_refusal(const path_target& target, const path_answer& answer) {
  return is_own_refusal(target, answer) ||
         (answer.state == hop_state::unreachable && answer.why != reason::reassembly_time_exceeded);
}

bool passes(const path_target& target, const path_answer& answer) {
  return answer.state == hop_state::reached && !is_own_refusal(target, answer);
}

/// The first of a path's answers that fits, by hop limit.
template <class Fits>
const path_result* nearest(const traced_path& path, Fits fits) {
  const path_result* best = nullptr;
  for (const auto& row : path.rows)
    for (const auto& probe : row.probes)
      if (fits(probe.answer) && (best == nullptr || probe.asked.hop < best->asked.hop)) best = &probe;
  return best;
}

/// The answer in the target's name, where there is one: a connection before a reset.
const path_result* arrival_of(const traced_path& path) {
  const auto good = [&](const path_answer& one) { return passes(path.target, one) && !is_reset(one); };
  if (const auto* found = nearest(path, good)) return found;
  return nearest(path, [&](const path_answer& one) { return passes(path.target, one); });
}

std::vector<ip_address> routers_at(const traced_path& path, std::uint8_t hop) {
  std::vector<ip_address> out;
  for (const auto& row : path.rows)
    if (row.hop == hop)
      for (const auto& probe : row.probes)
        if (marks_hop(probe.answer)) out.push_back(probe.answer.from);
  return out;
}

std::optional<std::uint8_t> hop_of(const traced_path& path, const ip_address& address) {
  for (const auto& row : path.rows)
    for (const auto& probe : row.probes)
      if (marks_hop(probe.answer) && probe.answer.from == address) return row.hop;
  return std::nullopt;
}

struct passing {
  const traced_path* path = nullptr;
  const path_result* arrival = nullptr;
};

std::optional<std::uint8_t> away(const path_result& arrival) {
  return arrival.answer.hop_limit ? hops_back(*arrival.answer.hop_limit) : std::nullopt;
}

/// Probes that had hops to spare do not say where the target is; the end of the path does.
std::uint8_t hop_of_arrival(const traced_path& path, const path_result& arrival) {
  return path.end.why == path_stop::reached && path.end.hops != 0 ? std::min(path.end.hops, arrival.asked.hop)
                                                                  : arrival.asked.hop;
}

/// From nearer than the other, by the hop limit that it took or by what is left of the answer's.
bool is_nearer(const passing& one, const passing& other) {
  const auto here = away(*one.arrival), there = away(*other.arrival);
  return hop_of_arrival(*one.path, *one.arrival) < hop_of_arrival(*other.path, *other.arrival) ||
         (here && there && *here < *there);
}

/// The first control that the target itself answered. A reset may be a device's: it is taken when no control
/// met the target from farther.
passing choose(std::span<const traced_path> controls) {
  std::vector<passing> reached;
  for (const auto& one : controls)
    if (const auto* arrival = arrival_of(one)) reached.push_back({&one, arrival});
  for (const auto& one : reached) {
    const bool doubtful = is_reset(one.arrival->answer) &&
                          std::any_of(reached.begin(), reached.end(),
                                      [&](const passing& other) { return is_nearer(one, other); });
    if (!doubtful) return one;
  }
  return reached.empty() ? passing{} : reached.front();
}

class locator {
 public:
  locator(const traced_path& asked, std::span<const traced_path> controls)
      : asked_{asked}, control_{choose(controls)} {}

  location run() {
    out_.asked = asked_.target;
    last_router();
    compare_paths();
    const auto* const arrival = arrival_of(asked_);
    const auto* const refusal =
        nearest(asked_, [this](const path_answer& one) { return is_refusal(asked_.target, one); });
    if (arrival != nullptr && !by_device(*arrival))
      passed(*arrival);
    else if (arrival != nullptr)
      reset(*arrival);
    else if (refusal != nullptr)
      refused(*refusal);
    else
      lost();
    return std::move(out_);
  }

 private:
  void last_router() {
    for (const auto& row : asked_.rows)
      for (const auto& probe : row.probes)
        if (marks_hop(probe.answer)) {
          out_.after_hop = row.hop;
          out_.after = probe.answer.from;
        }
  }

  void compare_paths() {
    if (control_.path == nullptr) return;
    out_.control = control_.path->target;
    out_.control_hop = hop_of_arrival(*control_.path, *control_.arrival);
    for (int hop = 1; hop <= out_.after_hop; ++hop) {
      const auto ours = routers_at(asked_, static_cast<std::uint8_t>(hop));
      const auto theirs = routers_at(*control_.path, static_cast<std::uint8_t>(hop));
      if (ours.empty() || theirs.empty()) continue;
      out_.control_shares_path =
          out_.control_shares_path && std::any_of(ours.begin(), ours.end(), [&](const ip_address& one) {
            return std::find(theirs.begin(), theirs.end(), one) != theirs.end();
          });
    }
    const auto behind = static_cast<std::uint8_t>(out_.after_hop + 1);
    const auto next = routers_at(*control_.path, behind);
    if (!next.empty())
      out_.next = next.front();
    else if (behind == out_.control_hop)
      out_.next = control_.path->target.address;
  }

  /// A reset from nearer than where the control met the target. A device in front of the target resets at the
  /// target's own hop: what gives it away is that its segment came fewer hops than the target's does.
  bool by_device(const path_result& arrival) const {
    if (!is_reset(arrival.answer)) return false;
    // Routers behind the place where resets begin were passed by probes that went further.
    if (out_.after_hop > arrival.asked.hop) return true;
    if (control_.path == nullptr) return false;
    if (arrival.asked.hop < out_.control_hop) return true;
    if (!is_tcp(control_.path->target.method)) return false;
    const auto here = away(arrival), there = away(*control_.arrival);
    return here && there && *here < *there;
  }

  void passed(const path_result& arrival) {
    out_.verdict = locate_verdict::passes;
    out_.at_hop = hop_of_arrival(asked_, arrival);
    out_.by = asked_.target.address;
    out_.answer = arrival.answer;
  }

  /// It stands at the last hop that answered, if it looks at what it forwards (a router answers time exceeded
  /// first), or at the next, if it looks at what comes in. How far its segment came decides; else, by the
  /// counting rule, the last hop that answered.
  void reset(const path_result& arrival) {
    out_.verdict = locate_verdict::rejected;
    out_.in_targets_name = true;
    out_.answer = arrival.answer;
    const auto begins = arrival.asked.hop;
    const auto before = static_cast<std::uint8_t>(begins - 1);
    if (away(arrival) == begins || out_.after_hop == 0) {
      out_.at_hop = begins;
      if (begins == out_.after_hop + 1) out_.by = out_.next;
      return;
    }
    out_.at_hop = out_.after_hop < begins ? out_.after_hop : before;
    const auto routers = routers_at(asked_, *out_.at_hop);
    if (!routers.empty()) out_.by = routers.front();
  }

  void refused(const path_result& refusal) {
    out_.verdict = locate_verdict::rejected;
    out_.answer = refusal.answer;
    out_.by = refusal.answer.from;
    out_.by_target = refusal.answer.from == asked_.target.address;
    if (out_.by_target) {
      out_.at_hop = control_.path != nullptr ? out_.control_hop : refusal.asked.hop;
      return;
    }
    out_.at_hop = hop_of(asked_, out_.by);
    if (!out_.at_hop && control_.path != nullptr) out_.at_hop = hop_of(*control_.path, out_.by);
    // A router that answers no probe to itself, or from another address: one without a route refuses before
    // it looks at the hop limit, so it is where refusals begin.
    if (!out_.at_hop) out_.at_hop = refusal.asked.hop;
  }

  void lost() {
    const auto* const failed =
        nearest(asked_, [](const path_answer& one) { return one.state == hop_state::error; });
    if (out_.after_hop == 0 && failed != nullptr && asked_.end.why == path_stop::error) {
      out_.verdict = locate_verdict::rejected;  // by this host, which is hop 0
      out_.at_hop = std::uint8_t{0};
      out_.by = asked_.target.source;
      out_.answer = failed->answer;
      return;
    }
    out_.verdict = locate_verdict::dropped;
  }

  const traced_path& asked_;
  passing control_;
  location out_;
};

}  // namespace

location locate(const traced_path& asked, std::span<const traced_path> controls) {
  return locator{asked, controls}.run();
}

}  // namespace diag::probe
