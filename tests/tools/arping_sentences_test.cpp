// A sentence for each finding.
#include <set>

#include "tools/arping/sentences.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using arping::finding_lines;
using arping::finding_sentence;
using probe::neighbor_finding;
using kind = neighbor_finding::kind;

neighbor_finding finding(kind what, std::uint64_t count = 1) {
  neighbor_finding out{what};
  out.address = ip_address::v4(0xC0000207);
  out.mac = parse_mac("00:00:0d:00:00:01").value();
  out.other = parse_mac("00:00:0d:00:00:02").value();
  out.count = count;
  return out;
}
std::string said(kind what, std::uint64_t count = 1) {
  return finding_sentence(finding(what, count));
}

}  // namespace

TEST_CASE("arping sentences: who, what and how often", "[tools][arping]") {
  CHECK(said(kind::conflict, 2) == "192.0.2.7 has 2 owners: 00:00:0d:00:00:01 and 00:00:0d:00:00:02");
  CHECK(said(kind::conflict, 4) ==
        "192.0.2.7 has 4 owners: 00:00:0d:00:00:01 and 00:00:0d:00:00:02 and 2 more");
  CHECK(
      said(kind::flux, 3) ==
      "00:00:0d:00:00:01 and 00:00:0d:00:00:02 both answer for 192.0.2.7 and 2 addresses more: one host with "
      "several interfaces on this link (ARP flux), or hosts set up with the same addresses");
  CHECK(said(kind::moved) == "192.0.2.7 moved from 00:00:0d:00:00:01 to 00:00:0d:00:00:02 during the run");
  CHECK(said(kind::proxy_arp) ==
        "00:00:0d:00:00:01 answers for 192.0.2.7, which no host can have: proxy ARP");
  CHECK(said(kind::proxy_arp, 2) ==
        "00:00:0d:00:00:01 answers for 192.0.2.7 and 1 more, which no hosts can have: proxy ARP");
  CHECK(said(kind::wrong_target) ==
        "00:00:0d:00:00:01 answers for 192.0.2.7 with a target hardware address that is not ours");
  CHECK(said(kind::broadcast_only) ==
        "00:00:0d:00:00:01 answers for 192.0.2.7 when all are asked, and was silent when asked alone");
  CHECK(said(kind::unicast_only) ==
        "00:00:0d:00:00:01 answers for 192.0.2.7 when asked alone, and was silent when all were asked");
  CHECK(said(kind::announced_elsewhere, 2) ==
        "00:00:0d:00:00:01 claimed 192.0.2.7 2 times and did not answer for it, while 00:00:0d:00:00:02 did");
  CHECK(said(kind::announced) ==
        "00:00:0d:00:00:01 announced 192.0.2.7 during the run, after 00:00:0d:00:00:02 had answered: it may "
        "have "
        "moved");
  CHECK(
      said(kind::probed) ==
      "00:00:0d:00:00:01 asked whether 192.0.2.7 is free, as hosts do that are about to use it, and switches "
      "that keep track of hosts");
  CHECK(said(kind::locally_administered) ==
        "00:00:0d:00:00:01 is locally administered: set by software, not by a maker");
  CHECK(said(kind::virtual_router) == "00:00:0d:00:00:01 belongs to a virtual router");
}

TEST_CASE("arping sentences: proxies of IPv6 are not ARP's", "[tools][arping]") {
  auto proxy = finding(kind::proxy_arp);
  proxy.address = parse_ip("2001:db8::ffff").value();
  CHECK(finding_sentence(proxy) ==
        "00:00:0d:00:00:01 answers for 2001:db8::ffff, which no host can have: proxy neighbour discovery");
}

