// Multipath detection on diamonds of many shapes, each a function from flow to router.
#include "libdiag/probe/mda_course.hpp"

#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/probe/course_player.hpp"

namespace {

using namespace diag;
using namespace diag::course_player;
using probe::hop_state;
using probe::mda_config;
using probe::mda_course;
using probe::multipath;
using probe::path_graph;
using probe::path_question;
using probe::path_stop;

std::vector<probe::path_target> one_target() {
  return {probe::path_target{target, ip_address::v4(0xC0000201)}};
}

struct outcome {
  multipath found;
  play_result played;
};

outcome walk(network world, const mda_config& config = {}, play_options options = {}) {
  const auto targets = one_target();
  mda_course course{config, targets};
  auto played = play(course, std::move(world), std::move(options));
  auto found = played.only<multipath>();
  return {std::move(found), std::move(played)};
}

/// What a router's hash makes of a flow.
unsigned pick(std::uint64_t seed, const path_question& asked, unsigned ways) {
  return static_cast<unsigned>(keyed_hash({seed, 1}, {asked.flow, asked.target}) % ways);
}

std::size_t width(const path_graph& graph, unsigned hop) {
  return static_cast<std::size_t>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                                [=](const path_graph::node& n) { return n.hop == hop; }));
}

const path_graph::node* node_of(const path_graph& graph, unsigned hop, const ip_address& address) {
  for (const auto& node : graph.nodes)
    if (node.hop == hop && node.address == address) return &node;
  return nullptr;
}

/// "hop.which>hop.which" for every link between routers, in order.
std::set<std::pair<std::string, std::string>> links(const path_graph& graph) {
  std::set<std::pair<std::string, std::string>> all;
  for (const auto& link : graph.links)
    all.emplace(to_string(graph.nodes[link.from].address), to_string(graph.nodes[link.to].address));
  return all;
}

/// One router at each hop but the third, where there are `ways`; the target at `hops`.
network diamond(std::uint64_t seed, unsigned ways, unsigned hops) {
  return [=](const path_question& q, mono_time) -> std::optional<reply> {
    return q.hop == 3 && hops > 3 ? exceeded(3, pick(seed, q, ways)) : *line(q, hops);
  };
}

}  // namespace

TEST_CASE("mda: the stopping rule is that of the paper", "[probe][mda]") {
  const std::vector<std::uint32_t> at_95 = {6, 11, 16, 21, 27, 33, 38, 44, 51, 57, 63, 70, 76, 83, 90, 96};
  for (std::uint32_t known = 1; known <= at_95.size(); ++known)
    CHECK(probe::probes_to_rule_out(known, 0.05) == at_95[known - 1]);
  CHECK(probe::probes_to_rule_out(1, 0.01) == 8);
  CHECK(probe::probes_to_rule_out(0, 0.05) == 6);
  // The approximation takes over without a step.
  CHECK(probe::probes_to_rule_out(128, 0.05) >= probe::probes_to_rule_out(127, 0.05));
  CHECK(probe::probes_to_rule_out(128, 0.05) <= probe::probes_to_rule_out(127, 0.05) + 12);
  CHECK(probe::probes_to_rule_out(5, 0) < 1000);
}

TEST_CASE("mda: a plain line takes six flows at every hop, all at once", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) { return line(q, 8); });
  CHECK(found.why == path_stop::reached);
  CHECK(found.hops == 8);
  CHECK(found.complete);
  CHECK(found.flows == 6);
  CHECK(found.graph->nodes.size() == 9);
  CHECK(found.graph->links.size() == 8);
  for (const auto& link : found.graph->links) CHECK(link.flows == 6);
  CHECK(found.graph->nodes.back().target);
  CHECK(found.graph->nodes.back().rtt == 8ms);
  CHECK(played.asked.size() <= 6 * 8 + 5);
  CHECK(played.took <= 40ms);  // five round trips or so, not one for each hop
}

TEST_CASE("mda: diamonds two and four wide are found whole", "[probe][mda]") {
  const auto ways = GENERATE(2U, 4U);
  const auto [found, played] = walk(diamond(7, ways, 6));
  CHECK(found.complete);
  CHECK(width(*found.graph, 3) == ways);
  CHECK(width(*found.graph, 2) == 1);
  CHECK(width(*found.graph, 4) == 1);
  for (unsigned i = 0; i < ways; ++i) {
    const auto* node = node_of(*found.graph, 3, router(3, i));
    REQUIRE(node);
    CHECK(node->flows >= 6);
    CHECK_FALSE(node->per_packet);
  }
  CHECK(found.graph->links.size() == 4 + 2 * ways);
  CHECK_FALSE(node_of(*found.graph, 2, router(2))->per_packet);
  INFO("probes: " << played.asked.size() << " in " << milliseconds(played.took) << " ms");
  CHECK(played.asked.size() <= (ways == 2 ? 75U : 150U));
}

