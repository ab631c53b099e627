// Which link and source a target is asked from, and why some cannot be asked at all.
#include <algorithm>

#include "tools/arping/link_choice.hpp"
#include "tools/arping/network.hpp"
#include "tools/arping/plan.hpp"

#include "tests/tools/arping_stage.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using arping::test::ip;
using arping::test::options_of;
using arping::test::two_links;

struct planned {
  explicit planned(std::vector<const char*> argv, network where = two_links())
      : options{options_of(std::move(argv))},
        around{std::move(where)},
        found{arping::test::gather(options)},
        plan{plan_links(options, found.targets.list(), around)} {}
  /// The sentence of the first refusal, or of the run's.
  [[nodiscard]] std::string why() const {
    if (!plan) return describe(plan.error());
    return plan->refused.empty() ? "accepted" : describe(plan->refused.front().why);
  }
  arping_options options;
  network around;
  tools::gathered_targets found;
  result<link_plan> plan;
};

network with_link(void (*change)(io::link&)) {
  auto around = two_links();
  change(around.links[1]);
  return around;
}

}  // namespace

TEST_CASE("arping plan: the source is our address in the target's own subnet", "[tools][arping]") {
  const planned p{{"192.0.2.7", "203.0.113.9", "2001:db8::7"}};
  REQUIRE(p.plan.has_value());
  REQUIRE(p.plan->links.size() == 2);
  CHECK(p.plan->link_of == std::vector<std::uint8_t>{0, 1, 0});
  CHECK(p.plan->links[0].v4 == ip("192.0.2.1"));
  CHECK(p.plan->links[0].v6 == ip("2001:db8::1"));
  CHECK(p.plan->links[1].v4 == ip("203.0.113.1"));
  CHECK(p.plan->links[1].interface == 2);
  CHECK(p.plan->links[1].hardware == arping::test::mac("02:00:5e:10:00:01"));
}

TEST_CASE("arping plan: targets on several links have one each", "[tools][arping]") {
  const planned p{{"192.0.2.7", "198.51.100.2"}};
  REQUIRE(p.plan.has_value());
  REQUIRE(p.plan->links.size() == 2);
  CHECK(p.plan->link(0).interface == 2);
  CHECK(p.plan->link(1).interface == 3);
}

TEST_CASE("arping plan: what is in the way of a link is one line, in a fixed order", "[tools][arping]") {
  CHECK(planned{{"-I", "eth9", "192.0.2.7"}}.why() == "cannot ask on eth9: no such interface (see: ip link)");
  CHECK(planned{{"-I", "lo", "127.0.0.1"}}.why() ==
        "cannot ask on lo: it is the loopback interface, where nobody else is (name another with -I)");
  CHECK(planned{{"127.0.0.5"}}.why().find("cannot ask on lo: it is the loopback") == 0);
  const auto why = [](void (*change)(io::link&)) {
    return planned{{"-I", "eth0", "192.0.2.7"}, with_link(change)}.why();
  };
  CHECK(why([](io::link& l) { l.no_arp = true; }).find("cannot ask on eth0: it does no ARP (NOARP)") == 0);
  CHECK(why([](io::link& l) { l.hardware = 65534; }).find("cannot ask on eth0: it is not Ethernet") == 0);
  CHECK(why([](io::link& l) { l.up = l.running = false; }) ==
        "cannot ask on eth0: it is down (ip link set eth0 up)");
  CHECK(why([](io::link& l) { l.running = false; }).find("cannot ask on eth0: it has no carrier") == 0);
  CHECK(why([](io::link& l) {
          l.no_arp = true;
          l.up = false;
        }).find("NOARP") != std::string::npos);
}

TEST_CASE("arping plan: a link that cannot be asked on refuses every target of the run", "[tools][arping]") {
  const planned p{{"-I", "eth9", "192.0.2.0/24", "198.51.100.2"}};
  REQUIRE(p.plan.has_value());
  CHECK(p.plan->links.empty());
  REQUIRE(p.plan->refused.size() == 2);
  CHECK(p.plan->refused[0].count == 256);
  CHECK(p.plan->refused[1].first == ip("198.51.100.2"));
}

TEST_CASE("arping plan: without a way, the link that has the subnet and is down is what is told",
          "[tools][arping]") {
  auto around = with_link([](io::link& l) { l.up = l.running = false; });
  around.route = [](const ip_address& to, const std::string&) -> result<io::route> {
    if (to == ip("192.0.2.7")) return system_failure(101, "look up route", to_string(to));
    io::route way;
    way.interface = 3;
    way.interface_name = "eth1";
    way.gateway = ip("198.51.100.2");
    return way;
  };
  CHECK(planned{{"192.0.2.7"}, around}.why() == "cannot ask on eth0: it is down (ip link set eth0 up)");
  CHECK(planned{{"192.0.2.8"}, around}.why() == "cannot ask on eth0: it is down (ip link set eth0 up)");
  CHECK(planned{{"192.88.99.1"}, around}.why().find("its next hop is 198.51.100.2") != std::string::npos);
}

