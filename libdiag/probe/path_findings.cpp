// Who answers where, how often, and in whose name.
#include "libdiag/probe/path_findings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "libdiag/probe/path_finders.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::probe {

std::string_view describe(path_finding_kind what) {
  static constexpr std::array<std::string_view, path_finding_kinds> words{
      "loop",
      "repeated-hop",
      "several-addresses",
      "several-paths",
      "changed",
      "nat",
      "longer-return",
      "hidden-tunnel",
      "implicit-tunnel",
      "rate-limited",
      "answers-for-target",
      "reset-by-device",
      "zero-hop-limit",
      "target-silent",
      "bad-extension",
      "reassembly",
  };
  const auto row = static_cast<std::size_t>(what);
  return row < words.size() ? words[row] : "unknown";
}

namespace {

using kind = path_finding_kind;

/// The one router that a flow met at a hop.
struct station {
  std::uint8_t hop = 0;
  ip_address address{};      ///< unset: it met several, and nothing can be said
  bool quotes_zero = false;  ///< all its quotes have a hop limit of 0
};

std::set<std::uint16_t> flows_of(std::span<const hop_row> rows) {
  std::set<std::uint16_t> out;
  for (const auto& row : rows)
    for (const auto& probe : row.probes) out.insert(probe.asked.flow);
  return out;
}

std::vector<station> stations_of(const path_view& path, std::uint16_t flow) {
  std::vector<station> out;
  for (const auto& row : path.rows) {
    station here{row.hop, {}, true};
    bool several = false;
    for (const auto& probe : row.probes) {
      const bool target = probe.answer.state == hop_state::reached && probe.asked.hop == row.hop;
      if (probe.asked.flow != flow || (!target && !marks_hop(probe.answer))) continue;
      const auto& from = target ? path.target.address : probe.answer.from;
      several = several || (here.address && !(here.address == from));
      here.address = from;
      here.quotes_zero = here.quotes_zero && probe.answer.quoted_hop_limit == std::uint8_t{0};
    }
    if (several) here.address = {};
    if (here.address || several) out.push_back(here);
  }
  return out;
}

class repetitions {
 public:
  explicit repetitions(const path_view& path) : target_{path.target.address} {
    for (const auto flow : flows_of(path.rows)) {
      const auto stations = stations_of(path, flow);
      neighbors(stations);
      circles(stations);
    }
  }
  void take(std::vector<path_finding>& into) {
    for (auto& [place, found] : found_) into.push_back(std::move(found));
  }
  [[nodiscard]] bool loops() const {
    return std::any_of(found_.begin(), found_.end(),
                       [](const auto& one) { return one.second.what == kind::loop; });
  }

 private:
  /// The target answers for every hop limit that reaches it.
  [[nodiscard]] bool tells(const station& one) const { return one.address && !(one.address == target_); }

  void note(kind what, const station& first, const station& last, std::uint32_t count) {
    path_finding made{.what = what, .hop = last.hop, .other_hop = first.hop, .count = count};
    made.address = last.address;
    const auto [place, fresh] = found_.try_emplace({what, first.hop, last.address}, made);
    if (!fresh && count > place->second.count) place->second = made;
  }

  /// Runs of one address. A hop that is silent in between belongs to them.
  void neighbors(const std::vector<station>& stations) {
    for (std::size_t from = 0; from < stations.size();) {
      auto end = from + 1;
      if (!tells(stations[from])) {
        from = end;
        continue;
      }
      while (end < stations.size() && stations[end].address == stations[from].address) ++end;
      // Zero-TTL forwarding: the router before let through what had expired; the next shows itself twice.
      const bool differs_next =
          end < stations.size() && end == from + 1 && stations[end].hop == stations[from].hop + 1;
      if (stations[from].quotes_zero && !differs_next)
        note(kind::zero_hop_limit, stations[from], stations[from], 1);
      if (end - from > (stations[from].quotes_zero ? 2U : 1U))
        note(kind::repeated_hop, stations[from], stations[end - 1], static_cast<std::uint32_t>(end - from));
      from = end;
    }
  }

