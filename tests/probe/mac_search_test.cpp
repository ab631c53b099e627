// Every way of asking a station for its addresses, and what counts as an answer.
#include "libdiag/probe/mac_search.hpp"

#include <cerrno>
#include <initializer_list>

#include "libdiag/craft/frame.hpp"

#include "tests/catch.hpp"
#include "tests/probe/link_player.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::link_player;

namespace {

const auto wanted = station(7);
constexpr std::uint64_t our_tag = 0x1122334455667788;

struct search_rig {
  explicit search_rig(std::initializer_list<const char*> addresses = {"192.0.2.7", "192.0.2.8"}) {
    for (const auto* address : addresses) targets.add(ip(address));
    targets.seal();
    config.wanted = wanted;
    config.link = our_link();
    config.inverse = false;
    config.retries = 0;
    config.unlimited = true;
    config.identifier = 0x4242;
    config.tag = our_tag;
  }
  player<mac_search>& begin() {
    machine.emplace(config, targets);
    host.emplace(*machine);
    host->send_error = send_error;
    host->begin();
    return *host;
  }
  /// To the end, where the account holds what left and what was found.
  mac_search_summary finish() {
    host->finish();
    const auto summary = host->only<mac_search_summary>();
    CHECK(std::holds_alternative<mac_search_summary>(host->events.back()));
    CHECK(summary.sent + summary.not_sent == host->sent.size());
    std::vector<ip_address> first;
    for (const auto& one : host->all<mac_found>())
      if (!one.again) first.push_back(one.address);
    CHECK(first == summary.addresses);
    CHECK((summary.addresses.empty() || summary.present));
    return summary;
  }

  target_list targets{};
  mac_search_config config{};
  std::function<int(const player<mac_search>::departure&)> send_error{};
  std::optional<mac_search> machine{};
  std::optional<player<mac_search>> host{};
};

/// What answers one of our echo requests, as a host turns it around.
octets echo_reply(const mac_address& from, const char* source, std::uint16_t sequence,
                  std::uint64_t tag = our_tag, std::uint16_t identifier = 0x4242) {
  std::array<std::byte, 16> payload{};
  store_be64(payload, 0, tag);
  const auto address = ip(source);
  const craft::payload_fields rest{payload};
  craft::ethernet_fields head{our_mac, from, {}};
  const auto frame =
      address.is_v6()
          ? craft::build_frame(
                {head, craft::ipv6_fields{.source = address, .destination = ip("2001:db8::1")},
                 craft::icmpv6_fields{.type = 129, .identifier = identifier, .sequence = sequence}, rest})
          : craft::build_frame(
                {head, craft::ipv4_fields{.source = address, .destination = ip("192.0.2.1")},
                 craft::icmpv4_fields{.type = 0, .identifier = identifier, .sequence = sequence}, rest});
  return frame.value();
}

std::uint16_t operation_of(const octets& frame) {
  return load_be16(frame, 20);
}

}  // namespace

TEST_CASE("mac search: asks in every way, and the wanted station alone", "[probe][mac_search]") {
  search_rig rig{"192.0.2.7", "2001:db8::7"};
  rig.config.broadcasts = {ip("192.0.2.255"), ip("255.255.255.255"), ip("ff02::1")};
  rig.config.inverse = rig.config.reverse = true;
  auto& host = rig.begin();
  REQUIRE(host.sent.size() == 7);
  for (const auto& one : host.sent) {
    CHECK(std::ranges::equal(byte_view{one.frame}.first(6), wanted.octets));
    CHECK(std::ranges::equal(byte_view{one.frame}.subspan(6, 6), our_mac.octets));
    CHECK(one.interface == our_interface);
  }
  // Echo requests with sequences of their own, to everyone.
  CHECK(host.sent[0].frame.at(34) == std::byte{8});
  CHECK(load_be32(host.sent[0].frame, 30) == 0xc00002ff);
  CHECK(load_be16(host.sent[0].frame, 38) == 0x4242);
  CHECK(load_be16(host.sent[0].frame, 40) == 1);
  CHECK(load_be64(host.sent[0].frame, 42) == our_tag);
  CHECK(load_be32(host.sent[1].frame, 30) == 0xffffffff);
  CHECK(load_be16(host.sent[1].frame, 40) == 2);
  CHECK(host.sent[2].frame.at(54) == std::byte{128});
  CHECK(load_be16(host.sent[2].frame, 60) == 3);
  const auto inverse = host.said(3);
  CHECK(inverse.what == neighbor_message::kind::inverse_request);
  CHECK(inverse.claimed == ip("192.0.2.1"));
  CHECK(inverse.target_hardware == wanted);
  CHECK(operation_of(host.sent[4].frame) == 3);
  CHECK(load_be16(host.sent[4].frame, 12) == 0x8035);  // RFC 903
  CHECK(host.said(5).asked == ip("192.0.2.7"));
  CHECK(host.said(5).claimed == ip("192.0.2.1"));
  const auto solicited = host.said(6);
  CHECK(solicited.what == neighbor_message::kind::solicitation);
  CHECK(solicited.asked == ip("2001:db8::7"));
  CHECK(solicited.destination == ip("2001:db8::7"));
  CHECK(solicited.source == ip("2001:db8::1"));
  CHECK(solicited.owner == our_mac);
  const auto summary = rig.finish();
  CHECK(summary.sent == 7);
  CHECK(summary.elapsed == 1s);
  CHECK(summary.complete);
  CHECK_FALSE(summary.present);
}

