// Announcing and defending by RFC 5227 §2.3 and §2.4, and what IPv6 does differently (RFC 4862 §5.4).
#include <cerrno>

#include "libdiag/probe/address_claim.hpp"

#include "tests/catch.hpp"
#include "tests/probe/claim_rig.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::link_player;
using step = claim_step::kind;
using times = std::vector<duration>;

TEST_CASE("address claim: announces twice, two seconds apart, what is free", "[probe][claim]") {
  claim_rig rig;
  rig.config.announce = true;
  auto& host = rig.begin();
  const auto summary = rig.only();
  CHECK(rig.departures() == times{0s, 1500ms, 3s, 5s, 7s});
  CHECK(summary.verdict == claim_verdict::free);
  CHECK(summary.announcements == 2);
  CHECK(summary.at == at(7100ms));  // the last one is listened after
  const auto announced = rig.steps(step::announced);
  REQUIRE(announced.size() == 2);
  CHECK(announced[1].number == 2);
  CHECK(announced[1].at == at(7s));
  const auto said = host.said(3);
  CHECK(said.what == neighbor_message::kind::announcement);
  CHECK(said.claimed == ip("192.0.2.7"));
  CHECK(said.asked == ip("192.0.2.7"));
  CHECK(said.owner == our_mac);
  CHECK(said.target_hardware == mac_address{});
  CHECK(said.frame_destination == broadcast_mac);
}

TEST_CASE("address claim: announces nothing that is not free", "[probe][claim]") {
  claim_rig rig;
  rig.config.announce = rig.config.defend = true;
  auto& host = rig.begin();
  host.until(4s);
  host.hear(arp_reply(station(7), "192.0.2.7"));
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::in_use);
  CHECK(summary.announcements == 0);
}

TEST_CASE("address claim: announces alone, at once", "[probe][claim]") {
  claim_rig rig{"192.0.2.7", "2001:db8::7"};
  rig.config.probe = false;
  SECTION("as a request") {
    auto& host = rig.begin();
    CHECK(host.sent.at(0).frame.at(21) == std::byte{1});
    CHECK_FALSE(host.said(1).override_flag);
  }
  SECTION("as a reply") {
    rig.config.announce_as = claim_config::form::reply;
    auto& host = rig.begin();
    CHECK(host.sent.at(0).frame.at(21) == std::byte{2});
    CHECK(host.said(0).target_hardware == our_mac);
    CHECK(host.said(1).override_flag);
  }
  const auto advertised = rig.host->said(1);
  CHECK(advertised.what == neighbor_message::kind::advertisement);
  CHECK(advertised.claimed == ip("2001:db8::7"));
  CHECK(advertised.owner == our_mac);
  CHECK(advertised.source == ip("2001:db8::7"));
  CHECK(advertised.destination == ip("ff02::1"));
  CHECK_FALSE(advertised.solicited);
  const auto summaries = rig.finish();
  CHECK(rig.departures() == times{0s, 0s, 2s});
  CHECK(summaries.at(0).at == at(100ms));
  CHECK(summaries.at(1).at == at(2100ms));
  for (const auto& one : summaries) {
    CHECK(one.probes == 0);
    CHECK(one.verdict == claim_verdict::free);
  }
}

TEST_CASE("address claim: who announces and does not defend gives way at once", "[probe][claim]") {
  claim_rig rig;
  rig.config.probe = false;
  auto& host = rig.begin();
  host.until(1s);
  host.hear(arp_reply(station(7), "192.0.2.7"));
  host.hear(arp_reply(station(8), "192.0.2.7"));
  CHECK(rig.steps(step::gave_up).size() == 1);
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::conflict);
  CHECK(summary.owners.size() == 2);
  CHECK(summary.announcements == 1);
  CHECK(summary.at == at(1100ms));
}

TEST_CASE("address claim: announces until told to end", "[probe][claim]") {
  claim_rig rig;
  rig.config.probe = false;
  rig.config.endless = true;
  SECTION("by an interrupt") {
    auto& host = rig.begin();
    host.until(9s);
    host.feed(interrupt{});
  }
  SECTION("by the deadline") {
    rig.config.deadline = 9s;
    rig.begin();
  }
  const auto summary = rig.only();
  CHECK(rig.departures() == times{0s, 2s, 4s, 6s, 8s});
  CHECK(summary.verdict == claim_verdict::free);
  CHECK(summary.at == at(9s));
}