  /// A B A: what comes back to where it was. One finding for a circle, at its first return.
  void circles(const std::vector<station>& stations) {
    for (std::size_t first = 0; first < stations.size(); ++first) {
      if (!tells(stations[first])) continue;
      bool other_between = false;
      for (std::size_t again = first + 1; again < stations.size(); ++again) {
        if (!stations[again].address) continue;
        if (!(stations[again].address == stations[first].address)) {
          other_between = true;
        } else if (other_between) {
          const auto times = std::count_if(stations.begin(), stations.end(), [&](const station& one) {
            return one.address == stations[first].address;
          });
          note(kind::loop, stations[first], stations[again], static_cast<std::uint32_t>(times));
          return;
        }
      }
    }
  }

  struct key {
    kind what;
    std::uint8_t hop;
    ip_address address;
    friend auto operator<=>(const key&, const key&) = default;
  };
  ip_address target_;
  std::map<key, path_finding> found_;
};

void find_addresses(const path_view& path, std::vector<path_finding>& into) {
  for (const auto& row : path.rows) {
    std::map<std::uint16_t, std::set<ip_address>> by_flow;
    std::set<ip_address> all;
    for (const auto& probe : row.probes) {
      const bool target = probe.answer.state == hop_state::reached;
      if (!target && !marks_hop(probe.answer)) continue;
      // What reached the target with hops to spare passed here, too, but by nobody knows whom.
      if (target && probe.asked.hop != row.hop) continue;
      const auto& from = target ? path.target.address : probe.answer.from;
      by_flow[probe.asked.flow].insert(from);
      all.insert(from);
    }
    if (all.size() < 2) continue;
    const bool one_flow =
        std::any_of(by_flow.begin(), by_flow.end(), [](const auto& one) { return one.second.size() > 1; });
    into.push_back({.what = one_flow ? kind::several_addresses : kind::several_paths,
                    .hop = row.hop,
                    .count = static_cast<std::uint32_t>(all.size()),
                    .total = static_cast<std::uint32_t>(by_flow.size()),
                    .address = *all.begin()});
  }
}

struct tally {
  std::uint32_t asked = 0, answered = 0;
  ip_address address{};
};

/// A flow that nobody answers met a silent router, perhaps another one, and is not counted.
tally tally_of(const hop_row& row) {
  std::set<std::uint16_t> answered;
  for (const auto& probe : row.probes)
    if (has_answer(probe.answer)) answered.insert(probe.asked.flow);
  tally out;
  for (const auto& probe : row.probes) {
    if (probe.answer.state == hop_state::error || !answered.contains(probe.asked.flow)) continue;
    ++out.asked;
    if (!has_answer(probe.answer)) continue;
    ++out.answered;
    out.address = probe.answer.from;
  }
  return out;
}

/// How likely at most `lost` of `total` are lost where each is with this chance.
double chance_of_at_most(std::uint32_t lost, std::uint32_t total, double chance) {
  if (chance >= 1) return lost >= total ? 1 : 0;
  double term = 1;
  for (std::uint32_t i = 0; i < total; ++i) term *= 1 - chance;
  double sum = term;
  for (std::uint32_t i = 1; i <= lost; ++i) {
    term *= static_cast<double>(total - i + 1) / i * chance / (1 - chance);
    sum += term;
  }
  return sum;
}

/// A hop that answers less than it is asked, while what goes through it arrives. Whether the hops behind
/// answered by luck alone is asked of the binomial distribution.
void find_limits(const path_view& path, std::vector<path_finding>& into) {
  constexpr double luck = 0.1;
  tally behind;
  for (auto row = path.rows.rbegin(); row != path.rows.rend(); ++row) {
    const auto here = tally_of(*row);
    if (here.answered == 0 || row->known) continue;  // silent hops tell nothing of those before them
    const auto lost = here.asked - here.answered;
    const double share = static_cast<double>(lost) / here.asked;
    if (lost > 0 && behind.asked > 0 &&
        chance_of_at_most(behind.asked - behind.answered, behind.asked, share) <= luck)
      into.push_back({.what = kind::rate_limited,
                      .hop = row->hop,
                      .count = here.answered,
                      .total = here.asked,
                      .address = here.address});
    behind.asked += here.asked;
    behind.answered += here.answered;
  }
}

void find_marks(const path_view& path, std::vector<path_finding>& into) {
  std::set<ip_address> stand_ins;
  for (const auto& row : path.rows) {
    const path_answer* liar = nullptr;
    const path_answer* reassembler = nullptr;
    for (const auto& probe : row.probes) {
      const auto& answer = probe.answer;
      if (answer.bad_extension) liar = &answer;
      if (has_answer(answer) && answer.why == reason::reassembly_time_exceeded) reassembler = &answer;
      const bool refuses_as_target =
          answer.state == hop_state::unreachable &&
          (answer.why == reason::port_unreachable || answer.why == reason::protocol_unreachable);
      if (refuses_as_target && !(answer.from == path.target.address) && stand_ins.insert(answer.from).second)
        into.push_back({.what = kind::answers_for_target, .hop = row.hop, .address = answer.from});
    }
    if (liar != nullptr) into.push_back({.what = kind::bad_extension, .hop = row.hop, .address = liar->from});
    if (reassembler != nullptr)
      into.push_back({.what = kind::reassembly, .hop = row.hop, .address = reassembler->from});
  }
}

/// What came in the target's name, resets apart.
struct in_its_name {
  std::uint8_t nearest = 255;          ///< lowest hop limit that brought it
  std::optional<std::uint8_t> away{};  ///< as far as its own hop limit tells
  bool any = false;

