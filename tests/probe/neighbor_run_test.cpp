// Series and sweeps: rhythm, pairing, retries, owners, looks, links that go down.
#include "libdiag/probe/neighbor_run.hpp"

#include <cerrno>

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

namespace {

using reply = neighbor_reply;
using run_stage = stage<neighbor_run>;

target_list targets_of(std::initializer_list<const char*> words) {
  target_list list;
  for (const auto* word : words) {
    if (const auto prefix = parse_prefix(word))
      list.add(*prefix);
    else
      list.add(*parse_ip(word));
  }
  list.seal();
  return list;
}

neighbor_config series(std::uint64_t rounds) {
  neighbor_config config;
  config.links = {one_link()};
  config.rounds = rounds;
  config.looks = false;
  return config;
}
neighbor_config sweep(std::uint64_t rounds) {
  auto config = series(rounds);
  config.only_silent = true;
  config.timeout = 500ms;
  return config;
}

/// A station that has every address it is asked for.
std::vector<run_stage::reply> says_yes(const run_stage::outgoing& question, std::uint8_t who = 9,
                                       duration after = 200us) {
  arp_message said;
  said.from = station(who);
  said.claims = question.asked;
  return {{frame_of(said), after}};
}

void check_law(const neighbor_run& machine) {
  const auto& t = machine.totals();
  CHECK(t.sent == t.received + t.lost + t.not_sent + t.pending);
}

neighbor_summary only_summary(const run_stage& ran) {
  const auto all = ran.all<neighbor_summary>();
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace

TEST_CASE("neighbor_run: one probe, one answer, paired by kernel stamps", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(1), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.run();
  REQUIRE(link.left.size() == 1);
  CHECK(link.left[0].to == broadcast_mac);
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].what == reply::kind::in_time);
  CHECK(replies[0].pair == reply::pairing::certain);
  CHECK(replies[0].rtt == 200us);
  CHECK(replies[0].source == stamp_source::socket);
  CHECK(replies[0].new_owner);
  CHECK(replies[0].number == 1);
  const auto sum = only_summary(link);
  CHECK(sum.received == 1);
  REQUIRE(sum.owners.size() == 1);
  CHECK(sum.owners[0].mac == station(9));
  CHECK(sum.owners[0].rtt == 200us);
  CHECK(sum.owners[0].to_broadcast);
  CHECK(link.now == mono_time{1000s} + 201us + 10ms);
  check_law(machine);
}

TEST_CASE("neighbor_run: a series keeps its interval, and waits out what is lost", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(4);
  config.timeout = 1500ms;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [&](const auto& question) {
    return link.left.size() == 2 ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.run();
  REQUIRE(link.left.size() == 4);
  CHECK(link.left[1].at - link.left[0].at == 1s);
  // The second is lost after a second and a half: no other goes out before.
  CHECK(link.left[2].at - link.left[1].at == 1500ms + 1ns);
  const auto sum = only_summary(link);
  CHECK(sum.sent == 4);
  CHECK(sum.received == 3);
  CHECK(sum.lost == 1);
  CHECK(link.all<neighbor_timeout>().size() == 1);
  check_law(machine);
}

TEST_CASE("neighbor_run: after a loss an answer could be to either probe, and is bounded",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(4), targets};
  run_stage link{machine};
  link.answer = [&](const auto& question) {
    return link.left.size() == 1 ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.run();
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 3);
  CHECK(replies[0].number == 2);
  CHECK(replies[0].pair == reply::pairing::ambiguous);
  CHECK(replies[0].rtt == 200us);
  CHECK(replies[0].rtt_most >= 1s + 200us);
  CHECK(replies[0].rtt_most <= 1s + 202us);
  // The third waits until the answer to the second would have come, if the first answer was the first's.
  const auto pause = link.left[2].at - link.left[1].at;
  CHECK(pause >= 1500ms);
  CHECK(pause < 1600ms);
  CHECK(replies[1].pair == reply::pairing::certain);
  CHECK(replies[2].pair == reply::pairing::certain);
  CHECK(only_summary(link).ambiguous == 1);
  CHECK(only_summary(link).rtt->count() == 2);
}

