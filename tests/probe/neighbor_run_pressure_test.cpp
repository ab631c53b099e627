// Runs that are hindered: storms, dead links beside living ones, full queues, second looks under a rate.
#include <cerrno>
#include <vector>

#include "libdiag/probe/neighbor_run.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

namespace {

using run_stage = stage<neighbor_run>;

neighbor_config once() {
  neighbor_config config;
  config.links = {one_link()};
  config.rounds = 1;
  config.looks = false;
  return config;
}

target_list one_target() {
  target_list list;
  list.add(*parse_ip("192.0.2.9"));
  list.seal();
  return list;
}

run_stage::reply yes(const run_stage::outgoing& question, duration after) {
  arp_message said;
  said.claims = question.asked;
  return {frame_of(said), after};
}

}  // namespace

TEST_CASE("neighbor_run: ends although somebody answers for ever", "[probe][neighbor]") {
  const auto targets = one_target();
  neighbor_run machine{once(), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) {
    std::vector<run_stage::reply> storm;
    for (int i = 0; i < 1000; ++i) storm.push_back(yes(question, 200us + i * 5ms));
    return storm;
  };
  link.run();
  const auto all = link.all<neighbor_summary>();
  REQUIRE(all.size() == 1);
  CHECK(all[0].received == 1);
  // The timeout of a probe, and the linger.
  CHECK(all[0].elapsed > 1s);
  CHECK(all[0].elapsed < 1s + 20ms);
}

TEST_CASE("neighbor_run: a sweep over two links ends when one of them is down", "[probe][neighbor]") {
  target_list targets;
  targets.add(*parse_ip("192.0.2.9"));
  targets.add(*parse_ip("198.51.100.9"));
  targets.seal();
  auto config = once();
  config.rounds = 2;
  config.only_silent = true;
  config.rate = GENERATE(0, 500);
  auto other = one_link();
  other.interface = 8;
  other.v4 = *parse_ip("198.51.100.1");
  config.links.push_back(other);
  const std::vector<std::uint8_t> links{0, 1};
  config.link_of = links;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  machine.feed(link.now, link_changed{7, true, true, false});
  machine.feed(link.now, link_changed{8, false, false, false});
  link.answer = [](const auto& question) { return std::vector{yes(question, 200us)}; };
  link.run();
  CHECK_FALSE(machine.deadline().has_value());
  const auto all = link.all<neighbor_summary>();
  REQUIRE(all.size() == 2);
  CHECK(all[0].received == 1);
  CHECK(all[1].sent == all[1].not_sent);
  CHECK(all[1].last_error == reason::interface_down);
}

TEST_CASE("neighbor_run: a full queue that refuses a batch slows a sweep down once", "[probe][neighbor]") {
  target_list targets;
  targets.add(*parse_prefix("198.18.0.0/24"));
  targets.seal();
  auto config = once();
  config.only_silent = true;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  std::vector<probe_token> batch;
  while (batch.size() < 64) {
    const auto wanted = machine.next_effect(link.now);
    REQUIRE(wanted.has_value());
    batch.push_back(std::get<transmit>(*wanted).token);
  }
  for (const auto token : batch) machine.feed(link.now, send_failed{token, ENOBUFS});
  link.answer = [](const auto& question) { return std::vector{yes(question, 200us)}; };
  link.run();
  CHECK(link.left.size() == 256);
  CHECK(machine.totals().not_sent == 64);
  CHECK(machine.totals().in_use == 256);
  // 20,000 a second from there on.
  CHECK(link.left.back().at - link.left.front().at < 100ms);
}

TEST_CASE("neighbor_run: second looks of a series leave as soon as the rate allows", "[probe][neighbor]") {
  const auto targets = one_target();
  auto config = once();
  config.rounds = 2;
  config.looks = true;
  config.rate = 500;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return std::vector{yes(question, 1500us)}; };
  link.run();
  REQUIRE(link.left.size() == 3);
  CHECK(link.left[1].to == station(9));
  CHECK(link.left[1].at - link.left[0].at >= 2ms);
  CHECK(link.left[1].at - link.left[0].at < 2100us);
  CHECK(link.left[2].at - link.left[0].at == 1s);
  REQUIRE(machine.facts().looks.size() == 1);
  CHECK(machine.facts().looks[0].answered);
}

TEST_CASE("neighbor_run: does not stay for second looks whose answers it would not await",
          "[probe][neighbor]") {
  const auto targets = one_target();
  auto config = once();
  config.looks = true;
  config.rate = 1;
  config.await_looks = GENERATE(false, true);
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return std::vector{yes(question, 200us)}; };
  link.run();
  const auto all = link.all<neighbor_summary>();
  REQUIRE(all.size() == 1);
  REQUIRE(machine.facts().looks.size() == 1);
  CHECK(machine.facts().looks[0].answered == config.await_looks);
  if (config.await_looks)
    CHECK(all[0].elapsed > 1s);
  else
    CHECK(all[0].elapsed < 20ms);
}

TEST_CASE("neighbor_run: does not spin on a link that is down, however fast it may ask",
          "[probe][neighbor]") {
  const auto targets = one_target();
  auto config = once();
  config.rounds = 0;
  config.interval = 0ns;
  config.deadline = 1s;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  machine.feed(link.now, link_changed{7, false, false, false});
  link.run();
  CHECK(link.left.empty());
  CHECK(machine.totals().not_sent >= 90);
  CHECK(machine.totals().not_sent <= 101);
}
