// Round after round to one address on a simulated link: who answers, how fast, and what it means.
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::neighbor_change;
using probe::neighbor_error;
using probe::neighbor_link_state;
using probe::neighbor_reply;
using probe::neighbor_sighting;
using probe::neighbor_timeout;
using probe::reason;
using message = probe::neighbor_message::kind;
using pairing = probe::neighbor_reply::pairing;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

/// Asks host 7 so many times.
void ask_seven(neighbor_stage& trial, ip_family family, std::uint64_t rounds) {
  trial.ask(on_link(family, 7));
  trial.config.rounds = rounds;
}

/// What others say of host `number`, one thing after the other.
packet stranger(ip_family family, std::uint8_t number, std::uint64_t turn) {
  const auto own = on_link(family, number);
  if (turn % 3 == 0) return announcement(host_mac(9), own);
  if (turn % 3 == 1) return claim_probe(host_mac(9), own);
  return question(host_mac(9), on_link(family, 9), own);
}

}  // namespace

TEST_CASE("neighbour series: a host answers every probe, each for certain", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.segment.add(plain_host(family, 8));
  ask_seven(trial, family, 3);
  trial.run();
  CHECK(trial.breach() == "");
  const auto summary = trial.summary();
  CHECK(summary.sent == 3);
  CHECK(summary.received == 3);
  CHECK(trial.owners() == "7");
  CHECK(trial.findings() == "");
  CHECK(trial.law->certain == 3);
  for (const auto& reply : trial.seen<neighbor_reply>()) {
    CHECK(same_rtt(reply.rtt, 200us));
    CHECK(reply.source == probe::stamp_source::socket);
    CHECK(reply.way == probe::asked_by::broadcast);
  }
  CHECK(trial.elapsed() >= 2s + 200us);
  CHECK(trial.elapsed() <= 2s + 20ms);
}

TEST_CASE("neighbour series: silence is lost, probe by probe", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 8));
  ask_seven(trial, family, 3);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().lost == 3);
  CHECK(trial.owners() == "");
  CHECK(trial.seen<neighbor_timeout>().size() == 3);
  CHECK(trial.findings() == "");
  CHECK(trial.elapsed() >= 3s);
  CHECK(trial.elapsed() <= 3s + 1us);
}

TEST_CASE("neighbour series: two owners of one address are both heard", "[sim][neighbor]") {
  const auto family = either();
  const auto looks = GENERATE(false, true);
  neighbor_stage trial;
  trial.config.looks = looks;
  trial.config.await_looks = looks;
  auto second = plain_host(family, 7);
  second.macs = {host_mac(8)};
  second.delay = latency::fixed(3ms);
  trial.segment.add(plain_host(family, 7));
  trial.segment.add(second);
  ask_seven(trial, family, 3);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7 8");
  CHECK(trial.summary().received == 3);
  CHECK(trial.summary().owners[0].answers == 3);
  CHECK(trial.summary().owners[1].answers == 3);
  CHECK(trial.summary().duplicates == 0);
  CHECK(trial.findings() == "conflict@7");
}

TEST_CASE("neighbour series: an owner that is slower than the timeout is not paired with the wrong probe",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto slow = plain_host(family, 7);
  slow.delay = latency::fixed(1500ms);
  trial.segment.add(slow);
  ask_seven(trial, family, 5);
  trial.config.linger = 2s;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7");
  CHECK(trial.law->ambiguous > 0);
  CHECK(trial.law->misjudged == 0);
}

TEST_CASE("neighbour series: the slower of two owners is not paired with the next probe", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto slow = plain_host(family, 7);
  slow.macs = {host_mac(8)};
  slow.delay = latency::fixed(1300ms);
  trial.segment.add(plain_host(family, 7));
  trial.segment.add(slow);
  ask_seven(trial, family, 4);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7 8");
  CHECK(trial.summary().received == 4);
  CHECK(trial.law->misjudged == 0);
}

TEST_CASE("neighbour series: an answer after the last timeout is late, within the linger",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto slow = plain_host(family, 7);
  slow.from = mono_time{} + 500ms;  // hears the second probe alone
  slow.delay = latency::fixed(1005ms);
  trial.segment.add(slow);
  auto quick = plain_host(family, 7);
  quick.until = mono_time{} + 500ms;
  trial.segment.add(quick);
  ask_seven(trial, family, 3);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received >= 1);
  CHECK(trial.owners() == "7");
}