TEST_CASE("neighbor_run: an owner slower than the interval never gets a wrong RTT", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(6), targets};
  run_stage link{machine};
  link.answer = [&](const auto& question) { return says_yes(question, 9, 1300ms); };
  link.run();
  for (const auto& one : link.all<reply>()) {
    if (one.what == reply::kind::duplicate) continue;
    CAPTURE(one.number, int(one.pair), int(one.what), one.rtt.count(), one.rtt_most.count());
    if (one.pair == reply::pairing::certain) CHECK(one.rtt == 1300ms);
    CHECK(one.rtt <= 1300ms);
    CHECK(one.rtt_most >= 1300ms);
  }
  check_law(machine);
}

TEST_CASE("neighbor_run: a late answer is late, and stays lost", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(2);
  config.interval = 5s;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [&](const auto& question) {
    return says_yes(question, 9, link.left.size() == 1 ? duration{1200ms} : duration{1ms});
  };
  link.run();
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].what == reply::kind::late);
  CHECK(replies[0].rtt == 1200ms);
  CHECK(replies[1].what == reply::kind::in_time);
  CHECK(replies[1].pair == reply::pairing::certain);
  const auto sum = only_summary(link);
  CHECK(sum.received == 1);
  CHECK(sum.lost == 1);
  CHECK(sum.late == 1);
  check_law(machine);
}

TEST_CASE("neighbor_run: both owners of an address are heard, and each answers each probe once",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(2), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) {
    auto all = says_yes(question, 9, 200us);
    for (auto& more : says_yes(question, 10, 700us)) all.push_back(std::move(more));
    for (auto& more : says_yes(question, 9, 900us)) all.push_back(std::move(more));
    return all;
  };
  link.run();
  const auto sum = only_summary(link);
  REQUIRE(sum.owners.size() == 2);
  CHECK(sum.owners[0].mac == station(9));
  CHECK(sum.owners[1].mac == station(10));
  CHECK(sum.owners[0].answers == 2);
  CHECK(sum.owners[0].duplicates == 2);
  CHECK(sum.owners[1].answers == 2);
  CHECK(sum.received == 2);
  CHECK(sum.duplicates == 2);
  CHECK(machine.totals().conflicts == 1);
  CHECK(machine.totals().duplicates == 2);
  check_law(machine);
}

TEST_CASE("neighbor_run: a sweep asks again only the silent, more patiently each time", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.8/29"});
  auto config = sweep(3);
  config.backoff = 2;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) {
    return question.asked == *parse_ip("192.0.2.11") ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.run();
  CHECK(link.left.size() == 10);
  CHECK(link.left[8].at - link.left[3].at >= 500ms);
  CHECK(link.left[8].at - link.left[3].at < 502ms);
  CHECK(link.left[9].at - link.left[8].at >= 1s);
  const auto all = link.all<neighbor_summary>();
  REQUIRE(all.size() == 8);
  CHECK(all[3].owners.empty());
  CHECK(all[3].sent == 3);
  CHECK(all[3].lost == 3);
  CHECK(all[0].sent == 1);
  CHECK(all[0].rtt == nullptr);
  CHECK(machine.totals().in_use == 7);
  CHECK(machine.totals().targets == 8);
  check_law(machine);
}

TEST_CASE("neighbor_run: a sweep keeps to its rate", "[probe][neighbor]") {
  const auto targets = targets_of({"198.18.0.0/24"});
  auto config = sweep(1);
  config.rate = 100;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.run();
  REQUIRE(link.left.size() == 256);
  CHECK(link.left.back().at - link.left.front().at >= 2540ms);
  CHECK(link.left.back().at - link.left.front().at <= 2560ms);
}

TEST_CASE("neighbor_run: a full queue slows a sweep down, and what did not leave goes again",
          "[probe][neighbor]") {
  const auto targets = targets_of({"198.18.0.0/24"});
  auto config = sweep(1);
  config.rate = 1000;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.refuse = [&](const auto&) { return link.left.size() == 10 || link.left.size() == 20 ? ENOBUFS : 0; };
  link.run();
  CHECK(link.left.size() == 258);
  CHECK(machine.totals().not_sent == 2);
  CHECK(machine.totals().in_use == 256);
  CHECK(link.left.back().at - link.left.front().at >= 950ms);
  CHECK(link.all<neighbor_error>().front().why == reason::local_queue_full);
  check_law(machine);
}