TEST_CASE("mac search: without an address of our own it asks what can be answered", "[probe][mac_search]") {
  search_rig rig{"192.0.2.7", "2001:db8::7"};
  rig.config.broadcasts = {ip("192.0.2.255"), ip("ff02::1")};
  rig.config.link.v4 = ip("0.0.0.0");
  rig.config.link.v6 = {};
  auto& host = rig.begin();
  REQUIRE(host.sent.size() == 2);
  CHECK(host.said(0).what == neighbor_message::kind::probe);
  CHECK(host.said(1).what == neighbor_message::kind::probe);
  CHECK(host.said(1).destination == ip("ff02::1:ff00:7"));  // RFC 4861 §7.1.1
  CHECK(host.said(1).frame_destination == wanted);
  host.hear(advertisement(wanted, "2001:db8::7"));
  CHECK(host.only<mac_found>().how == mac_evidence::asked);
}

TEST_CASE("mac search: an answer to a question asked once has a time", "[probe][mac_search]") {
  search_rig rig;
  auto& host = rig.begin();
  host.until(3ms);
  host.hear(arp_reply(wanted, "192.0.2.8"));
  const auto found = host.only<mac_found>();
  CHECK(found.address == ip("192.0.2.8"));
  CHECK(found.how == mac_evidence::asked);
  CHECK(found.rtt == duration{3ms});
  CHECK(found.at == at(3ms));
  CHECK_FALSE(found.again);
  CHECK(found.said.owner == wanted);
  const auto summary = rig.finish();
  CHECK(summary.addresses == std::vector{ip("192.0.2.8")});
  CHECK(summary.answers == 1);
  CHECK(summary.at == at(1s));
  CHECK(summary.complete);
}

TEST_CASE("mac search: the owner counts, or the frame's source, and nobody else", "[probe][mac_search]") {
  search_rig rig;
  auto& host = rig.begin();
  SECTION("another station") {
    host.hear(arp_reply(station(8), "192.0.2.8"));
    const auto summary = rig.finish();
    CHECK(summary.addresses.empty());
    CHECK_FALSE(summary.present);
  }
  SECTION("stated under another frame source") {
    host.hear(arp{2, wanted, "192.0.2.8", "192.0.2.1", our_mac, station(9), our_mac}.frame());
    CHECK(rig.finish().addresses.size() == 1);
  }
  SECTION("its frame, another stated") {
    host.hear(arp{2, station(9), "192.0.2.8", "192.0.2.1", our_mac, wanted, our_mac}.frame());
    CHECK(rig.finish().addresses.size() == 1);
  }
  SECTION("its frame, unasked, another stated") {
    host.hear(arp{1, station(9), "192.0.2.8", "192.0.2.99", {}, wanted, {}}.frame());
    const auto summary = rig.finish();
    CHECK(summary.addresses.empty());
    CHECK(summary.present);
  }
  SECTION("on another link") {
    host.hear(arp_reply(wanted, "192.0.2.8"), our_interface + 1);
    CHECK_FALSE(rig.finish().present);
  }
}

