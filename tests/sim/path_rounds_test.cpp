// Rounds: statistics hop by hop, and loss that is a router's own told from loss of the path.
#include <cmath>

#include "libdiag/probe/rounds_course.hpp"

#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::hop_loss;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  return GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
}

/// What hop_figures has, to keep.
struct figures {
  std::uint8_t hop = 0;
  std::vector<probe::hop_address> addresses;
  std::uint64_t sent = 0, answered = 0, lost = 0, late = 0;
  std::optional<duration> last{};
  double loss = 0;
};

struct report {
  std::vector<figures> hops;
  std::vector<probe::hop_loss_verdict> loss;
  path_end end{};
  [[nodiscard]] std::string words() const {
    std::string out;
    for (const auto& one : loss) out.append(out.empty() ? "" : " ").append(probe::describe(one.what));
    return out;
  }
};

template <class Prepare>
report rounds_of(const path_street_config& street, const probe::path_target& asked, std::uint64_t rounds,
                 std::uint64_t seed, Prepare&& prepare) {
  path_stage trial{street, seed};
  prepare(trial);
  trial.config.timeout = 800ms;
  probe::rounds_config config;
  config.rounds = rounds;
  config.timeout = 800ms;
  trial.ask(asked);
  probe::rounds_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto hops = course.hops(0);
  report out{{}, probe::judge_loss(hops), trial.end()};
  REQUIRE(out.loss.size() == hops.size());
  for (const auto& one : hops) {
    CHECK(one.pending() == 0);
    CHECK(one.sent == one.answered + one.lost);
    out.hops.push_back(
        {one.hop, one.addresses, one.sent, one.answered, one.lost, one.late, one.last, one.loss()});
  }
  return out;
}
report rounds_of(const path_street_config& street, const probe::path_target& asked,
                 std::uint64_t rounds = 100, std::uint64_t seed = 1) {
  return rounds_of(street, asked, rounds, seed, [](path_stage&) {});
}

}  // namespace

TEST_CASE("rounds: every hop is asked once a round, and its figures are right", "[sim][path]") {
  const auto family = either();
  const auto seen = rounds_of({}, question(family, any_method()), 20);
  REQUIRE(seen.hops.size() == 6);
  CHECK(seen.words() == "none none none none none none");
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.end.hops == 6);
  for (const auto& one : seen.hops) {
    CHECK(one.sent == 20);
    CHECK(one.answered == 20);
    CHECK(one.loss == 0);
    CHECK(one.last == one.hop * 1ms);
    REQUIRE(one.addresses.size() == 1);
    CHECK(one.addresses[0].answers == 20);
    CHECK(one.addresses[0].address == (one.hop == 6 ? far_end(family) : hop_address(family, one.hop)));
    CHECK(one.addresses[0].last - one.addresses[0].first == 19s);
  }
}

TEST_CASE("rounds: 30 % silence of one router's ICMP is its own, not the path's", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    path_street_config street;
    street.shape = [](std::size_t hop, path_router_config& own) { own.mute = hop == 3 ? 0.3 : 0; };
    const auto seen = rounds_of(street, question(family, method), 100, seed);
    CHECK(seen.words() == "none none rate-limited none none none");
    CHECK(seen.loss[2].forwarding == 0);
    CHECK(std::abs(seen.hops[2].loss - 0.3) < 0.16);
  }
}

TEST_CASE("rounds: a router that limits its ICMP is not called lossy", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop == 2 || hop == 4) own.limit = error_limit{0.5, 1};
  };
  const auto seen = rounds_of(street, question(either(), any_method()), 50);
  CHECK(seen.words() == "none rate-limited none rate-limited none none");
}

TEST_CASE("rounds: 10 % forwarding loss from hop 5 on is loss of the path", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  unsigned told = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    path_street_config street;
    street.hops = 7;
    const auto seen = rounds_of(street, question(family, method), 300, seed,
                                [](path_stage& trial) { trial.way.out[4]->config.loss = 0.1; });
    REQUIRE(seen.loss.size() == 8);
    CHECK(seen.words().substr(0, 19) == "none none none none");
    for (std::size_t i = 4; i < 8; ++i) {
      // Chance may part two hops so far that nobody could tell; no hop is ever called sound, or limited.
      CHECK((seen.loss[i].what == hop_loss::forwarding || seen.loss[i].what == hop_loss::unclear));
      if (seen.loss[i].what == hop_loss::forwarding) ++told;
    }
    CHECK(seen.loss[7].what == hop_loss::forwarding);
    CHECK(std::abs(seen.loss[7].forwarding - 0.1) < 0.06);
  }
  CHECK(told >= 14);
}