TEST_CASE("neighbor_run: unicast goes to the owner once there is one", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(3);
  config.how = neighbor_config::manner::unicast;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.run();
  REQUIRE(link.left.size() == 3);
  CHECK(link.left[0].to == broadcast_mac);
  CHECK(link.left[1].to == station(9));
  CHECK(link.all<reply>()[2].way == asked_by::unicast);
  CHECK(only_summary(link).owners[0].to_unicast);
}

TEST_CASE("neighbor_run: unicast starts with what the host remembers", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(1);
  config.how = neighbor_config::manner::unicast;
  config.known = {{*parse_ip("192.0.2.9"), station(33)}};
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.run();
  REQUIRE(link.left.size() == 1);
  CHECK(link.left[0].to == station(33));
}

TEST_CASE("neighbor_run: a new owner is asked alone, and for an address that cannot exist",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(1);
  config.looks = true;
  config.await_looks = true;
  config.impossible = {*parse_ip("240.1.2.3"), *parse_ip("2001:db8::dead")};
  neighbor_run machine{config, targets};
  run_stage link{machine};
  const bool proxy = GENERATE(true, false);
  link.answer = [&](const auto& question) {
    const bool impossible = question.asked == *parse_ip("240.1.2.3");
    return impossible && !proxy ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.run();
  REQUIRE(link.left.size() == 3);
  CHECK(link.left[1].to == station(9));
  CHECK(link.left[1].asked == *parse_ip("192.0.2.9"));
  CHECK(link.left[2].to == station(9));
  CHECK(link.left[2].asked == *parse_ip("240.1.2.3"));
  const auto& looks = machine.facts().looks;
  REQUIRE(looks.size() == 2);
  CHECK(looks[0].answered);
  CHECK(looks[1].answered == proxy);
  CHECK(looks[1].waited == !proxy);
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].what == reply::kind::look);
  CHECK(replies[1].rtt == 200us);
  // Looks are no probes.
  CHECK(machine.totals().sent == 1);
  CHECK(machine.totals().looks == 2);
  CHECK(only_summary(link).owners[0].to_unicast);
  check_law(machine);
}

TEST_CASE("neighbor_run: a silent target is looked for where the host remembers it", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(1);
  config.looks = true;
  config.known = {{*parse_ip("192.0.2.9"), station(9)}};
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) {
    return question.to == broadcast_mac ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.run();
  REQUIRE(link.left.size() == 2);
  CHECK(link.left[1].to == station(9));
  const auto sum = only_summary(link);
  CHECK(sum.received == 0);
  CHECK(sum.lost == 1);
  REQUIRE(sum.owners.size() == 1);
  CHECK(sum.owners[0].to_unicast);
  CHECK_FALSE(sum.owners[0].to_broadcast);
}

TEST_CASE("neighbor_run: frames that are not for us, or not about a target, are no answers",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(1), targets};
  run_stage link{machine};
  arp_message said;
  reject_reason why{};
  SECTION("another target address") {
    said.asks = *parse_ip("192.0.2.77");
    why = reject_reason::wrong_target;
  }
  SECTION("another hardware destination") {
    said.frame_to = station(77);
    why = reject_reason::wrong_hardware;
  }
  SECTION("another sender address") {
    said.claims = *parse_ip("192.0.2.8");
    why = reject_reason::wrong_source;
  }
  SECTION("another VLAN") {
    said.vlan = 30;
    why = reject_reason::wrong_vlan;
  }
  SECTION("no owner") {
    said.from = broadcast_mac;
    said.frame_from = station(9);
    why = reject_reason::invalid_hardware;
  }
  link.answer = [&](const auto&) { return std::vector<run_stage::reply>{{frame_of(said), 200us}}; };
  link.run();
  CHECK(link.all<reply>().empty());
  const auto refused = link.all<neighbor_rejected>();
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].why == why);
  const auto sum = only_summary(link);
  CHECK(sum.owners.empty());
  CHECK(sum.lost == 1);
  CHECK(machine.facts().leaks.size() == (why == reject_reason::wrong_vlan ? 1 : 0));
  check_law(machine);
}

