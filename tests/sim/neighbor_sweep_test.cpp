// Many addresses at once: only the silent are asked again, every owner is kept, and what is odd about the
// owners is found, and nothing else.
#include "tests/catch.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;
using finding = probe::neighbor_finding::kind;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

/// Hosts 10 to 49 of the link, each with a hardware address of its own.
void populate(neighbor_stage& trial, ip_family family) {
  for (std::uint8_t i = 10; i < 50; ++i) trial.segment.add(plain_host(family, i));
}

/// Asks for hosts 2 to 61, the silent once more, with second looks that are waited for.
void ask_all(neighbor_stage& trial, ip_family family) {
  trial.ask(on_link(family, 2), 60);
  trial.config.rounds = 2;
  trial.config.only_silent = true;
  trial.config.timeout = 500ms;
  trial.config.interval = 0ms;
  trial.config.looks = true;
  trial.config.await_looks = true;
  trial.config.impossible = {on_link(family, 200)};
}

/// Which targets have how many owners: "10 11 12:2".
std::string owned(const neighbor_stage& trial) {
  std::string out;
  for (std::uint32_t i = 0; i < trial.targets.size(); ++i) {
    const auto owners = trial.summary(i).owners.size();
    if (owners == 0) continue;
    out += (out.empty() ? "" : " ") + std::to_string(i + 2);
    if (owners > 1) out += ":" + std::to_string(owners);
  }
  return out;
}

std::string expected(std::uint8_t twice = 0) {
  std::string out;
  for (int i = 10; i < 50; ++i)
    out += (out.empty() ? "" : " ") + std::to_string(i) + (i == twice ? ":2" : "");
  return out;
}

}  // namespace

TEST_CASE("neighbour sweep: finds all that is there and asks only the silent again", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  ask_all(trial, family);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected());
  const auto& totals = trial.machine->totals();
  CHECK(totals.targets == 60);
  CHECK(totals.in_use == 40);
  CHECK(totals.conflicts == 0);
  CHECK(totals.sent == 60 + 20);
  CHECK(totals.received == 40);
  CHECK(totals.lost == 40);
  CHECK(trial.findings() == "");
  CHECK(trial.elapsed() <= 1s + 600ms);
}

TEST_CASE("neighbour sweep: a lossy link costs a round, not hosts", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial{11};
  for (std::uint8_t i = 10; i < 50; ++i) {
    auto host = plain_host(family, i);
    host.loss = 0.3;
    host.duplicate = 0.1;
    trial.segment.add(host);
  }
  ask_all(trial, family);
  trial.config.looks = false;
  trial.config.rounds = 8;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected());
}

TEST_CASE("neighbour sweep: a conflict is found among many", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  auto other = plain_host(family, 20);
  other.macs = {host_mac(120)};
  other.delay = latency::fixed(4ms);
  trial.segment.add(other);
  ask_all(trial, family);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected(20));
  CHECK(trial.owners(18) == "20 120");
  CHECK(trial.findings() == "conflict@20");
  CHECK(trial.machine->totals().conflicts == 1);
}

TEST_CASE("neighbour sweep: one owner of several addresses is told from a proxy", "[sim][neighbor]") {
  const auto family = either();
  const auto proxy = GENERATE(false, true);
  neighbor_stage trial;
  populate(trial, family);
  station_config many;
  many.macs = {host_mac(99)};
  for (std::uint8_t i = 50; i < 60; ++i) many.addresses.push_back(on_link(family, i));
  if (proxy) many.also = [](const ip_address& address) { return address.bytes().back() >= std::byte{60}; };
  trial.segment.add(many);
  ask_all(trial, family);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.machine->totals().in_use == (proxy ? 52U : 50U));
  CHECK(trial.findings() == (proxy ? "proxy-arp@200" : "many-addresses#99"));
  const auto found = trial.oddities();
  REQUIRE(found.size() == 1);
  CHECK(found[0].mac == host_mac(99));
  if (!proxy) CHECK(found[0].count == 10);
}

TEST_CASE("neighbour sweep: a proxy that answers for all but its own subnet is no owner of it",
          "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  const ip_prefix own{on_link(family, 0), static_cast<std::uint8_t>(family == ip_family::v4 ? 24 : 64)};
  station_config proxy;
  proxy.macs = {host_mac(99)};
  proxy.addresses = {on_link(family, 60), on_link(family, 61)};
  proxy.also = [own](const ip_address& address) { return !own.contains(address); };
  trial.segment.add(proxy);
  ask_all(trial, family);
  const auto elsewhere = *parse_ip(family == ip_family::v4 ? "198.51.100.200" : "2001:db8:1::c8");
  trial.config.impossible = {elsewhere};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected() + " 60 61");
  CHECK(trial.findings() == "proxy-arp@200");
}

TEST_CASE("neighbour sweep: ARP flux is one host, not a conflict", "[sim][neighbor]") {
  neighbor_stage trial;
  populate(trial, ip_family::v4);
  station_config both;
  both.macs = {host_mac(97), host_mac(98)};
  both.addresses = {on_link(ip_family::v4, 55), on_link(ip_family::v4, 56)};
  trial.segment.add(both);
  ask_all(trial, ip_family::v4);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected() + " 55:2 56:2");
  const auto found = trial.oddities();
  for (const auto& one : found) CHECK(one.what == finding::flux);
  CHECK_FALSE(found.empty());
}