TEST_CASE("mac search: echo replies are matched by identifier, sequence and tag", "[probe][mac_search]") {
  search_rig rig{"192.0.2.7"};
  rig.config.broadcasts = {ip("192.0.2.255"), ip("ff02::1")};
  auto& host = rig.begin();
  host.until(5ms);
  SECTION("ours") {
    host.hear(echo_reply(wanted, "192.0.2.66", 1));
    host.hear(echo_reply(wanted, "fe80::66", 2));
    const auto found = host.all<mac_found>();
    REQUIRE(found.size() == 2);
    CHECK(found[0].address == ip("192.0.2.66"));
    CHECK(found[0].how == mac_evidence::echo);
    CHECK(found[0].rtt == duration{5ms});
    CHECK(found[1].address == ip("fe80::66%2"));
    CHECK(rig.finish().answers == 2);
  }
  SECTION("another's: a router passes them on for the whole world") {
    host.hear(echo_reply(wanted, "203.0.113.9", 1, our_tag, 0x4243));
    CHECK(host.all<neighbor_rejected>().empty());
    const auto summary = rig.finish();
    CHECK(summary.addresses.empty());
    CHECK(summary.present);
  }
  SECTION("forged") {
    host.hear(echo_reply(wanted, "192.0.2.66", 1, our_tag + 1));
    host.hear(echo_reply(wanted, "192.0.2.66", 3));
    host.hear(echo_reply(wanted, "192.0.2.66", 0));
    const auto rejected = host.all<neighbor_rejected>();
    REQUIRE(rejected.size() == 3);
    CHECK(rejected[0].why == reject_reason::wrong_token);
    CHECK(rejected[1].why == reject_reason::future_sequence);
    CHECK(rig.finish().addresses.empty());
  }
  SECTION("from another station") {
    host.hear(echo_reply(station(8), "192.0.2.66", 1));
    CHECK_FALSE(rig.finish().present);
  }
}

TEST_CASE("mac search: InARP and RARP answer when they were asked", "[probe][mac_search]") {
  const auto inverse = arp{9, wanted, "192.0.2.66", "192.0.2.1", our_mac, {}, our_mac}.frame();
  const auto reverse = arp{4, station(9), "192.0.2.9", "192.0.2.67", wanted, {}, our_mac}.frame();
  search_rig rig;
  SECTION("both") {
    rig.config.inverse = rig.config.reverse = true;
    auto& host = rig.begin();
    host.until(2ms);
    host.hear(inverse);
    auto typed = reverse;
    store_be16(typed, 12, 0x8035);
    host.hear(typed);
    const auto found = host.all<mac_found>();
    REQUIRE(found.size() == 2);
    CHECK(found[0].address == ip("192.0.2.66"));
    CHECK(found[0].how == mac_evidence::inverse);
    CHECK(found[0].rtt == duration{2ms});
    CHECK(found[1].address == ip("192.0.2.67"));
    CHECK(found[1].how == mac_evidence::reverse);
  }
  SECTION("a RARP server speaks of others") {
    rig.config.reverse = true;
    auto& host = rig.begin();
    auto typed = arp{4, wanted, "192.0.2.9", "192.0.2.67", station(9), {}, our_mac}.frame();
    store_be16(typed, 12, 0x8035);
    host.hear(typed);
    const auto summary = rig.finish();
    CHECK(summary.present);
    CHECK(summary.addresses.empty());
  }
  SECTION("unasked InARP is a sighting") {
    auto& host = rig.begin();
    host.hear(inverse);
    CHECK(host.only<mac_found>().how == mac_evidence::sighting);
    CHECK_FALSE(host.only<mac_found>().rtt);
    CHECK(rig.finish().answers == 0);
  }
}

TEST_CASE("mac search: whatever names the owner is a sighting", "[probe][mac_search]") {
  const auto said = GENERATE(as<octets>{}, arp{1, wanted, "192.0.2.8", "192.0.2.99", {}, {}, {}}.frame(),
                             arp{2, wanted, "192.0.2.8", "192.0.2.8", {}, {}, {}}.frame(),
                             // The answer to another host's question.
                             arp_reply(wanted, "192.0.2.8", station(9)));
  search_rig rig;
  auto& host = rig.begin();
  host.until(1ms);
  host.hear(said);
  const auto found = host.only<mac_found>();
  CHECK(found.how == mac_evidence::sighting);
  CHECK(found.address == ip("192.0.2.8"));
  CHECK_FALSE(found.rtt);
  host.hear(arp_reply(wanted, "192.0.2.8"));
  host.hear(arp_reply(wanted, "192.0.2.8"));
  const auto both = host.all<mac_found>();
  REQUIRE(both.size() == 2);  // the same evidence is told once
  CHECK(both[1].again);
  CHECK(both[1].how == mac_evidence::asked);
  const auto summary = rig.finish();
  CHECK(summary.addresses.size() == 1);
  CHECK(summary.answers == 2);
}