TEST_CASE("neighbor_run: what is announced is seen, and is no answer", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(1), targets};
  run_stage link{machine};
  arp_message said;
  said.operation = 1;
  said.asks = said.claims;
  said.to = mac_address{};
  said.frame_to = broadcast_mac;
  for (int i = 0; i < 1000; ++i) link.at(link.now + 1ms + i * 100us, frame_of(said));
  link.run();
  const auto sightings = link.all<neighbor_sighting>();
  REQUIRE(sightings.size() == 1);
  CHECK(sightings[0].target == 0U);
  CHECK(sightings[0].said.what == neighbor_message::kind::announcement);
  REQUIRE(machine.facts().seen.size() == 1);
  CHECK(machine.facts().seen[0].count == 1000);
  CHECK(only_summary(link).owners.empty());
}

TEST_CASE("neighbor_run: a link that goes down is told, and nothing is sent meanwhile", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(6), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.at(link.now + 1500ms, link_changed{7, true, false, false});
  link.at(link.now + 3500ms, link_changed{7, true, true, false});
  link.run();
  CHECK(link.left.size() == 4);
  CHECK(link.all<neighbor_link_state>().size() == 2);
  const auto sum = only_summary(link);
  CHECK(sum.sent == 6);
  CHECK(sum.not_sent == 2);
  CHECK(sum.received == 4);
  CHECK(sum.last_error == reason::interface_down);
  check_law(machine);
}

TEST_CASE("neighbor_run: a deleted interface ends the run with what there is", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(0), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  SECTION("at once") {
    link.at(link.now + 2500ms, link_changed{7, false, false, true});
  }
  SECTION("down first, as the kernel tells it") {
    link.at(link.now + 2400ms, link_changed{7, false, false, false});
    link.at(link.now + 2500ms, link_changed{7, false, false, true});
  }
  link.run();
  CHECK(only_summary(link).received == 3);
  CHECK(link.all<neighbor_link_state>().back().now.gone);
  CHECK_FALSE(machine.deadline().has_value());
}

TEST_CASE("neighbor_run: it ends after so many answers, at a deadline, or when the user says so",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(0);
  SECTION("answers") {
    config.stop_after = 3;
  }
  SECTION("deadline") {
    config.deadline = 2500ms;
  }
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  if (config.stop_after == 0 && !config.deadline) link.at(link.now + 2500ms, interrupt{});
  link.run();
  CHECK(only_summary(link).received == 3);
  check_law(machine);
}

TEST_CASE("neighbor_run: whoever watches hears of a new owner once", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  auto config = series(8);
  config.watch = true;
  neighbor_run machine{config, targets};
  run_stage link{machine};
  SECTION("by its answers") {
    link.answer = [&](const auto& question) { return says_yes(question, link.left.size() > 3 ? 10 : 9); };
    link.run();
    const auto changes = link.all<neighbor_change>();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].before == station(9));
    CHECK(changes[0].after == station(10));
    CHECK_FALSE(changes[0].announced);
    CHECK(changes[0].at == link.left[3].at + 201us);
  }
  SECTION("not of a conflict, in which both answer") {
    link.answer = [&](const auto& question) {
      const bool turn = link.left.size() % 2 == 0;
      auto all = says_yes(question, turn ? 9 : 10, 100us);
      for (auto& more : says_yes(question, turn ? 10 : 9, 300us)) all.push_back(std::move(more));
      return all;
    };
    link.run();
    CHECK(link.all<neighbor_change>().empty());
  }
  SECTION("by its announcement") {
    link.answer = [&](const auto& question) { return says_yes(question); };
    arp_message said;
    said.operation = 1;
    said.from = station(10);
    said.asks = said.claims;
    said.frame_to = broadcast_mac;
    link.at(link.now + 2500ms, frame_of(said));
    link.run(link.now + 2600ms);
    const auto changes = link.all<neighbor_change>();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].announced);
    CHECK(changes[0].after == station(10));
  }
  SECTION("and of silence, after three probes") {
    link.answer = [&](const auto& question) {
      return link.left.size() > 3 ? std::vector<run_stage::reply>{} : says_yes(question);
    };
    link.run();
    const auto changes = link.all<neighbor_change>();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].before == station(9));
    CHECK_FALSE(changes[0].after.has_value());
  }
}