TEST_CASE("mda: a next hop of a four-way node is missed in at most 5 % of the runs", "[probe][mda]") {
  unsigned missed = 0;
  std::size_t probes = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    // The target right behind, so that nothing but the rule itself finds them.
    const auto [found, played] = walk([=](const path_question& q, mono_time) -> std::optional<reply> {
      if (q.hop == 1) return exceeded(1);
      auto back = reached(2);
      back.answer.from = router(2, pick(seed, q, 4));
      return back;
    });
    missed += width(*found.graph, 2) == 4 ? 0U : 1U;
    probes += played.asked.size();
  }
  CHECK(missed <= 60);
  CHECK(missed > 10);  // else it asks too much
  CHECK(probes / 1000 <= 55);
}

TEST_CASE("mda: the cost of a whole diamond four wide", "[probe][mda]") {
  unsigned missed = 0;
  std::size_t probes = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto [found, played] = walk(diamond(seed, 4, 6));
    missed += width(*found.graph, 3) == 4 ? 0U : 1U;
    probes += played.asked.size();
  }
  CHECK(missed <= 8);
  CHECK(probes / 200 <= 130);
}

TEST_CASE("mda: ways of unequal length end in two places, and in nothing else", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop < 3) return exceeded(q.hop);
    const auto longer = pick(3, q, 2);
    return q.hop < 6 + longer ? exceeded(q.hop, longer) : reached(6 + longer);
  });
  CHECK(found.why == path_stop::reached);
  CHECK(found.complete);
  CHECK(found.hops == 6);
  for (const auto& node : found.graph->nodes) CHECK(node.hop <= 7);
  const auto* near = node_of(*found.graph, 6, target);
  const auto* far = node_of(*found.graph, 7, target);
  REQUIRE(near);
  REQUIRE(far);
  CHECK(near->target);
  CHECK(far->target);
  for (const auto& link : found.graph->links) {
    CHECK_FALSE(found.graph->nodes[link.from].target);
    CHECK(found.graph->nodes[link.to].hop == found.graph->nodes[link.from].hop + 1);
  }
}

TEST_CASE("mda: a meshed diamond has its cross links", "[probe][mda]") {
  // Two routers at hop 2; the first goes on to 0 and 1 of hop 3, the second to 1 and 2.
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    const auto way = pick(11, q, 2);
    if (q.hop == 2) return exceeded(2, way);
    if (q.hop == 3) return exceeded(3, way + pick(12, q, 2));
    return line(q, 5);
  });
  CHECK(found.complete);
  CHECK(width(*found.graph, 2) == 2);
  CHECK(width(*found.graph, 3) == 3);
  const auto all = links(*found.graph);
  for (unsigned way = 0; way < 2; ++way)
    for (unsigned next = 0; next < 3; ++next)
      CHECK(all.contains({to_string(router(2, way)), to_string(router(3, next))}) ==
            (next == way || next == way + 1));
}

TEST_CASE("mda: diamonds behind a narrow branch get flows of their own", "[probe][mda]") {
  // Only the flows of one of three ways meet the second balancer.
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    const auto way = pick(21, q, 3);
    if (q.hop == 2) return exceeded(2, way);
    if (q.hop == 3) return exceeded(3, way == 2 ? 2 + pick(22, q, 3) : way);
    return line(q, 6);
  });
  CHECK(found.complete);
  CHECK(width(*found.graph, 3) == 5);
  CHECK(node_of(*found.graph, 2, router(2, 2))->flows >= 16);
}

TEST_CASE("mda: a balancer per packet is told, and what lies behind it is not accused", "[probe][mda]") {
  seeded_random random{5};
  const auto [found, played] = walk([&](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop == 3) return exceeded(3, static_cast<unsigned>(random.below(2)));
    if (q.hop == 4) return exceeded(4, static_cast<unsigned>(random.below(2)));
    if (q.hop == 6) return exceeded(6, pick(9, q, 2));
    return line(q, 8);
  });
  CHECK(node_of(*found.graph, 2, router(2))->per_packet);
  for (const auto& node : found.graph->nodes)
    if (node.hop != 2) CHECK_FALSE(node.per_packet);
  CHECK(width(*found.graph, 6) == 2);
}

TEST_CASE("mda: a silent router is one node, and the path goes on behind it", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    return q.hop == 3 || q.hop == 4 ? std::nullopt : line(q, 6);
  });
  CHECK(found.why == path_stop::reached);
  CHECK(found.complete);
  CHECK(width(*found.graph, 3) == 1);
  CHECK(width(*found.graph, 4) == 1);
  REQUIRE(node_of(*found.graph, 3, {}));
  CHECK(node_of(*found.graph, 3, {})->probes == 0);
  CHECK(played.took < 1s);
}

TEST_CASE("mda: a silent router beside one that answers is a node too", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    const auto way = pick(4, q, 2);
    if (q.hop == 3) return way == 0 ? std::nullopt : std::optional{exceeded(3, 1)};
    if (q.hop == 4) return exceeded(4, way);
    return line(q, 6);
  });
  CHECK(width(*found.graph, 3) == 2);
  REQUIRE(node_of(*found.graph, 3, {}));
  CHECK(width(*found.graph, 4) == 2);
  CHECK(played.took < 10s);
}

