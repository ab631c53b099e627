// Load balancers: a flow stays on its way, flows spread, and --mda finds every way there is.
#include <algorithm>
#include <set>

#include "libdiag/probe/mda_course.hpp"

#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  return GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
}

/// r1 r2 r3, where r2 is a balancer with branches of these lengths to r3.
struct diamond {
  diamond(const std::vector<std::size_t>& lengths, balancer::choice how, std::uint64_t seed = 1)
      : trial{shape(how, seed), seed} {
    add_branches(trial.net, *dynamic_cast<balancer*>(&trial.way.hop(2)), trial.way.hop(3), lengths);
  }
  static path_street_config shape(balancer::choice how, std::uint64_t salt) {
    path_street_config street;
    street.hops = 3;
    street.router_at = [=](world& net, std::size_t hop, const path_router_config& own) -> router* {
      return hop == 2 ? &net.add<balancer>(own, how, salt) : nullptr;
    };
    return street;
  }
  /// Runs the course that enumerates the ways.
  probe::multipath enumerate(const probe::path_target& target, probe::mda_config config = {}) {
    trial.ask(target);
    trial.config.probes.flows = config.most_flows;
    config.timeout = trial.config.timeout;
    probe::mda_course course{config, trial.targets};
    trial.run(course);
    const auto found = trial.seen<probe::multipath>();
    CHECK(trial.breach() == "");
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].graph);
    return found[0];
  }
  /// "2>3:r2>b0.0" ...: hops and names of all links, sorted.
  [[nodiscard]] std::set<std::string> links(const probe::path_graph& graph) const {
    std::set<std::string> out;
    for (const auto& link : graph.links)
      out.insert(name(graph.nodes.at(link.from)) + ">" + name(graph.nodes.at(link.to)));
    return out;
  }
  [[nodiscard]] std::string name(const probe::path_graph::node& node) const {
    if (node.hop == 0) return "here";
    return std::to_string(node.hop) + (node.address ? trial.name(node.address) : "*");
  }
  path_stage trial;
};

using list = std::vector<std::size_t>;

}  // namespace

TEST_CASE("balance: a trace stays on one way and sees no change of path", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const auto width = GENERATE(2U, 4U);
  std::set<std::string> ways;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    diamond there{list(width, 1), balancer::choice::per_flow, seed};
    there.trial.ask(question(family, method)).trace();
    CHECK(there.trial.breach() == "");
    CHECK(there.trial.rows().size() == 5);
    CHECK(there.trial.remarks() == "");
    CHECK(there.trial.row(3).probes.size() == 3);
    ways.insert(there.trial.path());
    for (const auto& row : there.trial.rows())
      for (const auto& one : row.probes) CHECK(one.answer.from == row.probes.front().answer.from);
  }
  // The ways are there: another balancer sends the same flow another way.
  CHECK(ways.size() > 1);
}

TEST_CASE("balance: unequal lengths do not make a loop of one flow", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  std::set<std::string> ways;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    diamond there{{1, 3}, balancer::choice::per_flow, seed};
    there.trial.ask(question(family, method)).trace();
    CHECK(there.trial.breach() == "");
    CHECK(there.trial.remarks() == "");
    ways.insert(there.trial.path());
  }
  CHECK(ways == std::set<std::string>{"r1 r2 b0.0 r3 T", "r1 r2 b1.0 b1.1 b1.2 r3 T"});
}

TEST_CASE("balance: several flows show several ways, each its own", "[sim][path]") {
  const auto method = any_method();
  diamond there{{1, 1}, balancer::choice::per_flow, 5};
  there.trial.config.probes.flows = 16;
  there.trial.tracing.probes_per_hop = 2;
  there.trial.ask(question(either(), method)).trace();
  CHECK(there.trial.breach() == "");
  CHECK(there.trial.flows_seen == 16);
  const auto row = there.trial.row(3);
  CHECK(row.probes.size() == 32);
  std::set<ip_address> seen;
  for (std::size_t i = 0; i < row.probes.size(); i += 2) {
    CHECK(row.probes[i].asked.flow == i / 2);
    CHECK(row.probes[i].answer.from == row.probes[i + 1].answer.from);
    seen.insert(row.probes[i].answer.from);
  }
  CHECK(seen.size() == 2);
  REQUIRE(there.trial.found(path_finding_kind::several_paths));
  const auto told = there.trial.finding(path_finding_kind::several_paths);
  CHECK(told.hop == 3);
  CHECK(told.count == 2);
  CHECK_FALSE(there.trial.found(path_finding_kind::several_addresses));
  CHECK_FALSE(there.trial.found(path_finding_kind::loop));
  // The same as a graph.
  const auto graph = probe::graph_of(there.trial.targets[0], there.trial.rows());
  CHECK(there.links(graph) == std::set<std::string>{"here>1r1", "1r1>2r2", "2r2>3b0.0", "2r2>3b1.0",
                                                    "3b0.0>4r3", "3b1.0>4r3", "4r3>5T"});
}

