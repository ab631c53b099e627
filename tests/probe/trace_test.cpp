// What a trace asks, what it makes of the answers, and when it is content.
#include <set>

#include "libdiag/probe/trace_course.hpp"

#include "tests/catch.hpp"
#include "tests/probe/course_player.hpp"

using namespace diag;
using namespace diag::probe;
using course_player::answer_of;
using course_player::network;
using course_player::play;
using course_player::reply;
using played = course_player::play_result;

namespace {

path_answer from_router(const ip_address& who) {
  auto out = answer_of(hop_state::time_exceeded, who, reason::hop_limit_exceeded);
  out.icmp_type = 11;
  out.quoted_hop_limit = 1;
  return out;
}
/// `quoted`: what is left of the hop limit, where the answer quotes the probe.
path_answer from_target(const ip_address& who, std::optional<std::uint8_t> quoted = {}) {
  auto out = answer_of(hop_state::reached, who, quoted ? reason::port_unreachable : reason::none);
  out.quoted_hop_limit = quoted;
  return out;
}

const hop_row* row(const played& run, std::uint8_t hop, std::uint32_t target = 0) {
  for (const auto& one : run.events)
    if (const auto* which = std::get_if<hop_row>(&one); which && which->hop == hop && which->target == target)
      return which;
  return nullptr;
}

ip_address router(unsigned hop) {
  return ip_address::v4(0xcb007100U + hop);  // 203.0.113.0
}
const auto goal = ip_address::v4(0xc6336409U);

std::vector<path_target> targets(std::size_t count = 1) {
  std::vector<path_target> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i].address = goal.plus(i);
  return out;
}

/// `distance` hops to the target, with an answer that quotes the probe (UDP) or not (TCP, ICMP).
network street(std::uint8_t distance, bool quotes = true, std::set<unsigned> silent = {}) {
  return [=](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop >= distance) {
      if (silent.contains(distance)) return std::nullopt;
      const auto left = static_cast<std::uint8_t>(asked.hop - distance + 1);
      return reply{from_target(goal.plus(asked.target), quotes ? std::optional{left} : std::nullopt),
                   1ms * distance};
    }
    if (silent.contains(asked.hop)) return std::nullopt;
    return reply{from_router(router(asked.hop)), 1ms * asked.hop};
  };
}

void check_rows(const played& run, std::uint8_t first, std::uint8_t last) {
  const auto rows = run.all<hop_row>();
  REQUIRE(rows.size() == std::size_t{last} - first + 1U);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].hop == first + i);
}

}  // namespace

TEST_CASE("trace: ten hops in one round trip, nothing asked twice", "[probe][trace]") {
  const bool quotes = GENERATE(true, false);
  trace_config config;
  config.probes_per_hop = 1;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(10, quotes));
  check_rows(run, 1, 10);
  const auto end = run.all<path_end>().at(0);
  CHECK(end.why == path_stop::reached);
  CHECK(end.hops == 10);
  CHECK(run.took <= 11ms);
  CHECK(run.asked.size() <= 17);
  for (std::uint8_t hop = 1; hop < 10; ++hop) {
    REQUIRE(row(run, hop)->probes.size() == 1);
    CHECK(row(run, hop)->probes[0].answer.from == router(hop));
  }
  CHECK(row(run, 10)->probes.at(0).answer.state == hop_state::reached);
}

TEST_CASE("trace: three probes a hop, and those that overshoot are the target's", "[probe][trace]") {
  trace_config config;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(4));
  check_rows(run, 1, 4);
  for (std::uint8_t hop = 1; hop <= 4; ++hop) CHECK(row(run, hop)->probes.size() == 3);
  for (const auto& one : row(run, 4)->probes) CHECK(one.answer.state == hop_state::reached);
  CHECK(run.asked.size() == 17 + 3 * 2);  // hops 1 to 16 and 30 once, 1 to 3 twice more
}

TEST_CASE("trace: the time of the target is one that its row shows", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, [](const path_question& asked, mono_time now) -> std::optional<reply> {
    auto said = street(4)(asked, now);
    if (asked.hop > 4) said->delay = 2ms;
    return said;
  });
  REQUIRE(row(run, 4)->probes.size() == 1);
  CHECK(run.all<path_end>().at(0).target_rtt == row(run, 4)->probes[0].answer.rtt);
}

TEST_CASE("trace: silent hops cost what the others show, not the timeout", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = GENERATE(std::uint16_t{1}, std::uint16_t{3});
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(10, true, {3, 4, 7}));
  check_rows(run, 1, 10);
  CHECK(row(run, 3)->probes.size() == config.probes_per_hop);
  CHECK(row(run, 3)->probes[0].answer.state == hop_state::silent);
  // The slowest answer took 10 ms: ten times that, and one round trip more for the further probes.
  CHECK(run.took <= 125ms);
}