TEST_CASE("arping plan: a zone is told by the name of its link, and LLC is for ARP", "[tools][arping]") {
  CHECK(planned{{"-I", "eth1", "fe80::7%2"}}.why() ==
        "cannot ask for fe80::7%eth0: its zone is another link than eth1 (leave one of the two out)");
  CHECK(planned{{"--framing", "llc", "2001:db8::7"}}.why() ==
        "cannot ask for 2001:db8::7: --framing llc is ARP's alone (leave it out)");
}

TEST_CASE("arping plan: a link without an address of the family asks for one", "[tools][arping]") {
  CHECK(planned{{"-I", "eth1", "2001:db8::7"}}.why() ==
        "cannot ask on eth1: it has no IPv6 address (give one with -S ADDR)");
  auto bare = two_links();
  bare.addresses.clear();
  CHECK(planned{{"-I", "eth0", "192.0.2.7"}, bare}.why() ==
        "cannot ask on eth0: it has no IPv4 address (give one with -S ADDR, or ask as from nobody with -S "
        "0.0.0.0)");
  bare.route = [](const ip_address& to, const std::string&) -> result<io::route> {
    return system_failure(101, "look up route", to_string(to));
  };
  const planned given{{"-I", "eth0", "-S", "0.0.0.0", "192.0.2.7"}, bare};
  REQUIRE(given.why() == "accepted");
  CHECK(given.plan->links[0].v4 == ip("0.0.0.0"));
}

TEST_CASE("arping plan: our own address, and what is behind a router, are refused with a way out",
          "[tools][arping]") {
  CHECK(planned{{"192.0.2.1"}}.why() ==
        "cannot ask for 192.0.2.1: it is this host's own, on eth0 (--dad asks whether somebody else has it "
        "too)");
  CHECK(
      planned{{"192.88.99.1"}}.why() ==
      "cannot ask for 192.88.99.1: it is not on eth0's link; its next hop is 192.0.2.254 (ask for that one)");
  CHECK(planned{{"-I", "eth0", "192.88.99.1"}}.why().find("its next hop is 192.0.2.254") !=
        std::string::npos);
  CHECK(planned{{"fe80::7"}}.why().find("every link may have one of this address") != std::string::npos);
  CHECK(planned{{"-I", "eth0", "fe80::7"}}.why() == "accepted");
  CHECK(planned{{"fe80::7%2"}}.why() == "accepted");
  CHECK(planned{{"224.0.0.1"}}.why() == "cannot ask for 224.0.0.1: it is a group, which nobody owns");
}

TEST_CASE("arping plan: a claim needs neither an address of ours nor a route", "[tools][arping]") {
  auto bare = two_links();
  bare.addresses.clear();
  CHECK(planned{{"-D", "-I", "eth0", "198.18.0.1"}, bare}.why() == "accepted");
  CHECK(planned{{"-D", "192.0.2.1"}}.why() == "accepted");
}

TEST_CASE("arping plan: one bad target leaves the good ones", "[tools][arping]") {
  const planned p{{"192.0.2.7", "192.88.99.1"}};
  REQUIRE(p.plan.has_value());
  CHECK(p.plan->targets.size() == 1);
  CHECK(p.plan->refused.size() == 1);
}

TEST_CASE("arping plan: in a prefix our own addresses are left out", "[tools][arping]") {
  const planned small{{"192.0.2.0/29"}};
  REQUIRE(small.plan.has_value());
  CHECK(small.plan->targets.size() == 7);
  CHECK(small.plan->own == std::vector{ip("192.0.2.1")});
  const planned large{{"192.0.2.0/24"}};
  REQUIRE(large.plan.has_value());
  CHECK(large.plan->targets.size() == 255);
  CHECK(large.plan->refused.empty());
  CHECK_FALSE(large.plan->targets.find(ip("192.0.2.1")));
}

TEST_CASE("arping plan: a large prefix asks few routes, and its far half is refused once",
          "[tools][arping]") {
  auto around = two_links();
  int asked = 0;
  around.route = [&asked, inner = around.route](const ip_address& to, const std::string& through) {
    ++asked;
    return inner(to, through);
  };
  const planned p{{"203.0.113.0/24"}, around};  // ours is a /25
  REQUIRE(p.plan.has_value());
  CHECK(p.plan->targets.size() == 127);
  REQUIRE(p.plan->refused.size() == 1);
  CHECK(p.plan->refused[0].first == ip("203.0.113.128"));
  CHECK(p.plan->refused[0].count == 128);
  CHECK(asked < 5);
}

TEST_CASE("arping plan: more targets than a run numbers are refused", "[tools][arping]") {
  CHECK(planned{{"198.18.0.0/11"}}.why() ==
        "cannot ask for 2097152 targets: at most 1048576 in one run (use a longer prefix, or --shard)");
}