TEST_CASE("balance: packet by packet is told from flow by flow", "[sim][path]") {
  diamond there{{1, 1}, balancer::choice::per_packet, 3};
  there.trial.tracing.probes_per_hop = 8;
  there.trial.ask(question(either(), any_method())).trace();
  CHECK(there.trial.breach() == "");
  REQUIRE(there.trial.found(path_finding_kind::several_addresses));
  CHECK(there.trial.finding(path_finding_kind::several_addresses).hop == 3);
  CHECK_FALSE(there.trial.found(path_finding_kind::several_paths));
  CHECK_FALSE(there.trial.found(path_finding_kind::loop));
}

TEST_CASE("mda: finds one way where there is one, with no more probes than the rule wants", "[sim][path]") {
  diamond there{{1}, balancer::choice::per_flow};
  const auto found = there.enumerate(question(either(), any_method()));
  CHECK(found.complete);
  CHECK(found.why == path_stop::reached);
  CHECK(found.hops == 5);
  CHECK(there.links(*found.graph) ==
        std::set<std::string>{"here>1r1", "1r1>2r2", "2r2>3b0.0", "3b0.0>4r3", "4r3>5T"});
  // Six probes through every node (probes_to_rule_out), with some slack for what was under way.
  CHECK(found.sent >= 5 * 6);
  CHECK(found.sent <= 2 * 5 * 6);
}

TEST_CASE("mda: enumerates a diamond", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const auto width = GENERATE(2U, 4U);
  diamond there{list(width, 1), balancer::choice::per_flow, 11};
  auto config = probe::mda_config{};
  config.failure = 0.001;
  const auto found = there.enumerate(question(family, method), config);
  CHECK(found.complete);
  CHECK(found.why == path_stop::reached);
  std::set<std::string> expected{"here>1r1", "1r1>2r2", "4r3>5T"};
  for (std::size_t branch = 0; branch < width; ++branch) {
    const auto name = "3b" + std::to_string(branch) + ".0";
    expected.insert("2r2>" + name);
    expected.insert(name + ">4r3");
  }
  CHECK(there.links(*found.graph) == expected);
  for (const auto& node : found.graph->nodes) {
    CHECK_FALSE(node.per_packet);
    CHECK(node.target == (node.hop == 5));
  }
}

TEST_CASE("mda: enumerates ways of unequal length", "[sim][path]") {
  diamond there{{1, 2}, balancer::choice::per_flow, 4};
  auto config = probe::mda_config{};
  config.failure = 0.001;
  const auto found = there.enumerate(question(either(), any_method()), config);
  CHECK(found.complete);
  CHECK(found.why == path_stop::reached);
  CHECK(there.links(*found.graph) == std::set<std::string>{"here>1r1", "1r1>2r2", "2r2>3b0.0", "2r2>3b1.0",
                                                           "3b0.0>4r3", "3b1.0>4b1.1", "4r3>5T", "4b1.1>5r3",
                                                           "5r3>6T"});
}

TEST_CASE("mda: says where the balancing is packet by packet", "[sim][path]") {
  diamond there{{1, 1}, balancer::choice::per_packet, 9};
  const auto found = there.enumerate(question(either(), any_method()));
  const auto& nodes = found.graph->nodes;
  const auto balancing = std::ranges::find_if(nodes, [](const auto& one) { return one.hop == 2; });
  REQUIRE(balancing != nodes.end());
  CHECK(balancing->per_packet);
  for (const auto& node : nodes)
    if (node.hop != 2) CHECK_FALSE(node.per_packet);
}

TEST_CASE("mda: misses a way about as rarely as it promises", "[sim][path]") {
  unsigned missed = 0;
  constexpr unsigned runs = 200;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    diamond there{{1, 1}, balancer::choice::per_flow, seed};
    const auto found = there.enumerate(question(ip_family::v4));
    const auto& nodes = found.graph->nodes;
    const auto ways = std::ranges::count_if(nodes, [](const auto& one) { return one.hop == 3; });
    CHECK((ways == 1 || ways == 2));
    if (ways != 2) ++missed;
  }
  // 5 % of 200, and three standard deviations.
  CHECK(missed <= 20);
}

TEST_CASE("mda: walks past a silent hop and gives up behind the last one", "[sim][path]") {
  path_street_config street;
  street.hops = 4;
  street.shape = [](std::size_t hop, path_router_config& own) { own.silent = hop == 2; };
  const auto dead = GENERATE(false, true);
  if (dead) street.host.udp = port_manner::silent;
  path_stage trial{street};
  trial.config.probes.flows = 1024;
  trial.config.timeout = 200ms;
  trial.ask(question(either()));
  probe::mda_config config;
  config.timeout = 200ms;
  probe::mda_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto found = trial.seen<probe::multipath>();
  REQUIRE(found.size() == 1);
  CHECK(found[0].why == (dead ? path_stop::silence : path_stop::reached));
  CHECK(found[0].hops == (dead ? 4 : 5));
}

TEST_CASE("mda: runs out of flows honestly", "[sim][path]") {
  diamond there{list(4, 1), balancer::choice::per_flow, 2};
  auto config = probe::mda_config{};
  config.most_flows = 8;
  const auto found = there.enumerate(question(either()), config);
  CHECK_FALSE(found.complete);
}