TEST_CASE("neighbor_run: sixteen owners of an address are kept", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(1), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) {
    std::vector<run_stage::reply> all;
    for (std::uint8_t i = 0; i < 40; ++i)
      all.push_back(std::move(says_yes(question, i, 100us + i * 10us).front()));
    return all;
  };
  link.run();
  const auto sum = only_summary(link);
  CHECK(sum.owners.size() == 16);
  CHECK(sum.too_many_owners);
  CHECK(sum.received == 1);
  check_law(machine);
}

TEST_CASE("neighbor_run: no targets, no run", "[probe][neighbor]") {
  const target_list none;
  neighbor_run machine{series(0), none};
  run_stage link{machine};
  link.run();
  CHECK(link.left.empty());
  CHECK_FALSE(machine.deadline().has_value());
}

TEST_CASE("neighbor_run: a link-local target is found whether it was named with its zone or not",
          "[probe][neighbor]") {
  const auto targets = targets_of({GENERATE("fe80::9", "fe80::9%7")});
  auto config = series(1);
  neighbor_run machine{config, targets};
  run_stage link{machine};
  link.answer = [](const auto&) {
    craft::link_fields from;
    from.source = station(9);
    craft::advertisement_fields said;
    said.source = said.target = *parse_ip("fe80::9");
    said.destination = *parse_ip("fe80::1");
    said.link_layer = station(9);
    said.solicited = true;
    return std::vector<run_stage::reply>{{craft::advertisement_frame(from, our_mac, said), 200us}};
  };
  link.run();
  CHECK(only_summary(link).received == 1);
}

TEST_CASE("neighbor_run: a storm of nonsense is counted to the last frame, and told a hundred times a second",
          "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(1), targets};
  run_stage link{machine};
  arp_message said;
  said.asks = *parse_ip("192.0.2.77");
  for (int i = 0; i < 1000; ++i) link.at(link.now + 1ms + i * 10us, frame_of(said));
  link.run();
  CHECK(link.all<neighbor_rejected>().size() == 100);
  CHECK(machine.totals().rejected[static_cast<std::size_t>(reject_reason::wrong_target)] == 1000);
}

TEST_CASE("neighbor_run: probes that never left make no answer ambiguous", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(6), targets};
  run_stage link{machine};
  link.answer = [](const auto& question) { return says_yes(question); };
  link.refuse = [&](const auto&) { return link.left.size() >= 2 && link.left.size() <= 4 ? ENETDOWN : 0; };
  link.run();
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 3);
  for (const auto& one : replies) CHECK(one.pair == reply::pairing::certain);
  CHECK(replies[1].number == 5);
  const auto sum = only_summary(link);
  CHECK(sum.not_sent == 3);
  CHECK(sum.received == 3);
  CHECK(sum.duplicates == 0);
  check_law(machine);
}

TEST_CASE("neighbor_run: a loss before probes that never left is not forgotten", "[probe][neighbor]") {
  const auto targets = targets_of({"192.0.2.9"});
  neighbor_run machine{series(5), targets};
  run_stage link{machine};
  link.answer = [&](const auto& question) {
    return link.left.size() == 2 ? std::vector<run_stage::reply>{} : says_yes(question);
  };
  link.refuse = [&](const auto&) { return link.left.size() == 3 ? ENETDOWN : 0; };
  link.run();
  const auto replies = link.all<reply>();
  REQUIRE(replies.size() == 3);
  CHECK(replies[1].pair == reply::pairing::ambiguous);
  CHECK(replies[1].rtt_most >= 2s);
  CHECK(replies[2].pair == reply::pairing::certain);
}
