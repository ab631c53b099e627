// Path MTU hop by hop: links that tell, links that swallow, routers that lie.
#include "libdiag/probe/mtu_course.hpp"

#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/probe/course_player.hpp"

namespace {

using namespace diag;
using namespace diag::course_player;
using probe::hop_state;
using probe::mtu_config;
using probe::mtu_course;
using probe::mtu_end;
using probe::mtu_row;
using probe::path_question;
using probe::path_stop;
using probe::reason;

constexpr int emsgsize = 90;

/// A line with links of these MTUs: links[h] leads to hop h + 1. Linux looks at the hop limit first.
struct street {
  unsigned hops = 8;
  std::map<unsigned, std::uint32_t> narrow{};  ///< by the hop in front of the link
  std::map<unsigned, ip_address> speaker{};    ///< who says so, if not that router
  std::map<unsigned, std::uint32_t> says{};    ///< if not the truth
  std::set<unsigned> mute{};                   ///< narrow, and says nothing
  std::set<unsigned> silent{};
  bool v6 = false;

  std::optional<reply> operator()(const path_question& q, mono_time) const {
    for (const auto& [hop, mtu] : narrow) {
      if (q.hop <= hop || q.size <= mtu) continue;
      if (mute.contains(hop)) return std::nullopt;
      const auto who = speaker.contains(hop) ? speaker.at(hop) : router(hop);
      auto answer =
          answer_of(hop_state::unreachable, who, v6 ? reason::packet_too_big : reason::fragmentation_needed);
      answer.mtu = says.contains(hop) ? says.at(hop) : mtu;
      return reply{std::move(answer), duration{1ms} * static_cast<int>(hop)};
    }
    if (silent.contains(q.hop)) return std::nullopt;
    return line(q, hops);
  }
};

struct outcome {
  std::vector<mtu_row> rows;
  mtu_end end;
  play_result played;
};

outcome measure(network world, mtu_config config = {}, play_options options = {}) {
  std::vector<probe::path_target> targets{{target, ip_address::v4(0xC0000201)}};
  if (config.start.empty()) config.start = {1500};
  mtu_course course{config, targets};
  auto played = play(course, std::move(world), std::move(options));
  for (const auto& asked : played.asked) {
    CHECK(asked.dont_fragment);
    CHECK(asked.size <= config.start[0]);
  }
  auto rows = played.all<mtu_row>();
  auto end = played.only<mtu_end>();
  return {std::move(rows), end, std::move(played)};
}

std::vector<std::uint32_t> sizes(const outcome& found) {
  std::vector<std::uint32_t> all;
  for (const auto& row : found.rows) all.push_back(row.mtu);
  return all;
}

using list = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("mtu: a path without a narrow link takes two probes a hop", "[probe][mtu]") {
  const auto found = measure(street{});
  CHECK(sizes(found) == list(8, 1500));
  CHECK(found.end.path_mtu == 1500);
  CHECK(found.end.why == path_stop::reached);
  CHECK(found.end.hops == 8);
  CHECK(found.end.smallest_lost == 0);
  CHECK(found.played.asked.size() <= 16 + 8);
  CHECK(found.played.took < 30ms);
  for (const auto& row : found.rows) CHECK_FALSE(row.lowered);
}

TEST_CASE("mtu: a narrow link is named with the router in front of it", "[probe][mtu]") {
  street way;
  way.narrow = {{4, 1400}};
  const auto found = measure(way);
  CHECK(sizes(found) == list{1500, 1500, 1500, 1500, 1400, 1400, 1400, 1400});
  CHECK(found.rows[4].lowered);
  CHECK(found.rows[4].limited_by == router(4));
  CHECK(found.rows[4].limited_at == 4);
  CHECK_FALSE(found.rows[5].lowered);
  CHECK(found.end.path_mtu == 1400);
  CHECK(found.end.black_hole_after == 0);
  CHECK(found.end.smallest_lost == 0);
}

TEST_CASE("mtu: several narrow links in a row", "[probe][mtu]") {
  street way;
  way.narrow = {{2, 1480}, {4, 1400}, {5, 1280}, {7, 576}};
  const auto found = measure(way);
  CHECK(sizes(found) == list{1500, 1500, 1480, 1480, 1400, 1280, 1280, 576});
  for (const auto h : {2U, 4U, 5U, 7U}) {
    CHECK(found.rows[h].lowered);
    CHECK(found.rows[h].limited_at == h);
  }
}

TEST_CASE("mtu: a tunnel's router that is not on the path is named without a hop", "[probe][mtu]") {
  street way;
  way.narrow = {{4, 1420}};
  way.speaker = {{4, ip_address::v4(0xCB007101)}};
  const auto found = measure(way);
  CHECK(found.rows[4].lowered);
  CHECK(found.rows[4].limited_by == ip_address::v4(0xCB007101));
  CHECK(found.rows[4].limited_at == 0);
  CHECK(found.end.path_mtu == 1420);
}

TEST_CASE("mtu: a router that does not tell the size makes us find it", "[probe][mtu]") {
  street way;
  way.narrow = {{3, GENERATE(1492U, 1437U, 1006U, 296U)}};
  // RFC 1191 §5: zero; and what cannot be true.
  way.says = {{3, GENERATE(0U, 67U, 1500U, 9000U)}};
  const auto found = measure(way);
  CHECK(found.end.path_mtu == way.narrow.at(3));
  CHECK(found.rows[3].lowered);
  CHECK(found.rows[3].limited_by == router(3));
  CHECK(found.end.smallest_lost == 0);
  CHECK(found.played.asked.size() < 60);
}

TEST_CASE("mtu: IPv6 believes no router below 1280", "[probe][mtu]") {
  street way;
  way.v6 = true;
  way.narrow = {{3, 1300}};
  way.says = {{3, 1000}};
  std::vector<probe::path_target> targets{{*parse_ip("2001:db8::1"), *parse_ip("2001:db8::2")}};
  mtu_config config;
  config.start = {1500};
  mtu_course course{config, targets};
  const auto played = play(course, way);
  CHECK(played.only<mtu_end>().path_mtu == 1300);
}

TEST_CASE("mtu: a black hole is named by hop and size", "[probe][mtu]") {
  street way;
  way.narrow = {{4, GENERATE(1400U, 1499U, 1473U, 101U)}};
  way.mute = {4};
  const auto found = measure(way);
  CHECK(found.end.path_mtu == way.narrow.at(4));
  CHECK(found.end.black_hole_after == 4);
  CHECK(found.end.smallest_lost == way.narrow.at(4) + 1);
  CHECK(found.rows[3].mtu == 1500);
  CHECK(found.rows[4].lowered);
  CHECK_FALSE(found.rows[4].limited_by);
  CHECK(found.rows[7].mtu == way.narrow.at(4));
  CHECK(found.played.took < 8s);
}

TEST_CASE("mtu: a black hole and a narrow link that tells, in both orders", "[probe][mtu]") {
  street way;
  way.narrow = {{3, 1400}, {5, 1300}};
  way.mute = {GENERATE(3U, 5U)};
  const auto found = measure(way);
  CHECK(sizes(found) == list{1500, 1500, 1500, 1400, 1400, 1300, 1300, 1300});
  const auto hole = *way.mute.begin();
  CHECK(found.end.black_hole_after == hole);
  CHECK(found.end.smallest_lost == way.narrow.at(hole) + 1);
  CHECK(found.rows[3].limited_by == (hole == 3 ? ip_address{} : router(3)));
  CHECK(found.rows[5].limited_by == (hole == 5 ? ip_address{} : router(5)));
}

TEST_CASE("mtu: silent hops are asked again and stand without a size", "[probe][mtu]") {
  street way;
  way.silent = {3, 5};
  way.narrow = {{4, 1400}};
  const auto found = measure(way);
  CHECK(sizes(found) == list{1500, 1500, 0, 1500, 0, 1400, 1400, 1400});
  CHECK(found.rows[5].lowered);
  CHECK(found.rows[5].limited_by == router(4));
  CHECK(found.rows[2].answer.state == hop_state::silent);
}

TEST_CASE("mtu: random loss is no black hole", "[probe][mtu]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    seeded_random random{seed};
    const auto found = measure([&](const path_question& q, mono_time) -> std::optional<reply> {
      if (random.unit() < 0.2) return std::nullopt;
      return line(q, 6);
    });
    INFO(seed);
    CHECK(found.end.path_mtu == 1500);
    CHECK(found.end.smallest_lost == 0);
  }
}