TEST_CASE("neighbour series: further copies of an answer are duplicates", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto host = plain_host(family, 7);
  host.copies = 4;
  trial.segment.add(host);
  ask_seven(trial, family, 2);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 2);
  CHECK(trial.summary().duplicates == 8);
  CHECK(trial.owners() == "7");
  CHECK(trial.findings() == "");
}

TEST_CASE("neighbour series: jitter, loss and copies break no law", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial{3};
  auto host = plain_host(family, 7);
  host.delay = latency::pareto(100us, 1.2);
  host.loss = 0.2;
  host.duplicate = 0.2;
  trial.segment.add(host);
  ask_seven(trial, family, 500);
  trial.config.interval = 100ms;
  trial.config.timeout = 50ms;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().sent == 500);
  CHECK(trial.summary().received > 350);
  CHECK(trial.summary().lost > 50);
  CHECK(trial.owners() == "7");
  CHECK(trial.law->strays < 20);
}

TEST_CASE("neighbour series: what announces itself is seen, and is no answer", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.say(mono_time{} + 300ms, announcement(host_mac(9), on_link(family, 7)));
  ask_seven(trial, family, 2);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 0);
  const auto sightings = trial.seen<neighbor_sighting>();
  REQUIRE(sightings.size() == 1);
  CHECK(sightings[0].target == 0U);
  CHECK(sightings[0].said.what == (family == ip_family::v4 ? message::announcement : message::advertisement));
  CHECK(trial.findings() == "announced@7");
}

TEST_CASE("neighbour series: an announcement by another than the owner is told as that", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.segment.say(mono_time{} + 1300ms, announcement(host_mac(9), on_link(family, 7)));
  ask_seven(trial, family, 4);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7");
  CHECK(trial.findings() == "announced-elsewhere@7");
}

TEST_CASE("neighbour series: somebody else's probe for the address is a sighting", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.segment.say(mono_time{} + 300ms, claim_probe(host_mac(9), on_link(family, 7)));
  ask_seven(trial, family, 2);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 2);
  REQUIRE(trial.seen<neighbor_sighting>().size() == 1);
  CHECK(trial.seen<neighbor_sighting>()[0].said.what == message::probe);
  CHECK(trial.findings() == "probed@7");
}

TEST_CASE("neighbour series: a question by others answers nothing", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.say(mono_time{} + 300ms, question(host_mac(9), on_link(family, 9), on_link(family, 7)));
  trial.segment.say(mono_time{} + 400ms, question(host_mac(9), on_link(family, 7), on_link(family, 9)));
  ask_seven(trial, family, 2);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 0);
  CHECK(trial.owners() == "");
  CHECK(trial.findings() == "");
}

TEST_CASE("neighbour series: a watch tells who has the address from when to when", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.config.watch = true;
  auto first = plain_host(family, 7);
  first.until = mono_time{} + 3500ms;
  trial.segment.add(first);
  auto second = plain_host(family, 7);
  second.macs = {host_mac(8)};
  second.from = mono_time{} + 6500ms;
  trial.segment.add(second);
  ask_seven(trial, family, 10);
  trial.run();
  CHECK(trial.breach() == "");
  const auto changes = trial.seen<neighbor_change>();
  // Had by 7, by nobody, by 8; the first answer of a run may be a change as well.
  std::vector<std::string> told;
  const auto name = [](const std::optional<mac_address>& mac) {
    return mac ? to_string(*mac).substr(15) : std::string{"-"};
  };
  for (const auto& change : changes) told.push_back(name(change.before) + ">" + name(change.after));
  if (!told.empty() && told.front() == "->07") told.erase(told.begin());
  CHECK(told == std::vector<std::string>{"07>-", "->08"});
}

TEST_CASE("neighbour series: a link that goes down and comes back costs probes, not the run",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.options.outages = {{mono_time{} + 2500ms, mono_time{} + 5500ms, link_outage::kind::down}};
  ask_seven(trial, family, 8);
  trial.run();
  CHECK(trial.breach() == "");
  const auto summary = trial.summary();
  CHECK(summary.sent == 8);
  CHECK(summary.received == 5);
  CHECK(summary.not_sent == 3);
  CHECK(summary.lost == 0);
  CHECK(summary.last_error == reason::interface_down);
  const auto states = trial.seen<neighbor_link_state>();
  REQUIRE(states.size() >= 2);
  CHECK(states.back().now.running);
}

TEST_CASE("neighbour series: without a carrier nothing is answered, and nothing invented",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.options.outages = {{mono_time{} + 2500ms, mono_time{} + 5500ms, link_outage::kind::no_carrier}};
  ask_seven(trial, family, 8);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 5);
  CHECK(trial.summary().lost + trial.summary().not_sent == 3);
}

