// One line for one frame.
#include "libdiag/wire/dissect.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::vector_named;

namespace {
std::string line_of(byte_view octets, link_type first = link_type::ethernet) {
  const auto line = summary_line(dissect(octets, first));
  return line.from + " | " + line.to + " | " + line.protocol + " | " + line.details;
}
}  // namespace

TEST_CASE("summary: says who, to whom, which protocol and what", "[wire][dissect]") {
  const auto [name, line] = GENERATE(table<const char*, const char*>({
      {"arp_request", "02:00:00:00:00:0a | ff:ff:ff:ff:ff:ff | ARP | Who has 192.0.2.254? Tell 192.0.2.1"},
      {"arp_reply", "02:00:00:00:00:01 | 02:00:00:00:00:0a | ARP | 192.0.2.254 is at 02:00:00:00:00:01"},
      {"stp_bpdu",
       "02:00:00:00:00:0a | 01:80:c2:00:00:00 | LLC | DSAP 0x42 SSAP 0x42 control 0x03 35 octets"},
      {"icmpv4_echo_request",
       "192.0.2.1 | 198.51.100.1 | ICMP | Echo (ping) request id=0x3137 seq=1 ttl=64 64 octets"},
      {"icmpv6_echo_reply",
       "2001:db8:2::1 | 2001:db8:1::1 | ICMPv6 | Echo (ping) reply id=0x3138 seq=1 hlim=63 64 octets"},
      {"icmpv4_time_exceeded",
       "192.0.2.254 | 192.0.2.1 | ICMP | Time exceeded: time to live exceeded in transit ttl=64, quoting "
       "ICMP "
       "192.0.2.1 > 198.51.100.1 id=0x3139 seq=1"},
      {"icmpv4_port_unreachable",
       "198.51.100.1 | 192.0.2.1 | ICMP | Destination unreachable: port unreachable ttl=63, quoting UDP "
       "192.0.2.1:40000 > 198.51.100.1:33434"},
      {"icmpv4_fragmentation_needed",
       "192.0.2.254 | 192.0.2.1 | ICMP | Destination unreachable: fragmentation needed and DF set mtu=1400 "
       "ttl=64, "
       "quoting ICMP 192.0.2.1 > 198.51.100.1 id=0x313b seq=1"},
      {"icmpv6_packet_too_big",
       "2001:db8:1::fe | 2001:db8:1::1 | ICMPv6 | Packet too big mtu=1400 hlim=64, quoting ICMPv6 "
       "2001:db8:1::1 > "
       "2001:db8:2::1 id=0x313c seq=1"},
      {"icmpv6_port_unreachable",
       "2001:db8:2::1 | 2001:db8:1::1 | ICMPv6 | Destination unreachable: port unreachable hlim=63, quoting "
       "UDP "
       "[2001:db8:1::1]:40000 > [2001:db8:2::1]:33434"},
      {"neighbor_solicitation",
       "2001:db8:1::1 | ff02::1:ff00:fe | ICMPv6 | Neighbor solicitation for 2001:db8:1::fe from "
       "02:00:00:00:00:0a"},
      {"neighbor_advertisement",
       "2001:db8:1::fe | 2001:db8:1::1 | ICMPv6 | Neighbor advertisement for 2001:db8:1::fe at "
       "02:00:00:00:00:01 (router, solicited, override)"},
      {"vlan_arp",
       "02:00:00:00:00:0a | ff:ff:ff:ff:ff:ff | ARP | Who has 192.0.2.254? Tell 192.0.2.1 vlan 100/42 "
       "priority "
       "5"},
      {"snap_ipv4",
       "192.0.2.254 | 192.0.2.1 | ICMP | Echo (ping) request id=0x1234 seq=1 ttl=64 16 octets SNAP"},
      {"mld_report", ":: | ff02::16 | ICMPv6 | Multicast listener report version 2 hlim=1 108 octets"},
      {"ipv4_last_fragment",
       "192.0.2.1 | 198.51.100.1 | IPv4 | Fragment of ICMP offset=2752 id=0xf9af last ttl=64 256 octets"},
      {"ipv6_last_fragment",
       "2001:db8:1::1 | 2001:db8:2::1 | IPv6 | Fragment of ICMPv6 offset=2704 id=0xefb2ef7c last hlim=64 304 "
       "octets"},
      {"tcp_syn_ack",
       "198.51.100.1 | 192.0.2.1 | TCP | SYN,ACK 8080 > 48342 seq=2917049105 ack=3061546446 win=64704 "
       "mss=1360 len=0 "
       "ttl=63"},
      {"udp_good_v4", "192.0.2.254 | 192.0.2.1 | UDP | 40000 > 33434 len=10 ttl=64"},
      {"udp_zero_checksum_v6",
       "2001:db8:1::fe | 2001:db8:1::1 | UDP | 40000 > 33434 len=10 hlim=64 [missing checksum]"},
  }));
  CAPTURE(name);
  CHECK(line_of(vector_named(name)) == line);
}

TEST_CASE("summary: a cooked packet without addresses of its own shows the sender's", "[wire][dissect]") {
  auto octets = vector_named("sll2_echo_request");
  CHECK(line_of(octets, link_type::linux_sll2) ==
        "192.0.2.1 | 198.51.100.1 | ICMP | Echo (ping) request id=0x3137 seq=1 ttl=64 64 octets");
  store_be16(octets, 0, 0x88cc);
  CHECK(line_of(octets, link_type::linux_sll2) ==
        "02:00:00:00:00:0a |  | ethertype 0x88cc | outgoing, interface 2, 84 octets");
}