TEST_CASE("neighbour sweep: deaf to unicast, and deaf to broadcast", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  auto shy = plain_host(family, 55);
  shy.hears_unicast = false;
  trial.segment.add(shy);
  auto deaf = plain_host(family, 56);
  deaf.hears_broadcast = false;
  trial.segment.add(deaf);
  ask_all(trial, family);
  trial.config.known = {{on_link(family, 56), host_mac(56)}, {on_link(family, 20), host_mac(20)}};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected() + " 55 56");
  CHECK(trial.findings() == "broadcast-only@55 unicast-only@56");
}

TEST_CASE("neighbour sweep: what an owner is not is found once each", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  const auto add = [&](std::uint8_t number, auto&& edit) {
    auto host = plain_host(family, number);
    edit(host);
    trial.segment.add(host);
  };
  add(51, [](station_config& host) { host.frame_source = host_mac(151); });
  add(52, [](station_config& host) { host.macs = {*parse_mac("02:00:5e:00:53:01")}; });
  add(53, [](station_config& host) { host.macs = {*parse_mac("00:00:5e:00:01:07")}; });
  ask_all(trial, family);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected() + " 51 52 53");
  std::vector<finding> kinds;
  for (const auto& one : trial.oddities()) kinds.push_back(one.what);
  CHECK(kinds == std::vector{finding::spoofed, finding::locally_administered, finding::virtual_router});
}

TEST_CASE("neighbour sweep: a router without the override flag, as the RFC has proxies", "[sim][neighbor]") {
  neighbor_stage trial;
  populate(trial, ip_family::v6);
  auto host = plain_host(ip_family::v6, 51);
  host.override_entry = false;
  host.router = true;
  trial.segment.add(host);
  auto terse = plain_host(ip_family::v6, 52);
  terse.states_mac = false;  // RFC 4861 §4.4 allows it in answers to unicast alone
  trial.segment.add(terse);
  ask_all(trial, ip_family::v6);
  trial.run();
  CHECK(trial.breach() == "");
  const auto owners = trial.summary(49).owners;
  REQUIRE(owners.size() == 1);
  CHECK(owners[0].router);
  CHECK_FALSE(owners[0].override_flag);
  CHECK(trial.findings() == "no-override@51");
}

TEST_CASE("neighbour sweep: a reply to somebody else's hardware address is believed, and said",
          "[sim][neighbor]") {
  neighbor_stage trial;
  populate(trial, ip_family::v4);
  auto host = plain_host(ip_family::v4, 51);
  host.target_hardware = host_mac(151);
  trial.segment.add(host);
  auto loud = plain_host(ip_family::v4, 52);
  loud.replies_to_all = true;
  trial.segment.add(loud);
  ask_all(trial, ip_family::v4);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected() + " 51 52");
  CHECK(trial.findings() == "wrong-target@51");
  CHECK(trial.summary(50).owners.at(0).broadcasts);
}

TEST_CASE("neighbour sweep: answers under another tag do not leak in", "[sim][neighbor]") {
  const auto family = either();
  const auto tagged = GENERATE(false, true);
  neighbor_stage trial;
  populate(trial, family);
  if (tagged) trial.config.links[0].frames.tags = {{10, 0, false, {}}};
  auto leak = plain_host(family, 51);
  leak.tags = tagged ? std::vector<frame_tag>{} : std::vector<frame_tag>{{10, 0x8100, 0}};
  trial.segment.add(leak);
  auto other = plain_host(family, 20);  // the same address as one that answers well
  other.macs = {host_mac(120)};
  other.tags = {{11, 0x8100, 0}};
  trial.segment.add(other);
  ask_all(trial, family);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected());
  CHECK(trial.findings() == "vlan-leak@20 vlan-leak@51");
}

TEST_CASE("neighbour sweep: a rate is kept", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  populate(trial, family);
  ask_all(trial, family);
  trial.config.rate = 100;
  std::vector<mono_time> left;
  trial.segment.tap = [&](const seen_frame&) { left.push_back(trial.segment.net.now()); };
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(owned(trial) == expected());
  for (std::size_t i = 0; i + 110 < left.size(); ++i) CHECK(left[i + 110] - left[i] >= 1s);
}

TEST_CASE("neighbour sweep: each round's timeout grows by the back-off", "[sim][neighbor]") {
  neighbor_stage trial;
  trial.ask(on_link(ip_family::v4, 2), 4);
  trial.config.rounds = 3;
  trial.config.only_silent = true;
  trial.config.timeout = 100ms;
  trial.config.interval = 0ms;
  trial.config.backoff = 2;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.machine->totals().lost == 12);
  CHECK(trial.elapsed() >= 700ms);
  CHECK(trial.elapsed() <= 720ms);
}

TEST_CASE("neighbour sweep: a link that goes down ends it, and calls nobody silent", "[sim][neighbor]") {
  const auto family = either();
  const auto what = GENERATE(link_outage::kind::down, link_outage::kind::no_carrier, link_outage::kind::gone);
  neighbor_stage trial;
  populate(trial, family);
  ask_all(trial, family);
  trial.config.looks = false;
  trial.config.rate = 50;
  trial.options.outages = {{mono_time{} + 310ms, mono_time{} + 700ms, what}};
  trial.run();
  CHECK(trial.breach(true) == "");
  const auto& totals = trial.machine->totals();
  CHECK(totals.lost == 0);
  CHECK(totals.received > 0);
  CHECK(totals.received + totals.pending == totals.sent);
  CHECK(trial.elapsed() == 310ms);
}
