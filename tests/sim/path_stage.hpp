// A path run on a simulated street, to its end, with the law kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "libdiag/probe/path_run.hpp"
#include "libdiag/probe/trace_course.hpp"

#include "tests/sim/injector.hpp"
#include "tests/sim/path_ledger.hpp"
#include "tests/sim/path_nodes.hpp"
#include "tests/sim/run.hpp"

namespace diag::sim {

using probe::hop_row;
using probe::hop_state;
using probe::path_end;
using probe::path_finding;
using probe::path_finding_kind;
using probe::path_method;
using probe::path_stop;

/// The far end in both families.
inline ip_address far_end(ip_family family) {
  return *parse_ip(family == ip_family::v4 ? "198.51.100.1" : "2001:db8:1::1");
}
/// The address of a router of the street.
ip_address hop_address(ip_family family, std::size_t hop);
probe::path_target question(ip_family family, path_method method = path_method::udp, std::uint16_t port = 0);

/// Source ports from 40000, identifiers from 0x4d00, as fast as can be.
probe::path_run_config quiet_paths(std::uint64_t seed = 7);

class path_stage {
 public:
  explicit path_stage(const path_street_config& street = {}, std::uint64_t seed = 1);
  /// A question of its own in place of the usual one.
  path_stage& ask(const probe::path_target& target);
  /// Traces all targets.
  void trace();
  /// Runs any course; its events are in `events`.
  void run(probe::path_course& course);
  /// The first rule of the law that was broken; "" none.
  [[nodiscard]] std::string breach() const;

  template <class Event>
  [[nodiscard]] std::vector<Event> seen() const {
    std::vector<Event> out;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Event>(&event)) out.push_back(*one);
    return out;
  }
  [[nodiscard]] std::vector<hop_row> rows(std::uint32_t target = 0) const;
  /// Throws when there is none.
  [[nodiscard]] hop_row row(std::uint8_t hop, std::uint32_t target = 0) const;
  [[nodiscard]] path_end end(std::uint32_t target = 0) const;
  /// The rows as text, a word a hop: "r1 r2 * r4 T". rN is the street's router of that number, bB.P one of
  /// its branches, T the target, any other address itself; `!reason` where it refused; several of a hop with
  /// `/`, each once, in the order of their first; silent hops at the end are one "*+".
  [[nodiscard]] std::string path(std::uint32_t target = 0) const;
  [[nodiscard]] std::vector<path_finding> findings(std::uint32_t target = 0) const;
  /// The words of the findings in their order, with their hops: "changed@4" ...
  [[nodiscard]] std::string remarks(std::uint32_t target = 0) const;
  /// The first of a kind; throws when there is none.
  [[nodiscard]] path_finding finding(path_finding_kind what, std::uint32_t target = 0) const;
  [[nodiscard]] bool found(path_finding_kind what, std::uint32_t target = 0) const;
  [[nodiscard]] std::vector<probe::reject_reason> rejects() const;
  [[nodiscard]] probe::traced_path traced(std::uint32_t target = 0) const;
  [[nodiscard]] duration elapsed(std::uint32_t target = 0) const {
    return end(target).at - end(target).began;
  }
  /// The name of an address in path().
  [[nodiscard]] std::string name(const ip_address& address, std::uint32_t target = 0) const;

  world net;
  path_street way;
  std::vector<probe::path_target> targets;
  probe::path_run_config config = quiet_paths();
  probe::trace_config tracing;
  run_options options;
  /// For every packet that leaves: what to forge from it, and how long after.
  std::function<std::vector<injector::forgery>(const packet&)> forge{};
  std::vector<probe::path_event> events;
  std::vector<mono_time> departures;
  run_result result;
  probe::path_run::totals counts{};
  std::vector<probe::path_result> heard;
  std::size_t flows_seen = 0;

 private:
  std::string breach_ = "not run";
  bool traced_ = false;
};

}  // namespace diag::sim