TEST_CASE("arping sentences: a router is named only where a proxy was ruled out", "[tools][arping]") {
  auto many = finding(kind::many_addresses, 3);
  CHECK(finding_sentence(many) ==
        "00:00:0d:00:00:01 owns 3 of these addresses; whether it answers for any address was not seen");
  many.proved = true;
  CHECK(finding_sentence(many) ==
        "00:00:0d:00:00:01 owns 3 of these addresses and was silent when asked for one that no host can "
        "have: a "
        "router, or a host with several addresses");
}

TEST_CASE("arping sentences: frames from elsewhere have innocent reasons too", "[tools][arping]") {
  CHECK(
      said(kind::spoofed) ==
      "192.0.2.7 is said to be at 00:00:0d:00:00:01 by frames from 00:00:0d:00:00:02: spoofing, or a bridge, "
      "Wi-Fi extender or cluster (Microsoft NLB) that changes addresses");
  auto cluster = finding(kind::spoofed);
  cluster.mac = parse_mac("02:bf:c0:00:02:07").value();
  cluster.other = parse_mac("02:01:c0:00:02:07").value();
  CHECK(finding_sentence(cluster) ==
        "192.0.2.7 is said to be at 02:bf:c0:00:02:07 by frames from 02:01:c0:00:02:07: Microsoft NLB in "
        "unicast "
        "mode does that");
  cluster.other = parse_mac("02:01:c0:00:02:08").value();
  CHECK(finding_sentence(cluster).find("spoofing") != std::string::npos);
  cluster.other = parse_mac("02:21:c0:00:02:07").value();
  CHECK(finding_sentence(cluster).find("spoofing") != std::string::npos);
  cluster.other.reset();
  CHECK(finding_sentence(cluster).find("frames from elsewhere: spoofing") != std::string::npos);
}

TEST_CASE("arping sentences: tags", "[tools][arping]") {
  auto leak = finding(kind::vlan_leak, 2);
  CHECK(finding_sentence(leak) == "2 answers of 00:00:0d:00:00:01 for 192.0.2.7 came without a VLAN tag");
  leak.tag = wire::vlan_tag{0x8100, 12};
  CHECK(finding_sentence(leak) == "2 answers of 00:00:0d:00:00:01 for 192.0.2.7 came under VLAN 12");
}

TEST_CASE("arping sentences: owners come with their vendors", "[tools][arping]") {
  arping::vendor_table vendors{DIAG_TEST_DATA "/ieee-data"};
  auto conflict = finding(kind::conflict, 2);
  conflict.mac = parse_mac("52:54:00:12:34:56").value();
  conflict.other = parse_mac("00:aa:01:00:00:01").value();
  CHECK(finding_sentence(conflict, &vendors) ==
        "192.0.2.7 has 2 owners: 52:54:00:12:34:56 (QEMU/KVM) and 00:aa:01:00:00:01 (Plain Makers)");
}

TEST_CASE("arping sentences: every kind has its own", "[tools][arping]") {
  std::set<std::string> sentences, rests;
  for (std::size_t row = 0; row < probe::neighbor_finding_kinds; ++row) {
    sentences.insert(said(static_cast<kind>(row), 2));
    auto rest = finding(static_cast<kind>(row), 7);
    rest.more = true;
    rests.insert(finding_sentence(rest));
  }
  CHECK(sentences.size() == probe::neighbor_finding_kinds);
  CHECK(rests.size() == probe::neighbor_finding_kinds);
}

TEST_CASE("arping sentences: a long list is cut, and the rest counted", "[tools][arping]") {
  std::vector<neighbor_finding> all(5, finding(kind::virtual_router));
  all.push_back(finding(kind::conflict, 2));
  neighbor_finding rest{kind::virtual_router};
  rest.count = 40;
  rest.more = true;
  all.push_back(rest);
  const auto lines = finding_lines(all, nullptr, 2);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "00:00:0d:00:00:01 belongs to a virtual router");
  CHECK(lines[2].find("has 2 owners") != std::string::npos);
  CHECK(lines[3] == "43 more: virtual router");
  CHECK(finding_lines(all).size() == 7);
}