TEST_CASE("mtu: a target that answers once a second is measured all the same", "[probe][mtu]") {
  std::optional<mono_time> allowed;
  const auto found = measure([&](const path_question& q, mono_time now) -> std::optional<reply> {
    if (q.hop >= 4) {
      if (allowed && now - *allowed < 1s) return std::nullopt;
      allowed = now;
    }
    return line(q, 4);
  });
  CHECK(found.end.smallest_lost == 0);
  CHECK(found.end.path_mtu == 1500);
}

TEST_CASE("mtu: an interface of our own that takes less than was thought", "[probe][mtu]") {
  const std::uint32_t told = GENERATE(0U, 1400U);
  const auto found = measure([=](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.size <= 1400) return line(q, 4);
    auto answer = answer_of(hop_state::error, {}, reason::message_too_long);
    answer.error = emsgsize;
    answer.mtu = told;
    return reply{std::move(answer), 0ns};
  });
  CHECK(sizes(found) == list(4, 1400));
  CHECK_FALSE(found.rows[0].lowered);
  CHECK(found.end.smallest_lost == 0);
}

TEST_CASE("mtu: a router that says less each time is not believed for ever", "[probe][mtu]") {
  const auto found = measure([](const path_question& q, mono_time) -> std::optional<reply> {
    if (q.hop <= 2 || q.size <= 100) return line(q, 5);
    auto answer = answer_of(hop_state::unreachable, router(2), reason::fragmentation_needed);
    answer.mtu = q.size - 1U;
    return reply{std::move(answer), 2ms};
  });
  CHECK(found.end.path_mtu == 100);
  CHECK(found.played.asked.size() < 150);
}