  void take(const path_result& probe) {
    nearest = std::min(nearest, probe.asked.hop);
    if (!away && probe.answer.hop_limit) away = hops_back(*probe.answer.hop_limit);
    any = true;
  }
};

/// Routers that show themselves from behind the place where resets begin, or a target that answers otherwise
/// from farther: whoever resets stands before it.
bool resets_from_before(const path_view& path, std::uint16_t flow, in_its_name& resets, in_its_name& others) {
  std::uint8_t furthest_router = 0;
  for (const auto& row : path.rows)
    for (const auto& probe : row.probes) {
      if (probe.asked.flow != flow) continue;
      if (marks_hop(probe.answer)) furthest_router = std::max(furthest_router, probe.asked.hop);
      if (probe.answer.state != hop_state::reached) continue;
      const bool reset = (probe.answer.tcp_flags & wire::tcp_flag::rst) != 0;
      (reset ? resets : others).take(probe);
    }
  if (!resets.any) return false;
  const bool nearer = others.any && resets.nearest < others.nearest;
  const bool unlike = resets.away && others.away && *resets.away < *others.away;
  return nearer || unlike || furthest_router > resets.nearest;
}

void find_resets(const path_view& path, std::vector<path_finding>& into) {
  for (const auto flow : flows_of(path.rows)) {
    in_its_name resets, others;
    if (!resets_from_before(path, flow, resets, others)) continue;
    into.push_back({.what = kind::reset_by_device,
                    .hop = resets.nearest,
                    .other_hop = others.any ? others.nearest : std::uint8_t{0},
                    .address = path.target.address});
    return;
  }
}

void find_silence(const path_view& path, std::vector<path_finding>& into) {
  if (path.end.why != path_stop::silence && path.end.why != path_stop::last_hop) return;
  const hop_row* last = nullptr;
  for (const auto& row : path.rows)
    if (std::any_of(row.probes.begin(), row.probes.end(),
                    [](const path_result& probe) { return marks_hop(probe.answer); }))
      last = &row;
  // A router at the last hop asked hides whatever stands behind it.
  if (last == nullptr || last->hop >= path.end.asked_to) return;
  path_finding made{.what = kind::target_silent, .hop = last->hop};
  for (const auto& probe : last->probes)
    if (marks_hop(probe.answer)) made.address = probe.answer.from;
  into.push_back(made);
}

}  // namespace

std::vector<path_finding> find_oddities(const path_target& target, std::span<const hop_row> rows,
                                        const path_end& end) {
  const path_view path{target, rows, end};
  std::vector<path_finding> out;
  repetitions repeated{path};
  repeated.take(out);
  find_addresses(path, out);
  find_changes(path, out);
  find_lengths(path, out);
  find_limits(path, out);
  find_marks(path, out);
  find_resets(path, out);
  if (!repeated.loops()) find_silence(path, out);
  std::stable_sort(out.begin(), out.end(), [](const path_finding& a, const path_finding& b) {
    return a.hop != b.hop ? a.hop < b.hop : a.what < b.what;
  });
  return out;
}

}  // namespace diag::probe
