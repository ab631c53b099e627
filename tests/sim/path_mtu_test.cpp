// What fits, hop by hop: narrow links that are told, mistold, and swallowed.
#include "libdiag/probe/mtu_course.hpp"

#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  // Segments without payload have no size to choose.
  return GENERATE(path_method::udp, path_method::icmp);
}

struct measured {
  std::vector<probe::mtu_row> rows;
  probe::mtu_end end{};
  std::uint64_t sent = 0;
};

/// Link `at` (from 1: into that hop) of a street has another MTU; `shape` is the street's.
measured measure(const probe::path_target& asked, std::map<std::size_t, std::uint32_t> narrow,
                 std::function<void(std::size_t, path_router_config&)> shape = {}, bool black_hole = false) {
  path_street_config street;
  street.shape = std::move(shape);
  path_stage trial{street};
  for (const auto& [hop, mtu] : narrow) {
    trial.way.out.at(hop - 1)->config.mtu = mtu;
    trial.way.out.at(hop - 1)->config.black_hole = black_hole;
  }
  trial.options.interface_mtu = 1500;
  trial.config.timeout = 1s;
  probe::mtu_config config;
  config.start = {1500};
  config.timeout = 1s;
  trial.ask(asked);
  probe::mtu_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto ends = trial.seen<probe::mtu_end>();
  REQUIRE(ends.size() == 1);
  auto rows = trial.seen<probe::mtu_row>();
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].hop == i + 1);
  for (const auto& one : trial.heard) CHECK(one.asked.dont_fragment);
  return {std::move(rows), ends[0], trial.counts.sent};
}

}  // namespace

TEST_CASE("mtu: a wide path has the interface's, at every hop", "[sim][path]") {
  const auto seen = measure(question(either(), any_method()), {});
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.end.hops == 6);
  CHECK(seen.end.path_mtu == 1500);
  CHECK(seen.end.black_hole_after == 0);
  REQUIRE(seen.rows.size() == 6);
  for (const auto& row : seen.rows) {
    CHECK(row.mtu == 1500);
    CHECK_FALSE(row.lowered);
  }
}

TEST_CASE("mtu: a tunnel that says so is found with its hop", "[sim][path]") {
  const auto family = either();
  const auto seen = measure(question(family, any_method()), {{4, 1400}});
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.end.path_mtu == 1400);
  CHECK(seen.end.black_hole_after == 0);
  REQUIRE(seen.rows.size() == 6);
  for (const auto& row : seen.rows) {
    CHECK(row.mtu == (row.hop < 4 ? 1500 : 1400));
    CHECK(row.lowered == (row.hop == 4));
  }
  CHECK(seen.rows[3].limited_by == hop_address(family, 3));
  CHECK(seen.rows[3].limited_at == 3);
}

TEST_CASE("mtu: two narrow links, one behind the other", "[sim][path]") {
  const auto family = either();
  const auto seen = measure(question(family, any_method()), {{3, 1450}, {5, 1300}});
  CHECK(seen.end.path_mtu == 1300);
  REQUIRE(seen.rows.size() == 6);
  CHECK(seen.rows[1].mtu == 1500);
  CHECK(seen.rows[2].mtu == 1450);
  CHECK(seen.rows[2].limited_by == hop_address(family, 2));
  CHECK(seen.rows[4].mtu == 1300);
  CHECK(seen.rows[4].limited_by == hop_address(family, 4));
  CHECK(seen.rows[5].mtu == 1300);
  CHECK_FALSE(seen.rows[5].lowered);
}

TEST_CASE("mtu: a tunnel that swallows what is too big is a black hole, and its size is found",
          "[sim][path]") {
  const auto size = GENERATE(1400U, 1493U, 1281U);
  const auto seen = measure(question(either(), any_method()), {{4, size}}, {}, true);
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.end.path_mtu == size);
  CHECK(seen.end.black_hole_after == 3);
  CHECK(seen.end.smallest_lost == size + 1);
  REQUIRE(seen.rows.size() == 6);
  CHECK(seen.rows[2].mtu == 1500);
  CHECK(seen.rows[3].mtu == size);
  CHECK(seen.rows[3].lowered);
  CHECK_FALSE(seen.rows[3].limited_by);
  CHECK(seen.rows[5].mtu == size);
}

TEST_CASE("mtu: fragmentation needed without an MTU is found by trying", "[sim][path]") {
  const auto family = either();
  const auto seen = measure(question(family, any_method()), {{4, 1400}},
                            [](std::size_t, path_router_config& own) { own.told_mtu = 0; });
  CHECK(seen.end.path_mtu == 1400);
  REQUIRE(seen.rows.size() == 6);
  CHECK(seen.rows[3].mtu == 1400);
  CHECK(seen.rows[3].lowered);
}

TEST_CASE("mtu: a router that tells too much, or nonsense, does not mislead", "[sim][path]") {
  const auto family = either();
  const auto told = GENERATE(1450U, 1500U, 9000U, 20U, 68U);
  INFO("told " << told);
  const auto seen = measure(question(family, any_method()), {{4, 1400}},
                            [told](std::size_t, path_router_config& own) { own.told_mtu = told; });
  CHECK(seen.end.path_mtu == 1400);
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.sent < 400);
}

TEST_CASE("mtu: a silent target ends it at the last hop that answers", "[sim][path]") {
  path_street_config street;
  const auto family = either();
  path_stage trial{street};
  filter_rule swallow;
  swallow.to = {far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)};
  trial.way.hop(5).filter(swallow);
  trial.way.out[2]->config.mtu = 1400;
  trial.options.interface_mtu = 1500;
  probe::mtu_config config;
  config.start = {1500};
  config.timeout = 300ms;
  trial.config.timeout = 300ms;
  trial.ask(question(family));
  probe::mtu_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto ends = trial.seen<probe::mtu_end>();
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].why == path_stop::silence);
  CHECK(ends[0].hops == 5);
  CHECK(ends[0].path_mtu == 1400);
  CHECK(ends[0].black_hole_after == 0);
}

TEST_CASE("mtu: loss is not taken for a black hole", "[sim][path]") {
  unsigned wrong = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    path_street_config street;
    path_stage trial{street, seed};
    trial.way.out[2]->config.loss = 0.1;
    trial.options.interface_mtu = 1500;
    probe::mtu_config config;
    config.start = {1500};
    trial.ask(question(ip_family::v4));
    probe::mtu_course course{config, trial.targets};
    trial.run(course);
    CHECK(trial.breach() == "");
    const auto ends = trial.seen<probe::mtu_end>();
    REQUIRE(ends.size() == 1);
    if (ends[0].path_mtu != 1500 || ends[0].black_hole_after != 0) ++wrong;
  }
  CHECK(wrong <= 2);
}