TEST_CASE("neighbour series: a full queue is not a loss", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.options.send_error = [](probe::probe_token, mono_time now) {
    return now >= mono_time{} + 1500ms && now < mono_time{} + 3500ms ? ENOBUFS : 0;
  };
  ask_seven(trial, family, 6);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 4);
  CHECK(trial.summary().not_sent == 2);
  for (const auto& error : trial.seen<neighbor_error>()) {
    CHECK(error.why == reason::local_queue_full);
    CHECK(error.error == ENOBUFS);
  }
}

TEST_CASE("neighbour series: an interface that is gone ends in errors, and the run still ends",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.options.outages = {{mono_time{} + 1500ms, mono_time{}, link_outage::kind::gone}};
  ask_seven(trial, family, 5);
  trial.run();
  CHECK(trial.breach(true) == "");
  CHECK(trial.summary().received == 2);
  CHECK(trial.summary().lost == 0);
}

TEST_CASE("neighbour series: an interrupt leaves what is open as pending", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.options.interrupt_at = mono_time{} + 2500ms;
  ask_seven(trial, family, 0);
  trial.run();
  CHECK(trial.breach(true) == "");
  CHECK(trial.summary().lost == 2);
  CHECK(trial.summary().pending == 1);
  CHECK(trial.elapsed() == 2500ms);
}

TEST_CASE("neighbour series: ends after so many answers", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.config.stop_after = 2;
  ask_seven(trial, family, 0);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 2);
  CHECK(trial.elapsed() <= 1s + 20ms);
}

TEST_CASE("neighbour series: unicast once an owner is known", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.config.how = probe::neighbor_config::manner::unicast;
  trial.segment.add(plain_host(family, 7));
  std::string ways;
  trial.segment.tap = [&](const seen_frame& frame) {
    ways += is_group_frame(frame.head.destination) ? 'b' : frame.head.destination == host_mac(7) ? 'u' : '?';
  };
  ask_seven(trial, family, 4);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(ways == "buuu");
  CHECK(trial.summary().owners.at(0).to_broadcast);
  CHECK(trial.summary().owners.at(0).to_unicast);
}

TEST_CASE("neighbour series: a reader that is late takes nothing from the RTT", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial{5};
  trial.segment.add(plain_host(family, 7));
  trial.options.read_delay = latency::uniform(0us, 30ms);
  ask_seven(trial, family, 20);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 20);
  for (const auto& reply : trial.seen<neighbor_reply>()) CHECK(same_rtt(reply.rtt, 200us));
}

TEST_CASE("neighbour series: an endless storm of strangers hides no answer", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  trial.segment.storm(mono_time{}, 50'000, 20us, [family](std::uint64_t left) {
    return stranger(family, static_cast<std::uint8_t>(100 + left % 64), left);
  });
  ask_seven(trial, family, 3);
  trial.keep_events = false;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result.received == 50'003);
  CHECK(trial.summary().received == 3);
  CHECK(trial.owners() == "7");
  CHECK(trial.machine->facts().seen.size() <= 65'536);
}

TEST_CASE("neighbour series: an answer within a round's longer timeout is in time", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto slow = plain_host(family, 7);
  slow.from = mono_time{} + 500ms;  // deaf to the first probe
  slow.delay = latency::fixed(1400ms);
  trial.segment.add(slow);
  ask_seven(trial, family, 2);
  trial.config.backoff = 1.5;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().received == 1);
  CHECK(trial.summary().late == 0);
}

TEST_CASE("neighbour series: what follows an ambiguous answer is no more certain", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  auto slow = plain_host(family, 7);
  slow.delay = latency::fixed(1500ms);
  slow.copies = 1;
  trial.segment.add(slow);
  ask_seven(trial, family, 2);
  trial.run();
  CHECK(trial.breach() == "");
  const auto replies = trial.seen<neighbor_reply>();
  REQUIRE(replies.size() >= 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(replies[i].pair == pairing::ambiguous);
    CHECK(replies[i].rtt <= 1500ms);
    CHECK(replies[i].rtt_most >= 1500ms);
  }
  CHECK(replies[1].what == neighbor_reply::kind::duplicate);
}

TEST_CASE("neighbour series: second looks that wait for their turn keep nobody busy", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  for (std::uint8_t i = 10; i < 40; ++i) trial.segment.add(plain_host(family, i));
  trial.ask(on_link(family, 10), 30);
  trial.config.looks = true;
  trial.config.rate = 20;
  trial.config.timeout = 100ms;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.machine->totals().in_use == 30);
}
