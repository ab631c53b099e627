// Claims by RFC 5227: the timetable, what is a conflict, what is never called free.
#include "libdiag/probe/address_claim.hpp"

#include <cerrno>
#include <set>

#include "tests/catch.hpp"
#include "tests/probe/claim_rig.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::link_player;
using step = claim_step::kind;
using times = std::vector<duration>;

TEST_CASE("address claim: three probes, two seconds of silence, free", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  const auto summary = rig.only();
  CHECK(rig.departures() == times{0s, 1500ms, 3s});
  CHECK(summary.verdict == claim_verdict::free);
  CHECK(summary.at == at(5s));
  CHECK(summary.elapsed == 5s);
  CHECK(summary.probes == 3);
  CHECK(summary.owners.empty());
  CHECK_FALSE(summary.looped);
  const auto probed = rig.steps(step::probed);
  REQUIRE(probed.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(probed[i].number == i + 1);
    CHECK(probed[i].at == host.sent[i].when);
  }
}

TEST_CASE("address claim: a probe is to everyone, from our hardware and from no address", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  CHECK(host.sent.at(0).interface == our_interface);
  const auto said = host.said(0);
  CHECK(said.what == neighbor_message::kind::probe);
  CHECK(said.frame_destination == broadcast_mac);
  CHECK(said.frame_source == our_mac);
  CHECK(said.owner == our_mac);
  CHECK(said.asked == ip("192.0.2.7"));
  CHECK(said.target_hardware == mac_address{});  // RFC 5227 §2.1.1
}

TEST_CASE("address claim: waits are random, within bounds, and the seed's", "[probe][claim]") {
  std::vector<times> runs;
  for (const std::uint64_t seed : {7U, 7U, 8U}) {
    claim_rig rig;
    rig.config.v4 = claim_timing::rfc5227();
    rig.config.seed = seed;
    rig.begin();
    CHECK(rig.only().verdict == claim_verdict::free);
    runs.push_back(rig.departures());
  }
  CHECK(runs[0] == runs[1]);
  CHECK(runs[0] != runs[2]);
}

TEST_CASE("address claim: a thousand targets spread over PROBE_WAIT and PROBE_MIN to PROBE_MAX",
          "[probe][claim]") {
  claim_rig rig;
  rig.targets = {};
  rig.targets.add(ip("198.18.0.0"), 1000);
  rig.targets.seal();
  rig.config.v4 = claim_timing::rfc5227();
  rig.begin();
  const auto summaries = rig.finish();
  std::vector<times> by_target(1000);
  for (const auto& one : rig.steps(step::probed)) by_target[one.target].push_back(one.at - start);
  duration first_sum{}, gap_sum{};
  std::set<duration> firsts;
  for (const auto& one : by_target) {
    REQUIRE(one.size() == 3);
    CHECK(one[0] <= 1s);
    first_sum += one[0];
    firsts.insert(one[0]);
    for (std::size_t i = 1; i < 3; ++i) {
      const auto gap = one[i] - one[i - 1];
      CHECK(gap >= 1s);
      CHECK(gap <= 2s);
      gap_sum += gap;
    }
  }
  CHECK(firsts.size() == 1000);
  // Uniform: the means of 1000 and 2000 draws lie within a few standard errors (9 and 6 ms).
  CHECK(milliseconds(first_sum / 1000) == Approx(500).margin(40));
  CHECK(milliseconds(gap_sum / 2000) == Approx(1500).margin(30));
  for (const auto& one : summaries) {
    CHECK(one.verdict == claim_verdict::free);
    CHECK(one.at - start == by_target[one.target][2] + 2s);
  }
}

TEST_CASE("address claim: whoever has the address settles it, by request or by reply", "[probe][claim]") {
  const auto said = GENERATE(as<octets>{}, arp_reply(station(7), "192.0.2.7"),
                             // To another host, of another address, and an announcement in both forms.
                             arp_reply(station(7), "192.0.2.7", station(9)),
                             arp{1, station(7), "192.0.2.7", "192.0.2.99", {}, {}, {}}.frame(),
                             arp{1, station(7), "192.0.2.7", "192.0.2.7", {}, {}, {}}.frame(),
                             arp{2, station(7), "192.0.2.7", "192.0.2.7", {}, {}, {}}.frame());
  claim_rig rig;
  auto& host = rig.begin();
  host.until(1700ms);
  host.hear(said);
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::in_use);
  CHECK(summary.owners == std::vector{station(7)});
  CHECK(summary.at == at(1800ms));  // 100 ms for a second owner, and no more probes
  CHECK(rig.departures() == times{0s, 1500ms});
  const auto objection = host.only<claim_objection>();
  CHECK(objection.since_probe == 200ms);
  CHECK(objection.at == at(1700ms));
  CHECK(objection.said.owner == station(7));
}

