// mtr's statistics: rounds over a path that loses, limits, changes and moves.
#include "libdiag/probe/rounds_course.hpp"

#include <map>

#include "tests/catch.hpp"
#include "tests/probe/course_player.hpp"

namespace {

using namespace diag;
using namespace diag::course_player;
using probe::hop_loss;
using probe::hop_state;
using probe::path_end;
using probe::path_question;
using probe::path_result;
using probe::path_stop;
using probe::rounds_config;
using probe::rounds_course;

std::vector<probe::path_target> one_target() {
  return {probe::path_target{target, ip_address::v4(0xC0000201)}};
}

rounds_config rounds(std::uint64_t count, duration interval = 1s) {
  rounds_config config;
  config.rounds = count;
  config.interval = interval;
  return config;
}

struct stage {
  explicit stage(const rounds_config& config) : course{config, targets} {}
  std::vector<probe::path_target> targets = one_target();
  rounds_course course;

  play_result play_with(network world, play_options options = {}) {
    auto result = play(course, std::move(world), std::move(options));
    for (const auto& hop : course.hops(0)) CHECK(hop.sent == hop.answered + hop.lost + hop.pending());
    return result;
  }
  std::vector<hop_loss> words() {
    std::vector<hop_loss> all;
    for (const auto& one : probe::judge_loss(course.hops(0))) all.push_back(one.what);
    return all;
  }
};

}  // namespace

TEST_CASE("rounds: the first looks as far as a trace, the later ones as far as the target",
          "[probe][rounds]") {
  stage set{rounds(3)};
  const auto played = set.play_with([](const path_question& q, mono_time) { return line(q, 6); });
  std::map<std::uint16_t, unsigned> per_round;
  for (const auto& asked : played.asked) ++per_round[asked.number];
  CHECK(per_round[0] == 17);  // a window and the last hop
  CHECK(per_round[1] == 6);
  CHECK(per_round[2] == 6);
  const auto hops = set.course.hops(0);
  REQUIRE(hops.size() == 6);
  CHECK(hops[5].sent == 3);
  CHECK(hops[5].answered == 3);
  CHECK(hops[2].addresses.size() == 1);
  CHECK(hops[2].rtt.min() == 3ms);
  const auto end = played.only<path_end>();
  CHECK(end.why == path_stop::reached);
  CHECK(end.hops == 6);
  CHECK(end.target_rtt == 6ms);
  CHECK(played.all<path_result>().size() == played.asked.size());
  CHECK(played.took >= 2s);
  CHECK(played.took < 2100ms);
}

TEST_CASE("rounds: the time of the target is that of its row, whatever overshot it", "[probe][rounds]") {
  stage set{rounds(3)};
  const auto played = set.play_with([](const path_question& q, mono_time) -> std::optional<reply> {
    auto said = line(q, 6);
    if (q.hop > 6) said->delay = 2ms;
    return said;
  });
  const auto end = played.only<path_end>();
  CHECK(end.hops == 6);
  CHECK(end.target_rtt == 6ms);
  CHECK(end.target_rtt == set.course.hops(0).back().rtt.min());
}

TEST_CASE("rounds: a path longer than the window is followed within the first round", "[probe][rounds]") {
  auto config = rounds(1);
  config.window = 4;
  stage set{config};
  set.play_with([](const path_question& q, mono_time) { return line(q, 20); });
  CHECK(set.course.hops(0).size() == 20);
}

TEST_CASE("rounds: a path with a long silence is found by the probe that goes all the way",
          "[probe][rounds]") {
  auto config = rounds(3);
  config.window = 4;
  stage set{config};
  const auto played = set.play_with([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop > 3 && q.hop < 12) return std::nullopt;
    return line(q, 12);
  });
  CHECK(set.course.hops(0).size() == 12);
  CHECK(played.only<path_end>().hops == 12);
  CHECK(set.words()[5] == hop_loss::silent);
}

TEST_CASE("rounds: the last one waits only as long as the path has shown to need", "[probe][rounds]") {
  stage set{rounds(2)};
  const auto played = set.play_with([](const path_question& q, mono_time) -> std::optional<reply> {
    return q.hop == 2 ? std::nullopt : line(q, 5);
  });
  CHECK(played.took >= 1s);
  CHECK(played.took < 1300ms);
}

TEST_CASE("rounds: a router's own 30 % are not the path's", "[probe][rounds][loss]") {
  stage set{rounds(100, 10ms)};
  seeded_random random{1};
  set.play_with([&](const path_question& q, mono_time) -> std::optional<reply> {
    return q.hop == 3 && random.unit() < 0.3 ? std::nullopt : line(q, 8);
  });
  const auto words = set.words();
  REQUIRE(words.size() == 8);
  for (std::size_t i = 0; i < 8; ++i) CHECK(words[i] == (i == 2 ? hop_loss::rate_limited : hop_loss::none));
}