TEST_CASE("summary: shows protocols it does not read", "[wire][dissect]") {
  const auto octets = from_hex("4500 0018 0001 0000 40fd 5a5c c0000201 c6336402 01020304");
  const auto line = summary_line(dissect(octets, link_type::raw_ip));
  CHECK(line.protocol == "protocol 253");
  CHECK(line.details.starts_with("4 octets ttl=64"));
  const auto frame = from_hex("020000000001 020000000002 88cc aabb");
  CHECK(line_of(frame) == "02:00:00:00:00:02 | 02:00:00:00:00:01 | ethertype 0x88cc | 2 octets");
}

TEST_CASE("summary: puts findings in brackets", "[wire][dissect]") {
  auto octets = vector_named("icmpv4_echo_request");
  octets.back() ^= std::byte{1};
  octets[14 + 8] ^= std::byte{1};
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Echo (ping) request id=0x3137 seq=1 ttl=65 64 octets [bad checksum] [bad checksum]");
}

TEST_CASE("summary: says what each ARP operation asks or tells", "[wire][dissect][arp]") {
  const auto [operation, details] = GENERATE(table<std::uint16_t, const char*>({
      {1, "Who has 192.0.2.1? Tell 192.0.2.254"},
      {2, "192.0.2.254 is at 02:00:00:00:00:01"},
      {3, "Reverse: who is 02:00:00:00:00:0a? Tell 02:00:00:00:00:01"},
      {4, "Reverse: 02:00:00:00:00:0a is 192.0.2.1, says 192.0.2.254"},
      {8, "Inverse: who is 02:00:00:00:00:0a? Tell 192.0.2.254"},
      {9, "Inverse: 02:00:00:00:00:01 is 192.0.2.254"},
      {77, "Operation 77 192.0.2.254 > 192.0.2.1"},
  }));
  CAPTURE(operation);
  auto octets = vector_named("arp_reply");
  store_be16(octets, 14 + 6, operation);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details == details);
  if (operation != 3 && operation != 4) return;
  store_be16(octets, 12, 0x8035);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details == details);
}

TEST_CASE("summary: shows an ARP sender that is not the frame's", "[wire][dissect][arp]") {
  auto octets = vector_named("arp_request");
  octets[14 + 8 + 5] = std::byte{0x0b};
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Who has 192.0.2.254? Tell 192.0.2.1 at 02:00:00:00:00:0b");
  store_be32(octets, 14 + 14, 0);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Who has 192.0.2.254? (probe) at 02:00:00:00:00:0b");
}

TEST_CASE("summary: reads ARP behind its own SAP", "[wire][dissect][arp]") {
  const auto arp = vector_named("arp_request");
  auto octets = from_hex("ffffffffffff 02000000000a 001f 989803");
  octets.insert(octets.end(), arp.begin() + 14, arp.end());
  CHECK(line_of(octets) ==
        "02:00:00:00:00:0a | ff:ff:ff:ff:ff:ff | ARP | Who has 192.0.2.254? Tell 192.0.2.1 LLC");
  octets[16] = std::byte{0xf3};  // an XID, not information
  CHECK(summary_line(dissect(octets, link_type::ethernet)).protocol == "LLC");
}

TEST_CASE("summary: tells a neighbor probe, flags, and a hop limit that nobody may believe",
          "[wire][dissect][neighbor]") {
  auto octets = vector_named("neighbor_solicitation");
  octets[14 + 7] = std::byte{64};
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Neighbor solicitation for 2001:db8:1::fe from 02:00:00:00:00:0a hlim=64");
  std::fill_n(octets.begin() + 14 + 8, 16, std::byte{0});
  octets[14 + 7] = std::byte{255};
  CHECK(summary_line(dissect(octets, link_type::ethernet))
            .details.starts_with("Neighbor solicitation for 2001:db8:1::fe from 02:00:00:00:00:0a (probe)"));
  auto answer = vector_named("neighbor_advertisement");
  answer[14 + 40 + 4] = std::byte{0};
  CHECK(summary_line(dissect(answer, link_type::ethernet)).details ==
        "Neighbor advertisement for 2001:db8:1::fe at 02:00:00:00:00:01 [bad checksum]");
}

TEST_CASE("summary: tells ARP probes and announcements from requests", "[wire][dissect]") {
  auto octets = vector_named("arp_request");
  store_be32(octets, 14 + 14, 0);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details == "Who has 192.0.2.254? (probe)");
  store_be32(octets, 14 + 14, 0xC00002FE);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Announcement: 192.0.2.254 is at 02:00:00:00:00:0a");
  store_be16(octets, 14 + 6, 2);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Announcement (reply): 192.0.2.254 is at 02:00:00:00:00:0a");
  store_be16(octets, 14, 6);
  CHECK(summary_line(dissect(octets, link_type::ethernet)).details ==
        "Reply, hardware type 6, protocol 0x0800, addresses of 6 and 4 octets");
}

TEST_CASE("summary: names the gateway of a redirect", "[wire][dissect]") {
  const auto octets = from_hex(
      "4500 0038 0001 0000 4001 f489 c00002fe c0000201 0501 31fe c0000205"
      "4500 0054 0001 0000 4001 4e72 c0000201 c6336401 0800 0000 1234 0001");
  CHECK(line_of(octets, link_type::raw_ip)
            .find("Redirect: redirect datagrams for the host gateway=192.0.2.5 "
                  "ttl=64, quoting ICMP 192.0.2.1 > 198.51.100.1 id=0x1234 seq=1") != std::string::npos);
}

TEST_CASE("summary: is empty for nothing", "[wire][dissect]") {
  CHECK(line_of({}) == " |  |  | ");
}