TEST_CASE("address claim: announcements cut short are no success, alone", "[probe][claim]") {
  claim_rig rig;
  rig.config.announce = true;
  SECTION("announced only") {
    rig.config.probe = false;
    auto& host = rig.begin();
    host.until(1s);
    host.feed(interrupt{});
    CHECK(rig.only().verdict == claim_verdict::cannot_tell);
  }
  SECTION("but what was probed for is free") {
    auto& host = rig.begin();
    host.until(6s);
    host.feed(interrupt{});
    CHECK(rig.only().verdict == claim_verdict::free);
  }
}

TEST_CASE("address claim: an announcement that does not leave", "[probe][claim]") {
  claim_rig rig;
  rig.config.announce = true;
  int failures = 1;
  rig.send_error = [&](const auto& one) { return one.when >= at(7s) && failures-- > 0 ? ENETDOWN : 0; };
  SECTION("is tried again") {
    rig.begin();
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::free);
    CHECK(rig.departures() == times{0s, 1500ms, 3s, 5s, 7s, 8s});
    CHECK(summary.announcements == 2);
  }
  SECTION("and again does not, ends it") {
    failures = 2;
    rig.begin();
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::cannot_tell);
    CHECK(summary.why == reason::interface_down);
    CHECK(summary.at == at(8s));
  }
}

TEST_CASE("address claim: one conflict is defended with one announcement", "[probe][claim]") {
  claim_rig rig;
  rig.config.defend = true;
  auto& host = rig.begin();
  host.until(20s);
  REQUIRE(host.sent.size() == 5);  // it announces, too (RFC 5227 §2.3)
  host.hear(arp_reply(station(7), "192.0.2.7"));
  REQUIRE(host.sent.size() == 6);
  CHECK(host.sent[5].when == at(20s));
  CHECK(host.said(5).what == neighbor_message::kind::announcement);
  const auto defended = rig.steps(step::defended);
  REQUIRE(defended.size() == 1);
  CHECK(defended[0].at == at(20s));
  SECTION("another within DEFEND_INTERVAL loses it") {
    host.until(30s);
    host.hear(arp_reply(station(7), "192.0.2.7"));
    CHECK(rig.steps(step::gave_up).size() == 1);
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::conflict);
    CHECK(summary.owners == std::vector{station(7)});
    CHECK(summary.defences == 1);
    CHECK(summary.at == at(30100ms));
  }
  SECTION("another after it is defended again") {
    host.until(30s + 1ns);
    host.hear(arp_reply(station(7), "192.0.2.7"));
    host.until(60s);
    host.feed(interrupt{});
    const auto summary = rig.only();
    CHECK(summary.verdict == claim_verdict::free);
    CHECK(summary.defences == 2);
    CHECK(summary.objections == 2);
  }
  SECTION("without a link it holds nothing") {
    host.link(true, false);
    CHECK(rig.only().verdict == claim_verdict::cannot_tell);
  }
}

TEST_CASE("address claim: what is held for days is held", "[probe][claim]") {
  claim_rig rig;
  rig.config.defend = true;
  auto& host = rig.begin();
  host.until(48h);
  CHECK_FALSE(host.finished());
  CHECK(host.sent.size() == 5);
  host.feed(interrupt{});
  CHECK(host.finished());
  CHECK(rig.only().verdict == claim_verdict::free);
}

TEST_CASE("address claim: a defence between two announcements moves neither", "[probe][claim]") {
  claim_rig rig;
  rig.config.defend = true;
  auto& host = rig.begin();
  host.until(6s);
  host.hear(arp_reply(station(7), "192.0.2.7"));
  host.until(9s);
  CHECK(rig.departures() == times{0s, 1500ms, 3s, 5s, 6s, 7s});
  host.feed(interrupt{});
  const auto summary = rig.only();
  CHECK(summary.announcements == 2);
  CHECK(summary.defences == 1);
}