TEST_CASE("rounds: 10 % from hop 5 on are the path's, a limit of one a second is not",
          "[probe][rounds][loss]") {
  stage set{rounds(100, 100ms)};
  seeded_random random{2};
  std::optional<mono_time> allowed;
  set.play_with([&](const path_question& q, mono_time now) -> std::optional<reply> {
    if (q.hop >= 5 && random.unit() < 0.1) return std::nullopt;
    if (q.hop == 3) {
      if (allowed && now - *allowed < 1s) return std::nullopt;
      allowed = now;
    }
    return line(q, 9);
  });
  const auto words = set.words();
  REQUIRE(words.size() == 9);
  CHECK(words[2] == hop_loss::rate_limited);
  CHECK(set.course.hops(0)[2].loss() > 0.8);
  CHECK(words[3] == hop_loss::none);
  for (std::size_t i = 4; i < 9; ++i) CHECK(words[i] == hop_loss::forwarding);
}

TEST_CASE("rounds: a path whose every hop rations its answers is not called lossy", "[probe][rounds][loss]") {
  // UDP to Linux: a bucket of six answers, one more a second, at each router and at the target.
  stage set{rounds(100, GENERATE(100ms, 150ms, 400ms))};
  std::map<unsigned, std::pair<double, mono_time>> buckets;
  set.play_with([&](const path_question& q, mono_time now) -> std::optional<reply> {
    auto& [tokens, filled] = buckets.try_emplace(std::min<unsigned>(q.hop, 7), 6.0, now).first->second;
    tokens = std::min(6.0, tokens + seconds(now - filled));
    filled = now;
    if (tokens < 1) return std::nullopt;
    tokens -= 1;
    return line(q, 7);
  });
  CHECK(set.course.hops(0)[6].loss() > 0.4);
  CHECK(set.words() == std::vector(7, hop_loss::rate_limited));
}

TEST_CASE("rounds: heavy loss by chance is not taken for rationing", "[probe][rounds][loss]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    stage set{rounds(100, 100ms)};
    seeded_random random{seed};
    const auto share = seed % 2 == 0 ? 0.6 : 0.85;
    set.play_with([&](const path_question& q, mono_time) -> std::optional<reply> {
      return random.unit() < share ? std::nullopt : line(q, 4);
    });
    INFO(seed);
    CHECK(set.words().back() != hop_loss::rate_limited);
  }
}

TEST_CASE("rounds: an answer after the timeout is late and its probe stays lost", "[probe][rounds]") {
  auto config = rounds(5);
  config.timeout = 200ms;
  stage set{config};
  play_options options;
  options.timeout = config.timeout;
  const auto played = set.play_with(
      [](const path_question& q, mono_time) {
        auto back = line(q, 3);
        if (q.hop == 2 && q.number == 1) back->delay = 300ms;
        return back;
      },
      options);
  const auto& hop = set.course.hops(0)[1];
  CHECK(hop.sent == 5);
  CHECK(hop.answered == 4);
  CHECK(hop.lost == 1);
  CHECK(hop.late == 1);
  CHECK(hop.addresses[0].answers == 5);
  CHECK(played.only<path_end>().late == 1);
}

TEST_CASE("rounds: both addresses of a hop are shown with their times when the path changes",
          "[probe][rounds]") {
  stage set{rounds(10)};
  set.play_with([](const path_question& q, mono_time) {
    return q.hop == 2 && q.number >= 6 ? std::optional{exceeded(2, 1)} : line(q, 4);
  });
  const auto& seen = set.course.hops(0)[1].addresses;
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].address == router(2));
  CHECK(seen[0].answers == 6);
  CHECK(seen[1].address == router(2, 1));
  CHECK(seen[1].answers == 4);
  CHECK(seen[0].last < seen[1].first);
  CHECK(seen[1].last - seen[1].first == 3s);
}

TEST_CASE("rounds: a target that moves is followed", "[probe][rounds]") {
  stage set{rounds(20)};
  const unsigned before = GENERATE(5U, 8U);
  const unsigned after = 13 - before;
  const auto played = set.play_with(
      [=](const path_question& q, mono_time) { return line(q, q.number < 8 ? before : after); });
  CHECK(set.course.hops(0).size() == after);
  CHECK(played.only<path_end>().hops == after);
  if (after > before) CHECK(set.course.hops(0).back().answered >= 12);
}

TEST_CASE("rounds: a target behind ways of unequal length keeps both its rows", "[probe][rounds]") {
  auto config = rounds(20);
  config.flows = 2;
  stage set{config};
  set.play_with([](const path_question& q, mono_time) { return line(q, q.flow == 0 ? 6 : 7); });
  const auto hops = set.course.hops(0);
  REQUIRE(hops.size() == 7);
  REQUIRE(hops[5].addresses.size() == 2);
  CHECK(hops[6].sent >= 10);
  CHECK(hops[5].loss() == 0);
}