TEST_CASE("trace: a path longer than the window is followed", "[probe][trace]") {
  trace_config config;
  config.last_hop = 64;
  const bool quotes = GENERATE(true, false);
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(40, quotes, {5, 6}));
  check_rows(run, 1, 40);
  CHECK(run.all<path_end>().at(0).hops == 40);
}

TEST_CASE("trace: a target behind more silent hops than the window is found by the scout", "[probe][trace]") {
  trace_config config;
  config.window = 5;
  config.probes_per_hop = 1;
  const bool quotes = GENERATE(true, false);
  std::set<unsigned> silent;
  for (unsigned hop = 3; hop < 20; ++hop) silent.insert(hop);
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(20, quotes, silent));
  check_rows(run, 1, 20);
  CHECK(run.all<path_end>().at(0).why == path_stop::reached);
}

TEST_CASE("trace: where nothing answers it ends after the window, and says so", "[probe][trace]") {
  trace_config config;
  config.timeout = 1s;
  const auto to = targets();
  trace_course course{config, to};
  const auto run =
      play(course, [](const path_question&, mono_time) -> std::optional<reply> { return std::nullopt; });
  const auto end = run.all<path_end>().at(0);
  CHECK(end.why == path_stop::silence);
  CHECK(end.hops == 0);
  CHECK(end.asked_to == 16);
  CHECK(run.took <= 1668ms);  // the second and third are not waited for
}

TEST_CASE("trace: a silent target ends in silence behind the last router", "[probe][trace]") {
  trace_config config;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, street(6, true, {6}));
  const auto end = run.all<path_end>().at(0);
  CHECK(end.why == path_stop::silence);
  CHECK(end.hops == 5);
  CHECK(end.asked_to == 5 + config.window);
}

TEST_CASE("trace: first and last hop bound the rows", "[probe][trace]") {
  trace_config config;
  const auto to = targets();
  SECTION("a later first hop") {
    config.first_hop = 3;
    trace_course course{config, to};
    check_rows(play(course, street(6)), 3, 6);
  }
  SECTION("the last before the target") {
    config.last_hop = 4;
    trace_course course{config, to};
    const auto run = play(course, street(6));
    check_rows(run, 1, 4);
    CHECK(run.all<path_end>().at(0).why == path_stop::last_hop);
  }
  SECTION("only one") {
    config.last_hop = 1;
    trace_course course{config, to};
    check_rows(play(course, street(6)), 1, 1);
  }
  SECTION("all there are") {
    config.last_hop = 255;
    trace_course course{config, to};
    check_rows(play(course, street(6)), 1, 6);
  }
  SECTION("first is last") {
    config.first_hop = config.last_hop = 6;
    trace_course course{config, to};
    check_rows(play(course, street(6)), 6, 6);
  }
}

TEST_CASE("trace: who refuses ends it, unless the target answers all the same", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  const auto to = targets();
  const bool target_answers = GENERATE(false, true);
  trace_course course{config, to};
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop < 5) return reply{from_router(router(asked.hop)), 1ms};
    if (target_answers && asked.hop >= 8) return reply{from_target(goal), 2ms};
    auto refusal = from_router(router(4));
    refusal.state = hop_state::unreachable;
    refusal.why = reason::admin_prohibited;
    return reply{refusal, 1ms};
  });
  const auto end = run.all<path_end>().at(0);
  CHECK(end.why == (target_answers ? path_stop::reached : path_stop::unreachable));
  CHECK(end.hops == (target_answers ? 8 : 5));
  check_rows(run, 1, target_answers ? 8 : 5);
}

TEST_CASE("trace: a target that answers once is reached once", "[probe][trace]") {
  trace_config config;
  const auto to = targets();
  trace_course course{config, to};
  bool answered = false;
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop < 6) return reply{from_router(router(asked.hop)), 1ms};
    if (std::exchange(answered, true)) return std::nullopt;
    return reply{from_target(goal), 2ms};
  });
  check_rows(run, 1, 6);
  REQUIRE(row(run, 6)->probes.size() == 3);
  CHECK(row(run, 6)->probes[0].answer.state == hop_state::reached);
  CHECK(row(run, 6)->probes[1].answer.state == hop_state::silent);
}

TEST_CASE("trace: a quote that lies about the distance", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  const auto to = targets();
  const auto quoted = GENERATE(std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{29}, std::uint8_t{255});
  trace_course course{config, to};
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop < 9) return reply{from_router(router(asked.hop)), 1ms};
    return reply{from_target(goal, quoted), 2ms};
  });
  CHECK(run.all<path_end>().at(0).why == path_stop::reached);
  check_rows(run, 1, 9);
}

TEST_CASE("trace: a routing loop ends at the last hop", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    return reply{from_router(router(asked.hop < 4 ? asked.hop : 4U + asked.hop % 2)), 1ms};
  });
  check_rows(run, 1, 30);
  CHECK(run.all<path_end>().at(0).why == path_stop::last_hop);
}