TEST_CASE("address claim: an objection counts from the first wait to the end of the last", "[probe][claim]") {
  claim_rig rig;
  rig.config.v4 = claim_timing::rfc5227();
  SECTION("before the first probe") {
    auto& host = rig.begin();
    REQUIRE(host.sent.empty());
    host.hear(arp_reply(station(7), "192.0.2.7"));
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::in_use);
    CHECK(summary.probes == 0);
    CHECK(host.only<claim_objection>().since_probe == 0s);
  }
  SECTION("at the last moment of ANNOUNCE_WAIT") {
    rig.config.v4 = exact_v4();
    auto& host = rig.begin();
    host.until(5s - 1ns);
    CHECK_FALSE(host.finished());
    host.hear(arp_reply(station(7), "192.0.2.7"));
    CHECK(rig.only().verdict == claim_verdict::in_use);
  }
}

TEST_CASE("address claim: a second owner within a short time makes it a conflict", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  host.hear(arp_reply(station(7), "192.0.2.7"));
  host.until(99ms);
  host.hear(arp_reply(station(8), "192.0.2.7"));
  host.hear(arp_reply(station(7), "192.0.2.7"));
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::conflict);
  CHECK(summary.owners == std::vector{station(7), station(8)});
  CHECK(summary.objections == 3);
  CHECK(summary.at == at(100ms));
}

TEST_CASE("address claim: somebody else's probe is a conflict", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  host.hear(arp_probe(station(7), "192.0.2.7"));
  SECTION("alone") {
    CHECK(rig.only().verdict == claim_verdict::conflict);
  }
  SECTION("unless he has the address by now") {
    host.hear(arp_reply(station(7), "192.0.2.7"));
    CHECK(rig.only().verdict == claim_verdict::in_use);
  }
}

TEST_CASE("address claim: who only asks for the address, or for another, does not object", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  host.hear(arp{1, station(7), "192.0.2.9", "192.0.2.7", {}, {}, {}}.frame());
  host.hear(arp_probe(station(7), "192.0.2.8"));
  host.hear(arp_reply(station(7), "192.0.2.8"));
  host.hear(arp_reply(station(7), "192.0.2.7"), our_interface + 1);  // on another link
  CHECK(rig.only().verdict == claim_verdict::free);
}

TEST_CASE("address claim: our own frames come back and do not object", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  SECTION("a probe is told as a loop") {
    host.hear(host.sent.at(0).frame);
    CHECK(rig.only().looped);
  }
  SECTION("from a frame source of our own") {
    rig.config.links[0].hardware = station(3);
    auto& other = rig.begin();
    other.hear(arp{1, station(9), "0.0.0.0", "192.0.2.7", {}, our_mac, {}}.frame());
    CHECK(rig.only().looped);
  }
  SECTION("statements of our hardware address") {
    host.hear(arp{2, our_mac, "192.0.2.7", "192.0.2.7", {}, station(9), {}}.frame());
    CHECK_FALSE(rig.only().looped);
  }
  CHECK(rig.host->all<claim_summary>().at(0).verdict == claim_verdict::free);
  CHECK(rig.host->all<claim_objection>().empty());
}

TEST_CASE("address claim: what cannot be believed is told, and is no objection", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  host.hear(arp_reply(mac_address{}, "192.0.2.7"));
  host.hear(arp{77, station(7), "192.0.2.7", "192.0.2.1", {}, {}, {}}.frame());
  host.hear(arp_reply(mac_address{}, "192.0.2.200", station(9)));  // none of ours
  CHECK(rig.only().verdict == claim_verdict::free);
  const auto rejected = host.all<neighbor_rejected>();
  REQUIRE(rejected.size() == 2);
  CHECK(rejected[0].why == reject_reason::invalid_hardware);
  CHECK(rejected[0].target == 0U);
  CHECK(rejected[1].why == reject_reason::bad_operation);
}

TEST_CASE("address claim: a probe that does not leave is tried once more", "[probe][claim]") {
  claim_rig rig;
  int failures = 1;
  rig.send_error = [&](const auto& one) { return one.when >= at(1s) && failures-- > 0 ? ENOBUFS : 0; };
  SECTION("and that is all it takes") {
    rig.begin();
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::free);
    CHECK(rig.departures() == times{0s, 1500ms, 2500ms, 4s});
    CHECK(summary.at == at(6s));
    CHECK(summary.not_sent == 1);
    CHECK(summary.probes == 3);
  }
  SECTION("and then nothing can be told") {
    failures = 2;
    rig.begin();
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::cannot_tell);
    CHECK(summary.why == reason::local_queue_full);
    CHECK(summary.not_sent == 2);
    CHECK(summary.probes == 1);
    CHECK(summary.at == at(2500ms));
  }
}