TEST_CASE("rounds: a limit in front of real loss: each is told for itself", "[sim][path]") {
  path_street_config street;
  street.hops = 7;
  street.shape = [](std::size_t hop, path_router_config& own) { own.mute = hop == 3 ? 0.5 : 0; };
  const auto seen = rounds_of(street, question(either()), 300, 4,
                              [](path_stage& trial) { trial.way.out[4]->config.loss = 0.15; });
  CHECK(seen.words() ==
        "none none rate-limited none forwarding-loss forwarding-loss forwarding-loss forwarding-loss");
}

TEST_CASE("rounds: a silent hop is silent, and what lies beyond the last is beyond", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) { own.silent = hop == 2; };
  auto seen = rounds_of(street, question(either(), any_method()), 20);
  CHECK(seen.words() == "none silent none none none none");
  street.host = {.udp = port_manner::silent, .tcp = port_manner::silent, .echo = false};
  seen = rounds_of(street, question(either(), any_method()), 20);
  REQUIRE(seen.loss.size() >= 5);
  CHECK(seen.words().substr(0, 26) == "none silent none none none");
  for (std::size_t i = 5; i < seen.loss.size(); ++i) CHECK(seen.loss[i].what == hop_loss::beyond);
  CHECK(seen.end.why == path_stop::silence);
  CHECK(seen.end.hops == 5);
}

TEST_CASE("rounds: few probes prove nothing", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) { own.mute = hop == 3 ? 0.5 : 0; };
  const auto seen = rounds_of(street, question(ip_family::v4), 3, 2);
  for (std::size_t i = 0; i < seen.hops.size(); ++i)
    CHECK((seen.loss[i].what == hop_loss::none || seen.loss[i].what == hop_loss::unclear ||
           seen.loss[i].what == hop_loss::rate_limited));
}

TEST_CASE("rounds: a destination that answers only once", "[sim][path]") {
  const auto method = any_method();
  path_street_config street;
  street.host.most_answers = 1;
  const auto seen = rounds_of(street, question(either(), method), 10);
  CHECK(seen.end.why == path_stop::reached);
  CHECK(seen.end.hops == 6);
  REQUIRE(seen.hops.size() == 6);
  CHECK(seen.hops[5].answered <= 1);
}

TEST_CASE("rounds: a path that changes is followed, both ways told with their times", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  path_stage trial{street};
  // From the eleventh round on hop 3 is another router.
  path_router_config other;
  other.v4 = ip_address::v4(0xCB007150);
  other.v6 = parse_ip("2001:db8:ff::")->plus(0x50);
  auto& detour = trial.net.add<path_router>(other);
  trial.net.at(mono_time{} + 15s + 500ms, [&] {
    auto& there = trial.net.connect(detour, {});
    auto& onward = trial.net.connect(trial.way.hop(4), {});
    auto& back = trial.net.connect(trial.way.hop(2), {});
    trial.way.hop(2).route({far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)},
                           there);
    for (const auto* all : {"0.0.0.0/0", "::/0"}) detour.route(*parse_prefix(all), onward);
    detour.route(*parse_prefix("192.0.2.0/24"), back);
    detour.route(*parse_prefix("2001:db8::/64"), back);
  });
  probe::rounds_config config;
  config.rounds = 20;
  trial.ask(question(family, any_method()));
  probe::rounds_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto hops = course.hops(0);
  REQUIRE(hops.size() == 6);
  REQUIRE(hops[2].addresses.size() == 2);
  CHECK(hops[2].addresses[0].address == hop_address(family, 3));
  CHECK(hops[2].addresses[1].address == hop_address(family, 0x50));
  CHECK(hops[2].addresses[0].answers + hops[2].addresses[1].answers == 20);
  CHECK(hops[2].addresses[0].last < hops[2].addresses[1].first);
  CHECK(hops[3].addresses.size() == 1);
}

TEST_CASE("rounds: an answer of the round before belongs to the round before", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop == 3) own.slow = 1200ms;
  };
  path_stage trial{street};
  trial.config.timeout = 800ms;
  probe::rounds_config config;
  config.rounds = 10;
  config.timeout = 800ms;
  trial.ask(question(either(), any_method()));
  probe::rounds_course course{config, trial.targets};
  trial.run(course);
  CHECK(trial.breach() == "");
  const auto& slow = course.hops(0)[2];
  CHECK(slow.answered == 0);
  CHECK(slow.lost == 10);
  CHECK(slow.late >= 9);
  CHECK(course.hops(0)[3].answered == 10);
  for (const auto& one : trial.heard)
    if (one.answer.late) CHECK(one.answer.rtt == 1203ms);
}