TEST_CASE("mac search: IPv6 sightings and answers", "[probe][mac_search]") {
  search_rig rig{"2001:db8::7", "fe80::7%2"};
  auto& host = rig.begin();
  host.hear(solicitation(wanted, "2001:db8::7", "2001:db8::1"));
  host.hear(advertisement(wanted, "2001:db8::7"));  // unsolicited: answers nothing
  host.hear(advertisement(wanted, "2001:db8::7", "2001:db8::1", true));
  host.hear(advertisement(wanted, "fe80::7", "fe80::1", true));
  const auto found = host.all<mac_found>();
  REQUIRE(found.size() == 3);
  CHECK(found[0].how == mac_evidence::sighting);
  CHECK(found[1].how == mac_evidence::asked);
  CHECK(found[1].again);
  CHECK(found[2].address == ip("fe80::7%2"));
  CHECK_FALSE(found[2].again);
}

TEST_CASE("mac search: a station without an address has none", "[probe][mac_search]") {
  search_rig rig;
  auto& host = rig.begin();
  host.hear(arp_probe(wanted, "192.0.2.8"));
  host.hear(arp{2, wanted, "0.0.0.0", "192.0.2.1", {}, {}, {}}.frame());
  host.hear(arp{2, wanted, "224.0.0.1", "192.0.2.1", {}, {}, {}}.frame());
  const auto summary = rig.finish();
  CHECK(summary.present);
  CHECK(summary.addresses.empty());
}

TEST_CASE("mac search: everything again while nothing came", "[probe][mac_search]") {
  search_rig rig;
  rig.config.broadcasts = {ip("192.0.2.255")};
  rig.config.retries = 2;
  SECTION("and nothing does") {
    auto& host = rig.begin();
    const auto summary = rig.finish();
    CHECK(summary.sent == 9);
    CHECK(summary.elapsed == 3s);
    CHECK(host.sent.at(3).when == at(1s));
    CHECK(load_be16(host.sent.at(3).frame, 40) == 2);
    CHECK(load_be16(host.sent.at(6).frame, 40) == 3);
    CHECK(summary.complete);
  }
  SECTION("an answer ends it, and its time is uncertain") {
    auto& host = rig.begin();
    host.until(1s + 4ms);
    REQUIRE(host.sent.size() == 6);
    host.hear(arp_reply(wanted, "192.0.2.8"));
    CHECK_FALSE(host.only<mac_found>().rtt);
    host.hear(echo_reply(wanted, "192.0.2.66", 2));
    CHECK(host.all<mac_found>().back().rtt == duration{4ms});  // its sequence says which
    host.hear(echo_reply(wanted, "192.0.2.67", 1));
    CHECK(host.all<mac_found>().back().rtt == duration{1s + 4ms});
    const auto summary = rig.finish();
    CHECK(summary.sent == 6);
    CHECK(summary.at == at(2s));
  }
  SECTION("a sign of life is enough") {
    auto& host = rig.begin();
    host.hear(arp_probe(wanted, "192.0.2.8"));
    CHECK(rig.finish().sent == 3);
  }
  SECTION("of whatever kind") {
    auto& host = rig.begin();
    craft::ethernet_fields head{our_mac, wanted, {}};
    const auto solicited_router = craft::build_frame(
        {head, craft::ipv6_fields{.hop_limit = 255, .source = ip("fe80::7"), .destination = ip("ff02::2")},
         craft::icmpv6_fields{.type = 133}});
    host.hear(solicited_router.value());
    CHECK(rig.finish().sent == 3);
  }
}

TEST_CASE("mac search: ends at the first find if told so", "[probe][mac_search]") {
  search_rig rig;
  rig.config.stop_at_first = true;
  auto& host = rig.begin();
  host.until(7ms);
  host.hear(arp_reply(wanted, "192.0.2.8"));
  CHECK(host.finished());
  const auto summary = rig.finish();
  CHECK(summary.at == at(7ms));
  CHECK_FALSE(summary.complete);
}

TEST_CASE("mac search: keeps its pace", "[probe][mac_search]") {
  search_rig rig;
  rig.targets = {};
  rig.targets.add(ip("198.18.0.0"), 100);
  rig.targets.seal();
  rig.config.unlimited = false;
  rig.config.rate = 100;
  auto& host = rig.begin();
  CHECK(host.sent.size() == 1);
  host.until(495ms);
  CHECK(host.sent.size() == 50);
  // What comes before its question answers none.
  host.hear(arp_reply(wanted, "198.18.0.50"));
  CHECK(host.only<mac_found>().how == mac_evidence::sighting);
  const auto summary = rig.finish();
  CHECK(summary.sent == 100);
  CHECK(summary.elapsed == 990ms + 1s);
}