TEST_CASE("rounds: a target that is silent leaves one row behind the last router", "[probe][rounds]") {
  stage set{rounds(12)};
  const auto played = set.play_with([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop > 4) return std::nullopt;
    return exceeded(q.hop);
  });
  CHECK(set.words() ==
        std::vector{hop_loss::none, hop_loss::none, hop_loss::none, hop_loss::none, hop_loss::beyond});
  const auto end = played.only<path_end>();
  CHECK(end.why == path_stop::silence);
  CHECK(end.hops == 4);
}

TEST_CASE("rounds: a refusal on the way ends the path there", "[probe][rounds]") {
  stage set{rounds(3)};
  const auto played = set.play_with([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop < 4) return exceeded(q.hop);
    return reply{answer_of(hop_state::unreachable, router(4), probe::reason::admin_prohibited), 4ms};
  });
  CHECK(set.course.hops(0).size() == 4);
  CHECK(played.only<path_end>().why == path_stop::unreachable);
  CHECK(set.course.hops(0)[3].addresses[0].why == probe::reason::admin_prohibited);
}

TEST_CASE("rounds: probes that never left are errors and not loss", "[probe][rounds]") {
  stage set{rounds(3)};
  const auto played = set.play_with([](const path_question&, mono_time) -> std::optional<reply> {
    return reply{answer_of(hop_state::error, {}, probe::reason::local_firewall), 0ns};
  });
  CHECK(set.course.hops(0)[0].errors == 3);
  CHECK(set.course.hops(0)[0].lost == 0);
  CHECK(played.only<path_end>().why == path_stop::error);
}

TEST_CASE("rounds: a reset forgets the figures, those of probes in flight too, and keeps the path",
          "[probe][rounds]") {
  stage set{rounds(10)};
  bool done = false;
  play_options options;
  options.interrupt = [&](mono_time now) {
    if (!done && now >= mono_time{104s} + 2ms) {
      done = true;
      set.course.reset();
    }
    return false;
  };
  const auto played = set.play_with([](const path_question& q, mono_time) { return line(q, 5); }, options);
  const auto hops = set.course.hops(0);
  REQUIRE(hops.size() == 5);
  for (const auto& hop : hops) {
    CHECK(hop.sent == 5);  // rounds 6 to 10
    CHECK(hop.answered == 5);
  }
  CHECK(played.only<path_end>().answered == played.asked.size());
}

TEST_CASE("rounds: a pause asks nothing, and goes on with the next round", "[probe][rounds]") {
  stage set{rounds(4)};
  std::vector<mono_time> asked;
  play_options options;
  options.interrupt = [&](mono_time now) {
    set.course.pause(now >= mono_time{101500ms} && now < mono_time{105200ms});
    return false;
  };
  // Something must happen in between for the hook to be called: rounds slip one by one.
  set.play_with(
      [&](const path_question& q, mono_time now) {
        if (q.hop == 1) asked.push_back(now);
        return line(q, 3);
      },
      options);
  REQUIRE(asked.size() == 4);
  CHECK(asked[1] == mono_time{101s});
  CHECK(asked[2] > mono_time{105s});
  CHECK(set.course.round() == 4);
}

TEST_CASE("rounds: cut short, it says what is known", "[probe][rounds]") {
  stage set{rounds(0)};
  play_options options;
  options.interrupt = [](mono_time now) { return now >= mono_time{105s}; };
  const auto played = set.play_with([](const path_question& q, mono_time) { return line(q, 5); }, options);
  CHECK(played.only<path_end>().why == path_stop::reached);
  CHECK(set.course.hops(0)[4].answered == 5);
}

TEST_CASE("rounds: many targets take their rounds together", "[probe][rounds]") {
  std::vector<probe::path_target> targets(5, one_target()[0]);
  rounds_course course{rounds(4), targets};
  const auto played = play(course, [](const path_question& q, mono_time) { return line(q, 3 + q.target); });
  CHECK(played.all<path_end>().size() == 5);
  for (std::uint32_t t = 0; t < 5; ++t) {
    CHECK(course.hops(t).size() == 3 + t);
    CHECK(course.hops(t).back().answered == 4);
  }
  CHECK(played.took < 3100ms);
}

TEST_CASE("rounds: whatever comes back, every probe ends once and the run ends", "[probe][rounds]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    auto config = rounds(1 + seed % 8, duration{10ms} * static_cast<int>(1 + seed % 50));
    config.flows = static_cast<std::uint16_t>(1 + seed % 3);
    config.first_hop = static_cast<std::uint8_t>(1 + seed % 4);
    config.window = static_cast<std::uint8_t>(1 + seed % 20);
    std::vector<probe::path_target> targets(1 + seed % 3, one_target()[0]);
    rounds_course course{config, targets};
    INFO(seed);
    const auto played = play(course, chaos(seed));
    CHECK(played.heard == played.asked.size());
    CHECK(played.all<path_result>().size() == played.asked.size());
    REQUIRE(played.all<path_end>().size() == targets.size());
    for (std::uint32_t t = 0; t < targets.size(); ++t)
      for (const auto& hop : course.hops(t)) CHECK(hop.pending() == 0);
  }
}