TEST_CASE("trace: a late answer still fills its row", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  config.timeout = 1s;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop == 2) return reply{from_router(router(2)), 30ms};  // longer than its patience
    if (asked.hop < 6) return reply{from_router(router(asked.hop)), 1ms};
    return reply{from_target(goal, static_cast<std::uint8_t>(asked.hop - 5)), 60ms};
  });
  // Given up after ten times what hops 3 to 5 took, long before the target's answer.
  CHECK(run.all<path_end>().at(0).late == 1);
  CHECK(run.all<path_end>().at(0).why == path_stop::reached);
  check_rows(run, 1, 6);
}

TEST_CASE("trace: a host that may not send ends it at once", "[probe][trace]") {
  trace_config config;
  const auto to = targets();
  trace_course course{config, to};
  const auto run = play(course, [](const path_question&, mono_time) -> std::optional<reply> {
    path_answer refused;
    refused.state = hop_state::error;
    refused.why = reason::local_firewall;
    refused.error = 1;
    return reply{refused, 0ms};
  });
  CHECK(run.all<path_end>().at(0).why == path_stop::error);
  CHECK(run.took == duration::zero());
}

TEST_CASE("trace: flows have their own length", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = 1;
  config.flows = 4;
  const auto to = targets();
  trace_course course{config, to};
  // Odd flows take one hop more.
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    const auto distance = 5 + asked.flow % 2;
    if (asked.hop >= distance) return reply{from_target(goal), 5ms};
    const bool inside = asked.hop >= 2;
    return reply{from_router(router(asked.hop + (inside ? 10U * (asked.flow % 2) : 0U))), 1ms};
  });
  check_rows(run, 1, 6);
  CHECK(row(run, 1)->probes.size() == 4);
  CHECK(row(run, 5)->probes.size() == 4);
  REQUIRE(row(run, 6)->probes.size() == 2);
  for (const auto& one : row(run, 6)->probes) CHECK(one.asked.flow % 2 == 1);
  CHECK(run.all<path_end>().at(0).hops == 5);
}

TEST_CASE("trace: cut short, it tells what is known", "[probe][trace]") {
  const auto to = targets(3);
  trace_config config;
  config.probes_per_hop = 1;
  config.traces_at_once = 2;
  trace_course course{config, to};
  const mono_time now{1s};
  while (course.next(now)) {
  }
  course.hear(now, {.target = 0, .flow = 0, .hop = 1}, from_router(router(1)));
  course.hear(now, {.target = 0, .flow = 0, .hop = 3}, from_router(router(3)));
  course.cut_short(now);
  CHECK(course.done());
  std::size_t rows = 0, ends = 0;
  while (auto event = course.next_event()) {
    rows += std::holds_alternative<hop_row>(*event) ? 1U : 0U;
    if (const auto* end = std::get_if<path_end>(&*event)) {
      ++ends;
      CHECK(end->why == path_stop::interrupted);
    }
  }
  CHECK(rows == 3);
  CHECK(ends == 3);
}

TEST_CASE("trace: doubletree asks shared hops once", "[probe][trace]") {
  const auto to = targets(50);
  trace_config config;
  config.probes_per_hop = 1;
  const auto plain = [&] {
    trace_course course{config, to};
    return play(course, street(10));
  }();
  config.doubletree = true;
  trace_course course{config, to};
  const auto run = play(course, street(10));
  for (std::uint32_t target = 0; target < to.size(); ++target)
    for (std::uint8_t hop = 1; hop < 10; ++hop) {
      const auto* one = row(run, hop, target);
      REQUIRE(one != nullptr);
      CHECK(one->probes.at(0).answer.from == router(hop));
    }
  CHECK(run.all<path_end>().size() == to.size());
  CHECK(run.asked.size() < plain.asked.size() * 7 / 10);
}

TEST_CASE("trace: what lies behind the last answer is waited for", "[probe][trace]") {
  trace_config config;
  config.probes_per_hop = GENERATE(std::uint16_t{1}, std::uint16_t{3});
  const auto to = targets();
  trace_course course{config, to};
  // Five routers at home, an ocean, five more.
  const auto run = play(course, [&](const path_question& asked, mono_time) -> std::optional<reply> {
    if (asked.hop <= 5) return reply{from_router(router(asked.hop)), 1ms};
    if (asked.hop < 11) return reply{from_router(router(asked.hop)), 300ms};
    return reply{from_target(goal), 310ms};
  });
  check_rows(run, 1, 11);
  for (std::uint8_t hop = 6; hop < 11; ++hop) CHECK(row(run, hop)->probes.at(0).answer.from == router(hop));
  CHECK(run.all<path_end>().at(0).late == 0);
}

TEST_CASE("trace: patience follows what was seen", "[probe][trace]") {
  CHECK(patience_after({}, 3s) == 3s);
  CHECK(patience_after(100us, 3s) == least_patience);
  CHECK(patience_after(40ms, 3s) == 400ms);
  CHECK(patience_after(2s, 3s) == 3s);
  CHECK(patience_after(1us, 1ms) == 1ms);
}