TEST_CASE("mac search: what did not leave is counted, and leaves it incomplete", "[probe][mac_search]") {
  search_rig rig;
  rig.send_error = [](const auto& one) { return one.token == 2 ? ENOBUFS : 0; };
  auto& host = rig.begin();
  host.feed(send_failed{2, EPERM});  // told twice
  host.feed(send_failed{0, EPERM});
  host.feed(send_failed{99, EPERM});
  const auto summary = rig.finish();
  CHECK(summary.sent == 1);
  CHECK(summary.not_sent == 1);
  CHECK(summary.last_error == reason::local_queue_full);
  CHECK_FALSE(summary.complete);
}

TEST_CASE("mac search: ends with its link, its time, or the user's patience", "[probe][mac_search]") {
  search_rig rig;
  rig.config.deadline = 500ms;
  auto& host = rig.begin();
  host.until(200ms);
  auto end = 200ms;
  auto why = reason::none;
  SECTION("down") {
    host.link(true, true);
    host.link(true, false);
    why = reason::interface_down;
    CHECK(host.all<neighbor_link_state>().size() == 2);
  }
  SECTION("gone") {
    host.link(false, false, true);
    why = reason::interface_gone;
  }
  SECTION("interrupt") {
    host.link(false, false, true, our_interface + 1);  // another's
    host.feed(interrupt{});
  }
  SECTION("deadline") {
    end = 500ms;
  }
  const auto summary = rig.finish();
  CHECK(summary.at == at(end));
  CHECK(summary.last_error == why);
  CHECK_FALSE(summary.complete);
}

TEST_CASE("mac search: nothing to ask is done at once", "[probe][mac_search]") {
  search_rig rig;
  rig.targets = {};
  rig.begin();
  CHECK(rig.host->finished());
  const auto summary = rig.finish();
  CHECK(summary.complete);
  CHECK(summary.elapsed == 0s);
}

TEST_CASE("mac search: what cannot be believed is told", "[probe][mac_search]") {
  search_rig rig;
  auto& host = rig.begin();
  host.hear(arp{77, wanted, "192.0.2.8", "192.0.2.1", {}, {}, {}}.frame());
  host.hear(arp{77, station(9), "192.0.2.8", "192.0.2.1", {}, {}, {}}.frame());
  CHECK(host.only<neighbor_rejected>().why == reject_reason::bad_operation);
  CHECK(rig.finish().addresses.empty());
}

TEST_CASE("mac search: 65,536 targets, all answered, and a liar's thousands", "[probe][mac_search]") {
  search_rig rig;
  rig.targets = {};
  rig.targets.add(*parse_prefix("198.18.0.0/16"));
  rig.targets.seal();
  auto& host = rig.begin();
  REQUIRE(host.sent.size() == 65'536);
  host.until(1ms);
  // Proxy ARP answers for all; the times of the last questions are remembered.
  craft::link_fields link;
  link.source = wanted;
  for (std::uint32_t i = 0; i < 65'536; ++i) {
    craft::arp_fields fields{.operation = 2, .sender_hardware = wanted};
    fields.sender_protocol = ip("198.18.0.0").plus(i);
    if (i % 512 != 0 && i < 65'000) continue;
    craft::arp_template reply{link, fields};
    const auto view = reply.stamp(our_mac, ip("192.0.2.1"), our_mac);
    host.hear({view.begin(), view.end()});
  }
  const auto found = host.all<mac_found>();
  CHECK(found.size() == 127 + 536);
  CHECK_FALSE(found.front().rtt);
  CHECK(found.back().rtt == duration{1ms});
  for (std::uint32_t i = 0; i < 2000; ++i) {
    craft::arp_fields fields{.operation = 1, .sender_hardware = wanted};
    fields.sender_protocol = ip("203.0.113.0").plus(i);
    craft::arp_template claim{link, fields};
    const auto view = claim.stamp(broadcast_mac, ip("192.0.2.99"));
    host.hear({view.begin(), view.end()});
  }
  const auto summary = rig.finish();
  CHECK(summary.addresses.size() == 127 + 536 + 1024);
  CHECK(summary.complete);
}

TEST_CASE("mac search: evidence has names", "[probe][mac_search]") {
  CHECK(describe(mac_evidence::echo) == "echo");
  CHECK(describe(mac_evidence::inverse) == "inarp");
  CHECK(describe(mac_evidence::reverse) == "rarp");
  CHECK(describe(mac_evidence::asked) == "asked");
  CHECK(describe(mac_evidence::sighting) == "seen");
}