TEST_CASE("address claim: who probes for what is held is told, a second apart, and takes nothing",
          "[probe][claim]") {
  claim_rig rig;
  rig.config.defend = true;
  auto& host = rig.begin();
  host.until(20s);
  for (int i = 0; i < 5; ++i) host.hear(arp_probe(station(7), "192.0.2.7"));
  host.until(25s);
  CHECK(rig.steps(step::gave_up).empty());
  const auto defended = rig.steps(step::defended);
  REQUIRE(defended.size() == 2);
  CHECK(defended[0].at == at(20s));
  CHECK(defended[1].at == at(21s));
  host.feed(interrupt{});
  CHECK(rig.only().verdict == claim_verdict::free);
}

namespace {
claim_rig six() {
  return claim_rig{"2001:db8::1:7"};
}
}  // namespace

TEST_CASE("address claim: IPv6 asks once, from nowhere, with a nonce", "[probe][claim]") {
  auto rig = six();
  auto& host = rig.begin();
  const auto said = host.said(0);
  CHECK(said.what == neighbor_message::kind::probe);
  CHECK(said.source.is_unspecified());
  CHECK(said.destination == ip("ff02::1:ff01:7"));
  CHECK(to_string(said.frame_destination) == "33:33:ff:01:00:07");
  CHECK(said.asked == ip("2001:db8::1:7"));
  CHECK(said.nonce);
  const auto summary = rig.only();
  CHECK(rig.departures() == times{0s});
  CHECK(summary.verdict == claim_verdict::free);
  CHECK(summary.at == at(1s));  // RetransTimer
}

TEST_CASE("address claim: IPv6 probes are RetransTimer apart, each with a nonce of its own",
          "[probe][claim]") {
  auto rig = six();
  rig.config.v6.probes = 3;
  auto& host = rig.begin();
  CHECK(rig.only().at == at(3s));
  CHECK(rig.departures() == times{0s, 1s, 2s});
  CHECK(host.said(0).nonce != host.said(1).nonce);
  CHECK(host.said(1).nonce != host.said(2).nonce);
}

TEST_CASE("address claim: IPv6 advertisements say that it is in use", "[probe][claim]") {
  const auto said = GENERATE(as<octets>{}, advertisement(station(7), "2001:db8::1:7"),
                             advertisement(station(7), "2001:db8::1:7", "ff02::1", false, false),
                             advertisement(station(7), "2001:db8::1:7", "2001:db8::1", true, true),
                             // Who asks from it has it.
                             solicitation(station(7), "2001:db8::1:7", "2001:db8::99"));
  auto rig = six();
  auto& host = rig.begin();
  host.until(10ms);
  host.hear(said);
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::in_use);
  CHECK(summary.owners == std::vector{station(7)});
  CHECK(summary.at == at(110ms));
  CHECK(host.only<claim_objection>().since_probe == 10ms);
}

TEST_CASE("address claim: IPv6 probes of others conflict, questions do not", "[probe][claim]") {
  auto rig = six();
  auto& host = rig.begin();
  SECTION("a probe without a nonce") {
    host.hear(solicitation(station(7), "::", "2001:db8::1:7"));
    CHECK(rig.only().verdict == claim_verdict::conflict);
  }
  SECTION("a probe with a nonce of theirs") {
    host.hear(solicitation(station(7), "::", "2001:db8::1:7", nonce_octets{std::byte{9}}));
    CHECK(rig.only().verdict == claim_verdict::conflict);
  }
  SECTION("resolution") {
    host.hear(solicitation(station(7), "2001:db8::9", "2001:db8::1:7"));
    CHECK(rig.only().verdict == claim_verdict::free);
  }
}

TEST_CASE("address claim: an IPv6 probe that loops back is known by its nonce", "[probe][claim]") {
  auto rig = six();
  rig.config.v6.probes = 2;
  auto& host = rig.begin();
  host.until(1500ms);
  const auto first = host.said(0).nonce;
  REQUIRE(first);
  SECTION("from another hardware address") {
    host.hear(solicitation(station(7), "::", "2001:db8::1:7", *first));
  }
  SECTION("from our own") {
    host.hear(host.sent.at(1).frame);
  }
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::free);
  CHECK(summary.looped);
  CHECK(summary.objections == 0);
}

