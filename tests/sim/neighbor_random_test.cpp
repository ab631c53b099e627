// Links drawn by lot: any mix of habits, loss, outages and refusals, series and sweeps, in both families. The
// law holds in each, who is told as an owner is one, and who answers well is told.
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

struct lot {
  seeded_random random;
  bool one_in(std::uint64_t many) { return random.below(many) == 0; }
  duration up_to(duration most) {
    return duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count())))};
  }
};

/// One to three owners of random habits. `good`: hosts that always answer in time, if asked.
void add_hosts(neighbor_stage& trial, lot& draw, ip_family family, std::vector<std::uint8_t>& good) {
  for (std::uint8_t number = 10; number < 30; ++number) {
    for (auto owners = draw.random.below(3); owners > 0; --owners) {
      auto host = plain_host(family, number);
      if (owners == 2) host.macs = {host_mac(100U + number)};
      host.delay = draw.one_in(4)   ? latency::uniform(100us, 2s)
                   : draw.one_in(4) ? latency::pareto(200us, 1.1)
                                    : latency::uniform(100us, 40ms);
      auto plain = true;
      const auto habit = [&](auto&& edit) {
        if (!draw.one_in(8)) return;
        edit();
        plain = false;
      };
      habit([&] { host.loss = draw.random.unit(); });
      habit([&] { host.duplicate = draw.random.unit(); });
      habit([&] { host.hears_broadcast = false; });
      habit([&] { host.hears_unicast = false; });
      habit([&] { host.from = mono_time{} + draw.up_to(4s); });
      habit([&] { host.until = mono_time{} + draw.up_to(4s); });
      habit([&] { host.frame_source = host_mac(200); });
      habit([&] { host.router = host.override_entry = false; });
      habit([&] { host.tags = {frame_tag{7, 0x8100, 0}}; });
      habit([&] { host.target_protocol = on_link(family, 77); });
      if (plain && owners == 1) host.delay = latency::uniform(100us, 90ms);
      if (plain && owners == 1) good.push_back(number);
      trial.segment.add(host);
    }
  }
}

void add_strangers(neighbor_stage& trial, lot& draw, ip_family family) {
  for (auto left = draw.random.below(30); left > 0; --left) {
    const auto address = on_link(family, static_cast<std::uint8_t>(10 + draw.random.below(22)));
    const auto mac = host_mac(static_cast<std::uint32_t>(300 + draw.random.below(4)));
    const auto when = mono_time{} + draw.up_to(5s);
    switch (draw.random.below(3)) {
      case 0:
        trial.segment.say(when, announcement(mac, address));
        break;
      case 1:
        trial.segment.say(when, claim_probe(mac, address));
        break;
      default:
        trial.segment.say(when, question(mac, on_link(family, 99), address));
    }
  }
}

void configure(neighbor_stage& trial, lot& draw) {
  auto& config = trial.config;
  const auto sweep = draw.one_in(2);
  config.only_silent = sweep;
  config.rounds = 1 + draw.random.below(sweep ? 3 : 6);
  config.interval = sweep ? 0ms : draw.one_in(2) ? 1s : 200ms;
  config.timeout = draw.one_in(2) ? 1s : 100ms;
  config.backoff = draw.one_in(3) ? 1.5 : 1;
  config.linger = draw.one_in(2) ? 10ms : 500ms;
  config.rate = draw.one_in(3) ? 40 : 0;
  config.looks = draw.one_in(2);
  config.await_looks = draw.one_in(2);
  config.watch = draw.one_in(3);
  if (draw.one_in(4)) config.how = probe::neighbor_config::manner::unicast;
  if (draw.one_in(4)) config.deadline = 3s;
  if (draw.one_in(6)) config.stop_after = 1 + draw.random.below(10);
  if (draw.one_in(6)) trial.options.interrupt_at = mono_time{} + draw.up_to(4s);
  if (draw.one_in(3)) trial.options.read_delay = latency::uniform(0us, 5ms);
}

void trouble(neighbor_stage& trial, lot& draw, bool& troubled) {
  if (draw.one_in(5)) {
    const auto from = mono_time{} + draw.up_to(3s);
    trial.options.outages = {
        {from, from + draw.up_to(2s), static_cast<link_outage::kind>(draw.random.below(3))}};
    troubled = true;
  }
  if (draw.one_in(5)) {
    const auto share = draw.random.below(4) + 2;
    trial.options.send_error = [share](probe::probe_token token, mono_time now) {
      const auto mixed =
          (token * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(now.time_since_epoch().count())) >> 33;
      return mixed % share == 0 ? ENOBUFS : 0;
    };
    troubled = true;
  }
}

}  // namespace

TEST_CASE("neighbours: in four hundred links drawn by lot the law holds", "[sim][neighbor]") {
  std::uint64_t replies = 0;
  std::uint64_t certain = 0;
  std::uint64_t ambiguous = 0;
  std::uint64_t strays = 0;
  std::uint64_t misjudged = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    const auto family = seed % 2 == 0 ? ip_family::v4 : ip_family::v6;
    neighbor_stage trial{seed};
    lot draw{seeded_random{seed * 977}};
    std::vector<std::uint8_t> good;
    add_hosts(trial, draw, family, good);
    add_strangers(trial, draw, family);
    configure(trial, draw);
    bool troubled = false;
    trouble(trial, draw, troubled);
    trial.ask(on_link(family, 10), 20);
    trial.run();
    const auto cut = trial.options.interrupt_at || trial.config.deadline || trial.config.stop_after != 0;
    CHECK(trial.breach(cut || troubled) == "");
    if (!cut && !troubled)
      for (const auto number : good) {
        const auto owners = " " + trial.owners(number - 10U) + " ";
        INFO("host " << int{number} << " among" << owners);
        CHECK(owners.find(" " + std::to_string(number) + " ") != std::string::npos);
      }
    // Whatever happened, it can be judged.
    for (const auto& one : trial.oddities()) CHECK_FALSE(probe::describe(one.what).empty());
    replies += trial.law->replies;
    certain += trial.law->certain;
    ambiguous += trial.law->ambiguous;
    strays += trial.law->strays;
    misjudged += trial.law->misjudged;
  }
  CHECK(replies > 5'000);
  CHECK(certain > replies / 2);
  CHECK(ambiguous > 100);
  CHECK(strays <= replies / 20);
  CHECK(misjudged <= replies / 100);
}

TEST_CASE("neighbours: the same seed gives the same run", "[sim][neighbor]") {
  const auto told = [](std::uint64_t seed) {
    neighbor_stage trial{seed};
    lot draw{seeded_random{seed}};
    std::vector<std::uint8_t> good;
    add_hosts(trial, draw, ip_family::v4, good);
    configure(trial, draw);
    trial.ask(on_link(ip_family::v4, 10), 20);
    trial.run();
    std::string out;
    for (const auto& reply : trial.seen<probe::neighbor_reply>())
      out += std::to_string(reply.at.time_since_epoch().count()) + to_string(reply.said.owner) + " ";
    return out;
  };
  CHECK(told(12) == told(12));
  CHECK(told(12) != told(13));
}
