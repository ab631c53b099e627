// The stage of path trials.
#include "tests/sim/path_stage.hpp"

#include <algorithm>
#include <stdexcept>

namespace diag::sim {

ip_address hop_address(ip_family family, std::size_t hop) {
  return parse_ip(family == ip_family::v4 ? "203.0.113.0" : "2001:db8:ff::")->plus(hop);
}

probe::path_target question(ip_family family, path_method method, std::uint16_t port) {
  const std::uint16_t usual = method == path_method::udp ? 33434 : 80;
  return {far_end(family), *parse_ip(family == ip_family::v4 ? "192.0.2.1" : "2001:db8::1"), method,
          port == 0 ? usual : port};
}

probe::path_run_config quiet_paths(std::uint64_t seed) {
  seeded_random random{seed};
  probe::path_run_config config;
  config.probes.source_port_base = 40000;
  config.probes.identifier_base = 0x4d00;
  config.probes.flow_label = 0xabcde;
  config.probes.profile = craft::linux_profile();
  config.probes.key = make_hash_key(random);
  config.unlimited = true;
  return config;
}

path_stage::path_stage(const path_street_config& street, std::uint64_t seed)
    : net{seed}, way{build_path_street(net, street)}, targets{question(ip_family::v4)} {
  // Machines must not mind when their clock began.
  net.advance(mono_time{} + 5s);
}

path_stage& path_stage::ask(const probe::path_target& target) {
  targets.assign(1, target);
  return *this;
}

void path_stage::trace() {
  tracing.timeout = config.timeout;
  tracing.flows = config.probes.flows;
  probe::trace_course course{tracing, targets};
  run(course);
  traced_ = true;
}

void path_stage::run(probe::path_course& course) {
  watched_course watched{course};
  flow_watch flows{config.probes, targets};
  injector strangers{net, *way.here};
  way.here->tap = [&](mono_time now, const packet& octets) {
    departures.push_back(now);
    flows.see(octets);
    if (!forge) return;
    for (auto& [after, forged] : forge(octets)) strangers.at(now + after, std::move(forged));
  };
  config.probes.whole_packets = !options.unprivileged;
  probe::path_run machine{config, targets, watched};
  std::string running;
  result = sim::run(machine, net, *way.here, options, [&](mono_time, const probe::path_event& event) {
    events.push_back(event);
    if (running.empty()) running = watched.breach(machine.counts(), false);
  });
  way.here->tap = nullptr;
  counts = machine.counts();
  heard = watched.heard();
  flows_seen = flows.flows();
  breach_ = running.empty() ? watched.breach(counts, true) : running;
  if (breach_.empty()) breach_ = flows.breach();
  if (breach_.empty() && !result.finished) breach_ = result.spinning ? "it spins" : "it never ends";
  if (breach_.empty() && counts.sent != result.sent) breach_ = "another number left than was counted";
  if (breach_.empty()) breach_ = breach_of_order(events, targets.size(), watched.cut());
}

std::string path_stage::breach() const {
  if (!breach_.empty() || !traced_) return breach_;
  const auto per_hop = std::size_t{tracing.probes_per_hop} * tracing.flows;
  for (std::uint32_t target = 0; target < targets.size(); ++target) {
    const auto told = rows(target);
    if (std::ranges::count_if(seen<path_end>(), [&](const path_end& one) { return one.target == target; }) !=
        1)
      return "no end, or more than one";
    const auto last = end(target);
    if (!told.empty() && told.front().hop != tracing.first_hop && !told.front().known)
      return "the first row is not the first hop";
    if (!told.empty() && told.back().hop != last.asked_to) return "the last row is not asked_to";
    for (const auto& one : told) {
      const auto cut = last.why == path_stop::interrupted || last.why == path_stop::error;
      // A flow whose own target row came earlier has no part in later ones.
      if (one.known || cut || (tracing.flows > 1 && one.hop > last.hops)) continue;
      if (one.probes.size() < per_hop) return "a row of hop " + std::to_string(one.hop) + " lacks probes";
      if (one.hop != last.hops && one.probes.size() > per_hop)
        return "a row of hop " + std::to_string(one.hop) + " has too many probes";
    }
  }
  return "";
}

std::vector<hop_row> path_stage::rows(std::uint32_t target) const {
  auto out = seen<hop_row>();
  std::erase_if(out, [target](const hop_row& one) { return one.target != target; });
  return out;
}

hop_row path_stage::row(std::uint8_t hop, std::uint32_t target) const {
  for (auto& one : rows(target))
    if (one.hop == hop) return one;
  throw std::runtime_error{"no row of hop " + std::to_string(hop)};
}

path_end path_stage::end(std::uint32_t target) const {
  for (const auto& one : seen<path_end>())
    if (one.target == target) return one;
  throw std::runtime_error{"no end"};
}

std::string path_stage::name(const ip_address& address, std::uint32_t target) const {
  if (address == targets[target].address) return "T";
  const auto v4 = address.is_v4();
  for (std::size_t hop = 1; hop <= way.routers.size(); ++hop)
    if (address == hop_address(address.family(), hop)) return "r" + std::to_string(hop);
  for (std::size_t branch = 0; branch < 4; ++branch)
    for (std::size_t place = 0; place < 20; ++place) {
      const auto there = v4 ? ip_address::v4(static_cast<std::uint32_t>(0xCB007164 + 20 * branch + place))
                            : parse_ip("2001:db8:ff::1:0:0")->plus(branch << 16 | place);
      if (address == there) return "b" + std::to_string(branch) + "." + std::to_string(place);
    }
  return to_string(address);
}

std::string path_stage::path(std::uint32_t target) const {
  std::vector<std::string> words;
  for (const auto& row : rows(target)) {
    std::vector<std::string> parts;
    for (const auto& probe : row.probes) {
      const auto& answer = probe.answer;
      std::string part = answer.from ? name(answer.from, target) : "*";
      if (answer.state == hop_state::error) part = "error";
      if (answer.state == hop_state::unreachable) part.append("!").append(probe::describe(answer.why));
      if (std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
    }
    std::string word;
    for (const auto& part : parts) word += (word.empty() ? "" : "/") + part;
    words.push_back(word);
  }
  const auto silent = !words.empty() && words.back() == "*";
  while (!words.empty() && words.back() == "*") words.pop_back();
  if (silent) words.emplace_back("*+");
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<path_finding> path_stage::findings(std::uint32_t target) const {
  return probe::find_oddities(targets[target], rows(target), end(target));
}

std::string path_stage::remarks(std::uint32_t target) const {
  std::string out;
  for (const auto& one : findings(target)) {
    out += (out.empty() ? "" : " ") + std::string{probe::describe(one.what)} + "@" + std::to_string(one.hop);
    if (one.change) out.append(":").append(probe::describe(one.change->what));
  }
  return out;
}

path_finding path_stage::finding(path_finding_kind what, std::uint32_t target) const {
  for (const auto& one : findings(target))
    if (one.what == what) return one;
  throw std::runtime_error{"no finding " + std::string{probe::describe(what)} + " among: " + remarks(target)};
}

bool path_stage::found(path_finding_kind what, std::uint32_t target) const {
  return std::ranges::any_of(findings(target), [what](const path_finding& one) { return one.what == what; });
}

std::vector<probe::reject_reason> path_stage::rejects() const {
  std::vector<probe::reject_reason> out;
  for (const auto& one : seen<probe::path_reject>()) out.push_back(one.why);
  return out;
}

probe::traced_path path_stage::traced(std::uint32_t target) const {
  return {targets[target], rows(target), end(target)};
}

}  // namespace diag::sim