TEST_CASE("mtu: a target that does not answer leaves the path to the last router", "[probe][mtu]") {
  street way;
  way.hops = 30;
  for (unsigned h = 5; h <= 30; ++h) way.silent.insert(h);
  way.narrow = {{2, 1400}};
  const auto found = measure(way);
  CHECK(sizes(found) == list{1500, 1500, 1400, 1400});
  CHECK(found.end.why == path_stop::silence);
  CHECK(found.end.hops == 4);
  CHECK(found.end.path_mtu == 1400);
}

TEST_CASE("mtu: a path whose end refuses packets is measured up to there", "[probe][mtu]") {
  street way;
  way.narrow = {{2, 1400}};
  const auto found = measure([=](const path_question& q, mono_time now) -> std::optional<reply> {
    auto back = way(q, now);
    if (q.hop >= 4 && q.size <= 1400)
      back = reply{answer_of(hop_state::unreachable, router(4), reason::admin_prohibited), 4ms};
    return back;
  });
  CHECK(sizes(found) == list{1500, 1500, 1400, 1400});
  CHECK(found.end.why == path_stop::unreachable);
}

TEST_CASE("mtu: a path that is silent altogether ends", "[probe][mtu]") {
  const auto found = measure([](const path_question&, mono_time) { return std::nullopt; });
  CHECK(found.rows.empty());
  CHECK(found.end.why == path_stop::silence);
  CHECK(found.end.path_mtu == 0);
  CHECK(found.played.took < 4s);
}

TEST_CASE("mtu: an interface smaller than any packet of ours", "[probe][mtu]") {
  mtu_config config;
  config.start = {80};
  const auto found = measure(street{}, config);
  CHECK(sizes(found) == list(8, 80));
}

TEST_CASE("mtu: cut short, it says what is known", "[probe][mtu]") {
  street way;
  way.narrow = {{4, 1400}};
  way.mute = {4};
  play_options options;
  options.interrupt = [](mono_time now) { return now >= mono_time{100s} + 400ms; };
  const auto found = measure(way, {}, options);
  CHECK(found.end.why == path_stop::interrupted);
  REQUIRE(found.rows.size() == 8);
  CHECK(found.rows[3].mtu == 1500);
  CHECK(found.rows[4].mtu >= 100);
  CHECK(found.rows[4].mtu <= 1400);
}

TEST_CASE("mtu: whatever comes back, the measurement ends", "[probe][mtu]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    mtu_config config;
    config.start = {static_cast<std::uint16_t>(seed % 3 == 0 ? 65535 : 1500)};
    config.attempts = static_cast<std::uint8_t>(seed % 5);
    config.first_hop = static_cast<std::uint8_t>(1 + seed % 4);
    config.last_hop = static_cast<std::uint8_t>(config.first_hop + seed % 28);
    INFO(seed);
    const auto found = measure(chaos(seed), config);
    CHECK(found.played.asked.size() < 8000);
    for (const auto& row : found.rows) CHECK(row.mtu <= config.start[0]);
  }
}