TEST_CASE("arping plan: --local is the hosts of every prefix", "[tools][arping]") {
  const auto around = two_links();
  const auto all = local_targets(options_of({"--local"}), around);
  REQUIRE(all.has_value());
  CHECK(all->size() == 254 + 126 + 2);
  CHECK_FALSE(all->find(ip("192.0.2.0")).has_value());
  CHECK_FALSE(all->find(ip("203.0.113.127")).has_value());
  CHECK(all->find(ip("198.51.100.2")).has_value());
  const auto one = local_targets(options_of({"--local", "-I", "eth1"}), around);
  REQUIRE(one.has_value());
  CHECK(one->size() == 2);
}

TEST_CASE("arping plan: impossible addresses are reserved, or name a network, and are none of ours",
          "[tools][arping]") {
  const planned p{{"192.0.2.7"}};
  seeded_random random{7};
  const auto all = impossible_addresses(*p.plan, p.around, random);
  const auto holds = [&](std::string_view text) {
    return std::find(all.begin(), all.end(), ip(text)) != all.end();
  };
  CHECK((all[0].v4_value() >> 28) == 0xf);
  CHECK(holds("192.0.2.0"));
  CHECK(holds("203.0.113.0"));
  CHECK_FALSE(holds("198.51.100.0"));  // another link
  CHECK(std::count_if(all.begin(), all.end(), [](const auto& one) { return one.is_v6(); }) == 2);
  for (const auto& one : all) CHECK(p.around.own(one) == nullptr);
}

TEST_CASE("arping plan: options become the machine's numbers", "[tools][arping]") {
  const planned sweep{{"-r", "2", "192.0.2.0/28"}};
  const auto swept = run_config(sweep.options, *sweep.plan);
  CHECK(swept.rounds == 3);
  CHECK(swept.only_silent);
  CHECK(swept.timeout == 500ms);
  CHECK(swept.rate == 500);
  const planned series{{"-i", "0.2", "-W", "0.3", "--unicast", "--rate", "0", "--no-check", "192.0.2.7"}};
  const auto told = run_config(series.options, *series.plan);
  CHECK(told.rounds == 0);
  CHECK_FALSE(told.only_silent);
  CHECK(told.interval == 200ms);
  CHECK(told.timeout == 300ms);
  CHECK(told.how == probe::neighbor_config::manner::unicast);
  CHECK(told.rate == 0);
  CHECK_FALSE(told.looks);
  const planned claim{{"-D", "-c", "2", "-i", "0.1", "-W", "0.5", "-I", "eth0", "192.0.2.50"}};
  const auto claimed = claim_config_of(claim.options, *claim.plan, 1);
  CHECK(claimed.probe);
  CHECK_FALSE(claimed.announce);
  CHECK(claimed.v4.probes == 2);
  CHECK(claimed.v4.probe_min == 100ms);
  CHECK(claimed.v4.probe_wait == 100ms);
  CHECK(claimed.v4.announce_wait == 500ms);
  const planned announce{{"-A", "-c", "5", "192.0.2.1"}};
  const auto announced = claim_config_of(announce.options, *announce.plan, 1);
  CHECK_FALSE(announced.probe);
  CHECK(announced.announce_as == probe::claim_config::form::reply);
  CHECK(announced.v4.announcements == 5);
}

TEST_CASE("arping plan: a search has one link, and asks small prefixes one by one", "[tools][arping]") {
  const auto around = two_links();
  CHECK(search_link(options_of({"00:00:5e:00:53:01"}), around).error().why == "there are eth0, eth1");
  CHECK(search_link(options_of({"-I", "eth0", "02:00:5e:10:00:02"}), around).error().why ==
        "it is this host's own, on eth1");
  CHECK(search_link(options_of({"-I", "eth0", "ff:ff:ff:ff:ff:ff"}), around).error().why ==
        "it is a group's, which no host has");
  const auto options = options_of({"-I", "eth0", "00:00:5e:00:53:01"});
  const auto link = search_link(options, around);
  REQUIRE(link.has_value());
  CHECK(link->v4 == ip("192.0.2.1"));
  CHECK(search_targets(options, {}, *link, around).size() == 256 + 128);
  seeded_random random{1};
  const auto config = search_config(options, *link, around, random);
  CHECK(config.inverse);
  CHECK_FALSE(config.reverse);
  CHECK(config.broadcasts.size() == 3);
  CHECK(config.broadcasts[0] == ip("192.0.2.255"));
  const auto reverse = options_of({"-I", "eth0", "--rarp", "00:00:5e:00:53:01"});
  const auto asked = search_config(reverse, *link, around, random);
  CHECK(asked.reverse);
  CHECK_FALSE(asked.inverse);
  CHECK(asked.broadcasts.empty());
}
