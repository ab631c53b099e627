// The path-MTU search on paths that tell, lie, swallow and lose.
#include "libdiag/probe/mtu_search.hpp"

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::mtu_step;
using probe::mtu_verdict;

namespace {

struct path {
  explicit path(bool v6 = false, std::uint64_t seed = 1, const street_config& street = three_hops())
      : net{seed}, way{build_street(net, street)} {
    config.target = *parse_ip(v6 ? "2001:db8:1::1" : "198.51.100.1");
    config.identifier_base = 0x4d00;
    config.run_nonce = 0x1234567;
    config.key = {1, seed};
    options.dont_fragment = true;
    options.interface_mtu = 1500;
  }
  static street_config three_hops() {
    street_config street;
    street.hops = 3;
    street.wire.delay = latency::fixed(2ms);
    return street;
  }
  mtu_verdict search() {
    INFO("seed " << net.seed());
    probe::mtu_search machine{config};
    std::vector<mtu_verdict> verdicts;
    result = run(machine, net, *way.here, options, [&](mono_time, const probe::mtu_event& event) {
      if (const auto* verdict = std::get_if<mtu_verdict>(&event)) verdicts.push_back(*verdict);
      if (const auto* step = std::get_if<mtu_step>(&event)) steps.push_back(*step);
    });
    CHECK(result.finished);
    CHECK_FALSE(result.spinning);
    REQUIRE(verdicts.size() == 1);
    return verdicts[0];
  }

  world net;
  street way;
  probe::mtu_search_config config;
  run_options options;
  std::vector<mtu_step> steps;
  run_result result;
};

}  // namespace

TEST_CASE("mtu search: a plain path takes two probes", "[sim][mtu]") {
  path trial{GENERATE(false, true)};
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1500);
  CHECK(verdict.sent == 2);
  CHECK_FALSE(verdict.black_hole);
  CHECK_FALSE(verdict.limited_by);
}

TEST_CASE("mtu search: a router that tells is believed and held to it", "[sim][mtu]") {
  const auto v6 = GENERATE(false, true);
  const auto mtu = GENERATE(1281U, 1400U, 1492U, 1499U);
  path trial{v6};
  trial.way.out[2]->config.mtu = mtu;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == mtu);
  CHECK(verdict.limited_by == parse_ip(v6 ? "2001:db8:ff::2" : "203.0.113.2"));
  CHECK(verdict.sent <= 4);
  CHECK_FALSE(verdict.black_hole);
  CHECK(trial.result.ended < after(200ms));
}

TEST_CASE("mtu search: two narrow wires, one after the other", "[sim][mtu]") {
  path trial;
  trial.way.out[1]->config.mtu = 1450;
  trial.way.out[3]->config.mtu = 1300;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1300);
  CHECK(verdict.limited_by == parse_ip("203.0.113.3"));
}

TEST_CASE("mtu search: a black hole is found by silence and called one", "[sim][mtu]") {
  const auto v6 = GENERATE(false, true);
  const auto mtu = GENERATE(1290U, 1420U, 1499U);
  path trial{v6};
  trial.way.out[2]->config.mtu = mtu;
  trial.way.out[2]->config.black_hole = true;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == mtu);
  CHECK(verdict.black_hole);
  CHECK(verdict.silent_above == mtu + 1);
  CHECK_FALSE(verdict.limited_by);
  CHECK(trial.result.ended < after(10s));
}

TEST_CASE("mtu search: a router that lies is not followed", "[sim][mtu]") {
  const auto told = GENERATE(0U, 20U, 68U, 600U, 1399U, 1401U, 1500U, 9000U, 65535U);
  auto street = path::three_hops();
  street.routers.told_mtu = told;
  path trial{false, 1, street};
  trial.way.out[2]->config.mtu = 1400;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1400);
  CHECK_FALSE(verdict.black_hole);
  CHECK(verdict.limited_by == parse_ip("203.0.113.2"));
  CHECK(verdict.sent < 60);
}

TEST_CASE("mtu search: an IPv6 router that names less than 1280 is ignored", "[sim][mtu]") {
  auto street = path::three_hops();
  street.routers.told_mtu = 1000;
  path trial{true, 1, street};
  trial.way.out[2]->config.mtu = 1400;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1400);
  CHECK(verdict.black_hole);
}

TEST_CASE("mtu search: loss is not taken for a limit", "[sim][mtu]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{41}));
  const auto silent = GENERATE(false, true);
  path trial{false, seed};
  for (auto* wire : {trial.way.out[0], trial.way.back[1]}) wire->config.loss = 0.05;
  trial.way.out[2]->config.mtu = 1377;
  trial.way.out[2]->config.black_hole = silent;
  INFO("seed " << seed << (silent ? " black hole" : ""));
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1377);
  CHECK(verdict.black_hole == silent);
}

TEST_CASE("mtu search: this host's own limit is named as such", "[sim][mtu]") {
  path trial;
  trial.options.interface_mtu = 1420;
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 1420);
  CHECK(verdict.limited_here);
  CHECK_FALSE(verdict.limited_by);
  CHECK_FALSE(verdict.black_hole);
}

TEST_CASE("mtu search: a dead target has no path MTU", "[sim][mtu]") {
  auto street = path::three_hops();
  street.host.alive = [](const ip_address&) { return false; };
  path trial{false, 1, street};
  const auto verdict = trial.search();
  CHECK(verdict.path_mtu == 0);
  CHECK_FALSE(verdict.black_hole);
  CHECK(verdict.sent == 3);
  CHECK(trial.result.ended <= after(3s + 1ms));
}

TEST_CASE("mtu search: answers that are late, foreign or redirected decide nothing wrong", "[sim][mtu]") {
  path trial;
  trial.way.out[2]->config.mtu = 1400;
  injector strangers{trial.net, *trial.way.here};
  SECTION("forged fragmentation needed about packets we did not send") {
    strangers.for_each_probe([&](const packet& request) {
      auto forged = request;
      forged[30] ^= std::byte{1};  // the token
      icmp_error_fields fields;
      fields.from = *parse_ip("203.0.113.66");
      fields.code = 4;
      fields.rest = 576;
      return std::vector<injector::forgery>{{100us, icmp_error(forged, fields)}};
    });
  }
  SECTION("redirects") {
    strangers.for_each_probe([&](const packet& request) {
      icmp_error_fields fields;
      fields.from = *parse_ip("203.0.113.1");
      fields.type = 5;
      fields.rest = 0xCB007102;
      return std::vector<injector::forgery>{{100us, icmp_error(request, fields)}};
    });
  }
  SECTION("replies with another token") {
    strangers.for_each_probe([&](const packet& request) {
      auto forged = echo_reply(request);
      forged[30] ^= std::byte{1};
      finish_icmp(forged);
      return std::vector<injector::forgery>{{100us, forged}};
    });
  }
  CHECK(trial.search().path_mtu == 1400);
}

TEST_CASE("mtu search: an interrupt concludes with what is known", "[sim][mtu]") {
  path trial;
  trial.way.out[2]->config.mtu = 1400;
  trial.way.out[2]->config.black_hole = true;
  trial.options.interrupt_at = after(300ms);
  const auto verdict = trial.search();
  CHECK(verdict.interrupted);
  CHECK(verdict.path_mtu == 68);
  CHECK(trial.result.ended == after(300ms));
}