TEST_CASE("address claim: a link-local address belongs to its link", "[probe][claim]") {
  claim_rig rig{"fe80::7%2"};
  auto& host = rig.begin();
  host.hear(advertisement(station(7), "fe80::7"));
  CHECK(rig.only().verdict == claim_verdict::in_use);
}

TEST_CASE("address claim: IPv6 is announced and defended by unsolicited advertisements", "[probe][claim]") {
  auto rig = six();
  rig.config.defend = true;
  auto& host = rig.begin();
  host.until(3s);
  CHECK(rig.departures() == times{0s, 1s});
  host.hear(solicitation(station(7), "::", "2001:db8::1:7"));
  host.hear(advertisement(station(8), "2001:db8::1:7"));
  host.until(5s);
  REQUIRE(host.sent.size() >= 3);
  CHECK(host.said(2).what == neighbor_message::kind::advertisement);
  host.hear(advertisement(station(8), "2001:db8::1:7"));
  CHECK(rig.only().verdict == claim_verdict::conflict);
}

TEST_CASE("address claim: a storm is counted, and sixteen owners are named", "[probe][claim]") {
  claim_rig rig;
  auto& host = rig.begin();
  for (unsigned i = 10; i < 60; ++i) host.hear(arp_reply(station(i), "192.0.2.7"));
  const auto summary = rig.only();
  CHECK(summary.verdict == claim_verdict::conflict);
  CHECK(summary.objections == 50);
  CHECK(summary.owners.size() == 16);
}

TEST_CASE("address claim: whatever happens, every target gets one verdict, and nothing false is free",
          "[probe][claim]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    seeded_random random{seed};
    claim_rig rig{"192.0.2.7", "192.0.2.8", "2001:db8::1:7", "fe80::7%2"};
    rig.config.v4 = claim_timing::rfc5227();
    rig.config.v6 = claim_timing::rfc4862();
    rig.config.seed = seed;
    rig.config.probe = random.below(4) != 0;
    rig.config.announce = random.below(2) != 0;
    rig.config.defend = random.below(3) == 0;
    rig.config.endless = random.below(4) == 0;
    rig.send_error = [&](const auto&) { return random.below(10) == 0 ? ENOBUFS : 0; };
    auto& host = rig.begin();
    const char* const addresses[] = {"192.0.2.7", "192.0.2.8", "192.0.2.9"};
    const char* const others[] = {"2001:db8::1:7", "fe80::7", "fe80::8"};
    duration clock{};
    for (int i = 0; i < 20 && !host.finished(); ++i) {
      clock += duration{static_cast<std::int64_t>(random.below(2'000'000'000))};
      host.until(clock);
      const auto from = station(static_cast<unsigned>(1 + random.below(12)));
      const auto* four = addresses[random.below(3)];
      const auto* six = others[random.below(3)];
      switch (random.below(24)) {
        case 0:
          host.hear(arp_reply(from, four));
          break;
        case 1:
          host.hear(arp_probe(from, four));
          break;
        case 2:
          host.hear(advertisement(from, six));
          break;
        case 3:
          host.hear(solicitation(from, "::", six));
          break;
        case 4:
          host.feed(sent{random(), {host.now, stamp_source::user}});
          break;
        case 5:
          host.feed(send_failed{random.below(8) << 32 | random.below(5), ENXIO});
          break;
        case 6:
          host.feed(receiver_dropped{1});
          break;
        case 7:
          if (!host.sent.empty()) host.hear(host.sent.back().frame);
          break;
        default:
          break;
      }
    }
    host.feed(interrupt{});
    CHECK(host.finished());
    INFO("seed " << seed);
    rig.finish();
  }
}

TEST_CASE("address claim: verdicts have names", "[probe][claim]") {
  CHECK(describe(claim_verdict::free) == "free");
  CHECK(describe(claim_verdict::in_use) == "in-use");
  CHECK(describe(claim_verdict::conflict) == "conflict");
  CHECK(describe(claim_verdict::cannot_tell) == "cannot-tell");
}