TEST_CASE("mda: a router that limits its answers gets no silent twin", "[probe][mda]") {
  // A bucket of six, one more a second: what Linux does.
  double tokens = 6;
  mono_time filled{100s};
  auto behind = diamond(5, 2, 6);
  const auto [found, played] = walk([&](const path_question& q, mono_time now) -> std::optional<reply> {
    if (q.hop == 4) {
      tokens = std::min(6.0, tokens + seconds(now - filled));
      filled = now;
      if (tokens < 1) return std::nullopt;
      tokens -= 1;
    }
    return behind(q, now);
  });
  CHECK(width(*found.graph, 4) == 1);
  CHECK_FALSE(node_of(*found.graph, 4, {}));
  CHECK(found.complete);
  CHECK(played.took < 20s);
}

TEST_CASE("mda: lost answers make no nodes", "[probe][mda]") {
  seeded_random random{77};
  const auto [found, played] = walk([&](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop == 2 && random.unit() < 0.3) return std::nullopt;
    return line(q, 5);
  });
  CHECK(width(*found.graph, 2) == 1);
  CHECK(found.graph->nodes.size() == 6);
}

TEST_CASE("mda: silence ends the path after so many hops", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    return q.hop > 4 ? std::nullopt : std::optional{exceeded(q.hop)};
  });
  CHECK(found.why == path_stop::silence);
  CHECK(found.hops == 4);
  CHECK(width(*found.graph, 5) == 1);  // one silent node stands for the rest
  CHECK(width(*found.graph, 6) == 0);
  for (const auto& asked : played.asked) CHECK(asked.hop <= 9);
}

TEST_CASE("mda: a branch that drops everything does not hide the other", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    const auto way = pick(8, q, 2);
    if (q.hop == 3) return exceeded(3, way);
    if (q.hop > 3 && way == 0) return std::nullopt;
    return line(q, 8);
  });
  CHECK(found.why == path_stop::reached);
  CHECK(found.hops == 8);
  CHECK(width(*found.graph, 3) == 2);
}

TEST_CASE("mda: a refusal is a node where flows end", "[probe][mda]") {
  const auto [found, played] = walk([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop < 3) return exceeded(q.hop);
    return reply{answer_of(hop_state::unreachable, router(3), probe::reason::admin_prohibited), 3ms};
  });
  CHECK(found.why == path_stop::unreachable);
  CHECK(found.hops == 3);
  CHECK(found.graph->nodes.back().hop == 3);
}

TEST_CASE("mda: flows that run out are admitted", "[probe][mda]") {
  mda_config config;
  config.most_flows = 12;
  const auto [found, played] = walk(diamond(3, 4, 6), config);
  CHECK_FALSE(found.complete);
  CHECK(found.flows <= 12);
  CHECK(found.why == path_stop::reached);
}

TEST_CASE("mda: asks from the first hop to the last and no further", "[probe][mda]") {
  mda_config config;
  config.first_hop = 3;
  config.last_hop = 5;
  const auto [found, played] = walk([](const path_question& q, mono_time) { return line(q, 9); }, config);
  CHECK(found.why == path_stop::last_hop);
  for (const auto& asked : played.asked) CHECK((asked.hop >= 3 && asked.hop <= 5));
  CHECK(found.graph->nodes.size() == 4);
}

TEST_CASE("mda: cut short, it draws what it has", "[probe][mda]") {
  play_options options;
  options.interrupt = [](mono_time now) { return now >= mono_time{100s} + 4ms; };
  const auto [found, played] =
      walk([](const path_question& q, mono_time) { return line(q, 8); }, {}, options);
  CHECK(found.why == path_stop::interrupted);
  CHECK_FALSE(found.complete);
  CHECK(found.graph->nodes.size() >= 4);
}

TEST_CASE("mda: one target after the other", "[probe][mda]") {
  std::vector<probe::path_target> targets(3, one_target()[0]);
  mda_course course{{}, targets};
  const auto played = play(course, [](const path_question& q, mono_time) { return line(q, 2 + q.target); });
  const auto all = played.all<multipath>();
  REQUIRE(all.size() == 3);
  for (std::uint32_t t = 0; t < 3; ++t) {
    CHECK(all[t].target == t);
    CHECK(all[t].hops == 2 + t);
  }
}

TEST_CASE("mda: whatever comes back, the walk ends and the graph holds together", "[probe][mda]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    mda_config config;
    config.most_flows = static_cast<std::uint16_t>(1 + seed % 60);
    config.first_hop = static_cast<std::uint8_t>(1 + seed % 3);
    config.last_hop = static_cast<std::uint8_t>(config.first_hop + seed % 12);
    config.attempts = static_cast<std::uint8_t>(seed % 4);
    INFO(seed);
    const auto [found, played] = walk(chaos(seed), config);
    CHECK(played.heard <= played.asked.size());
    const auto& graph = *found.graph;
    for (const auto& link : graph.links) {
      REQUIRE(link.from < graph.nodes.size());
      REQUIRE(link.to < graph.nodes.size());
      CHECK(link.flows >= 1);
      CHECK(link.flows <= graph.nodes[link.to].flows);
    }
    for (const auto& asked : played.asked) CHECK(asked.flow < config.most_flows);
  }
}