TEST_CASE("address claim: nothing is free when the host never says that a probe left", "[probe][claim]") {
  claim_rig rig;
  rig.confirms = false;
  rig.begin();
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::cannot_tell);
  CHECK(summary.why == reason::system_error);
  CHECK(summary.probes == 0);
}

TEST_CASE("address claim: without a link nothing can be told", "[probe][claim]") {
  claim_rig rig{"192.0.2.7", "192.0.2.8"};
  auto& host = rig.begin();
  host.link(true, true);
  host.until(2s);
  host.hear(arp_reply(station(8), "192.0.2.8"));
  SECTION("down") {
    host.link(false, false);
  }
  SECTION("no carrier") {
    host.link(true, false);
  }
  SECTION("gone") {
    host.link(false, false, true);
  }
  CHECK(host.finished());
  const auto summaries = rig.finish();
  CHECK(summaries.at(0).verdict == claim_verdict::cannot_tell);
  const auto gone = host.all<neighbor_link_state>().back().now.gone;
  CHECK(summaries[0].why == (gone ? reason::interface_gone : reason::interface_down));
  CHECK(summaries[0].at == at(2s));
  CHECK(summaries.at(1).verdict == claim_verdict::in_use);  // what is known is known
  CHECK(host.all<neighbor_link_state>().size() == 2);
}

TEST_CASE("address claim: a link that is down from the start ends it before a probe", "[probe][claim]") {
  claim_rig rig;
  rig.machine.emplace(rig.config, rig.targets);
  rig.host.emplace(*rig.machine);
  rig.host->link(true, false);
  CHECK(rig.only().verdict == claim_verdict::cannot_tell);
  CHECK(rig.host->sent.empty());
}

TEST_CASE("address claim: another link's trouble is not ours", "[probe][claim]") {
  claim_rig rig{"192.0.2.7", "198.51.100.7"};
  auto other = our_link();
  other.interface = 3;
  other.hardware = other.frames.source = station(2);
  rig.config.links.push_back(other);
  const std::vector<std::uint8_t> link_of{0, 1};
  rig.config.link_of = link_of;
  auto& host = rig.begin();
  CHECK(host.sent.at(1).interface == 3);
  CHECK(host.said(1).owner == station(2));
  host.link(false, false, false, 9);
  CHECK(host.all<neighbor_link_state>().empty());
  host.hear(arp_reply(station(7), "198.51.100.7"));  // it is on the other link
  host.hear(arp_probe(station(2), "192.0.2.7"));     // RFC 5227 §2.1.1: of any of our interfaces
  host.link(false, false, false, 3);
  const auto summaries = rig.finish();
  CHECK(summaries.at(0).target == 1);
  CHECK(summaries[0].verdict == claim_verdict::cannot_tell);
  CHECK(summaries.at(1).verdict == claim_verdict::free);
  CHECK(summaries[1].looped);
}

TEST_CASE("address claim: cut short is not free, unless it was over", "[probe][claim]") {
  claim_rig rig;
  SECTION("by an interrupt") {
    auto& host = rig.begin();
    host.until(4999ms);
    host.feed(interrupt{});
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::cannot_tell);
    CHECK(summary.why == reason::none);
    CHECK(summary.at == at(4999ms));
  }
  SECTION("by the deadline") {
    rig.config.deadline = 3s;
    rig.begin();
    CHECK(rig.only().verdict == claim_verdict::cannot_tell);
    CHECK(rig.host->now >= at(3s));
  }
  SECTION("by a deadline at the very end") {
    rig.config.deadline = 5s;
    rig.begin();
    CHECK(rig.only().verdict == claim_verdict::free);
  }
  SECTION("after an objection") {
    auto& host = rig.begin();
    host.hear(arp_probe(station(7), "192.0.2.7"));
    host.feed(interrupt{});
    CHECK(rig.only().verdict == claim_verdict::conflict);
  }
}

TEST_CASE("address claim: without targets there is nothing to do", "[probe][claim]") {
  claim_rig rig{};
  rig.targets = {};
  auto& host = rig.begin();
  CHECK(host.finished());
  CHECK(host.events.empty());
}

TEST_CASE("address claim: every target goes its own way", "[probe][claim]") {
  claim_rig rig{"192.0.2.7", "192.0.2.8", "192.0.2.9"};
  auto& host = rig.begin();
  host.until(1s);
  host.hear(arp_reply(station(8), "192.0.2.8"));
  host.until(1600ms);
  host.hear(arp_probe(station(9), "192.0.2.9"));
  const auto summaries = rig.finish();
  CHECK(summaries.at(0).target == 1);
  CHECK(summaries.at(0).at == at(1100ms));
  CHECK(summaries.at(1).target == 2);
  CHECK(summaries.at(1).verdict == claim_verdict::conflict);
  CHECK(summaries.at(2).target == 0);
  CHECK(summaries.at(2).verdict == claim_verdict::free);
  CHECK(host.sent.size() == 3 + 1 + 2);
}
