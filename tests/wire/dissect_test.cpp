// Whole frames: which layer follows which, and what is remarked.
#include "libdiag/wire/dissect.hpp"

#include "libdiag/wire/ip_protocol.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::vector_named;

namespace {

std::string layers_of(const dissection& what) {
  std::string text;
  for (const auto& each : what.layers) {
    if (!text.empty()) text += " / ";
    text += std::string{each.protocol} + " " + std::to_string(each.offset) + "+" + std::to_string(each.size);
  }
  return text;
}

std::string findings_of(const dissection& what) {
  std::string text;
  for (const auto& each : what.findings) {
    if (!text.empty()) text += ", ";
    text += std::string{what.layers.at(each.layer).protocol} + " " + std::string{describe(each.kind)};
  }
  return text;
}

}  // namespace

TEST_CASE("dissect: takes every known frame apart", "[wire][dissect]") {
  const auto [name, layers, findings] = GENERATE(table<const char*, const char*, const char*>({
      {"arp_request", "Ethernet 0+14 / ARP 14+28", ""},
      {"vlan_arp", "Ethernet 0+22 / ARP 22+28", ""},
      {"snap_ipv4", "Ethernet 0+22 / IPv4 22+20 / ICMP 42+8 / data 50+8", ""},
      {"stp_bpdu", "Ethernet 0+17 / data 17+35", ""},
      {"icmpv4_echo_request", "Ethernet 0+14 / IPv4 14+20 / ICMP 34+8 / data 42+56", ""},
      {"icmpv4_record_route", "Ethernet 0+14 / IPv4 14+60 / ICMP 74+8 / data 82+56", ""},
      {"icmpv4_time_exceeded", "Ethernet 0+14 / IPv4 14+20 / ICMP 34+8 / quoted packet 42+84", ""},
      {"icmp_extension_stated",
       "Ethernet 0+14 / IPv4 14+20 / ICMP 34+8 / quoted packet 42+128 / ICMP extension 170+48", ""},
      {"icmp_extension_legacy",
       "Ethernet 0+14 / IPv4 14+20 / ICMP 34+8 / quoted packet 42+128 / ICMP extension 170+16", ""},
      {"ipv4_first_fragment", "Ethernet 0+14 / IPv4 14+20 / ICMP 34+8 / data 42+1368", ""},
      {"ipv4_last_fragment", "Ethernet 0+14 / IPv4 14+20 / fragment 34+256", ""},
      {"icmpv6_echo_reply", "Ethernet 0+14 / IPv6 14+40 / ICMPv6 54+8 / data 62+56", ""},
      {"icmpv6_packet_too_big", "Ethernet 0+14 / IPv6 14+40 / ICMPv6 54+8 / quoted packet 62+1232", ""},
      {"neighbor_advertisement", "Ethernet 0+14 / IPv6 14+40 / ICMPv6 54+32", ""},
      {"mld_report", "Ethernet 0+14 / IPv6 14+40 / IPv6 extension headers 54+8 / ICMPv6 62+108", ""},
      {"ipv6_first_fragment",
       "Ethernet 0+14 / IPv6 14+40 / IPv6 extension headers 54+8 / ICMPv6 62+8 / data 70+1344", ""},
      {"ipv6_last_fragment", "Ethernet 0+14 / IPv6 14+40 / IPv6 extension headers 54+8 / fragment 62+304",
       ""},
      {"ipv6_extension_chain",
       "Ethernet 0+14 / IPv6 14+40 / IPv6 extension headers 54+80 / UDP 134+8 / data 142+10", ""},
      {"tcp_syn_ack", "Ethernet 0+14 / IPv4 14+20 / TCP 34+40", "TCP unfinished checksum"},
      {"tcp_all_options", "Ethernet 0+14 / IPv4 14+20 / TCP 34+60 / data 94+2", ""},
      {"udp_good_v4", "Ethernet 0+14 / IPv4 14+20 / UDP 34+8 / data 42+10", ""},
      {"udp_zero_checksum_v6", "Ethernet 0+14 / IPv6 14+40 / UDP 54+8 / data 62+10", "UDP missing checksum"},
  }));
  CAPTURE(name);
  const auto octets = vector_named(name);
  const auto what = dissect(octets, link_type::ethernet);
  CHECK(layers_of(what) == layers);
  CHECK(findings_of(what) == findings);
}

TEST_CASE("dissect: begins with a cooked header or with IP", "[wire][dissect]") {
  const auto cooked = vector_named("sll2_echo_request");
  CHECK(layers_of(dissect(cooked, link_type::linux_sll2)) ==
        "SLL2 0+20 / IPv4 20+20 / ICMP 40+8 / data 48+56");
  const auto raw = vector_named("icmpv4_timestamp_reply");
  CHECK(layers_of(dissect(raw, link_type::raw_ip)) == "IPv4 0+20 / ICMP 20+20");
}

TEST_CASE("dissect: goes into tunnels and finds the innermost header", "[wire][dissect]") {
  const auto octets = vector_named("ip_in_ip");
  const auto what = dissect(octets, link_type::raw_ip);
  CHECK(layers_of(what) == "IPv4 0+20 / IPv6 20+40 / IPv4 60+20 / ICMP 80+8 / data 88+8");
  REQUIRE(what.find<ipv4_view>() != nullptr);
  CHECK(to_string(what.find<ipv4_view>()->source()) == "203.0.113.1");
  CHECK(what.find<tcp_view>() == nullptr);
}

TEST_CASE("dissect: has nothing to say about nothing", "[wire][dissect]") {
  for (const auto first : {link_type::ethernet, link_type::linux_sll2, link_type::raw_ip}) {
    const auto what = dissect({}, first);
    CHECK(what.layers.empty());
    CHECK(what.findings.empty());
  }
}

TEST_CASE("dissect: keeps what it cannot read under the name it came by", "[wire][dissect]") {
  const auto octets = from_hex("4500 0018 0001 0000 4006 0000 c0000201 c6336402 01020304");
  const auto what = dissect(octets, link_type::raw_ip);
  CHECK(layers_of(what) == "IPv4 0+20 / TCP 20+4");
  CHECK(what.has(finding_kind::unreadable));
  CHECK(what.find<tcp_view>() == nullptr);
  CHECK(findings_of(dissect(from_hex("70ff"), link_type::raw_ip)) == "data unreadable");
  CHECK(findings_of(dissect(from_hex("70ff"), link_type::ethernet)) == "Ethernet unreadable");
  CHECK(findings_of(dissect(from_hex("70ff"), link_type::linux_sll2)) == "SLL2 unreadable");
}

TEST_CASE("dissect: remarks wrong checksums on their layer", "[wire][dissect]") {
  auto octets = vector_named("icmpv4_echo_request");
  octets[14 + 8] ^= std::byte{1};
  CHECK(findings_of(dissect(octets, link_type::ethernet)) == "IPv4 bad checksum");
  octets.back() ^= std::byte{1};
  CHECK(findings_of(dissect(octets, link_type::ethernet)) == "IPv4 bad checksum, ICMP bad checksum");
}

TEST_CASE("dissect: a cut packet is cut short, not corrupt", "[wire][dissect]") {
  for (const auto* name : {"icmpv4_echo_request", "icmpv6_echo_request", "tcp_all_options", "udp_good_v4",
                           "icmp_extension_stated", "icmpv6_extension_stated"}) {
    auto octets = vector_named(name);
    octets.resize(octets.size() - 1);
    const auto what = dissect(octets, link_type::ethernet);
    CAPTURE(name);
    REQUIRE(what.findings.size() == 1);
    CHECK(what.findings[0].kind == finding_kind::cut_short);
  }
}

TEST_CASE("dissect: padding up to the smallest frame is no finding, octets beyond are", "[wire][dissect]") {
  auto octets = vector_named("udp_good_v4");
  REQUIRE(octets.size() == 52);
  octets.resize(60, std::byte{0xee});
  CHECK(findings_of(dissect(octets, link_type::ethernet)).empty());
  octets.resize(61, std::byte{0xee});
  CHECK(findings_of(dissect(octets, link_type::ethernet)) == "IPv4 trailing octets");
  auto packet = vector_named("icmpv4_timestamp_reply");
  packet.push_back(std::byte{0});
  CHECK(findings_of(dissect(packet, link_type::raw_ip)) == "IPv4 trailing octets");
  auto arp = vector_named("arp_request");
  arp.resize(61);
  CHECK(findings_of(dissect(arp, link_type::ethernet)) == "ARP trailing octets");
}

TEST_CASE("dissect: remarks malformed options of every kind", "[wire][dissect]") {
  const auto ipv4 = from_hex("4600 0018 0001 0000 40fd 0000 c0000201 c6336402 07000000");
  CHECK(dissect(ipv4, link_type::raw_ip).has(finding_kind::malformed_options));
  auto tcp = vector_named("tcp_all_options");
  tcp[14 + 20 + 20 + 1] = std::byte{0};
  CHECK(findings_of(dissect(tcp, link_type::ethernet)) == "TCP bad checksum, TCP malformed options");
  auto neighbor = vector_named("neighbor_advertisement");
  neighbor[14 + 40 + 24 + 1] = std::byte{0};
  CHECK(findings_of(dissect(neighbor, link_type::ethernet)) ==
        "ICMPv6 bad checksum, ICMPv6 malformed options");
  const auto chain = from_hex(
      "60000000 0008 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
      "11ff000000000000");
  CHECK(findings_of(dissect(chain, link_type::raw_ip)) == "IPv6 malformed extension headers");
}

TEST_CASE("dissect: remarks a quote and an extension it cannot read", "[wire][dissect]") {
  auto quote = vector_named("icmpv4_time_exceeded");
  quote[42] = std::byte{0x42};
  CHECK(dissect(quote, link_type::ethernet).has(finding_kind::malformed_quote));
  auto extension = vector_named("icmp_extension_stated");
  extension[170] = std::byte{0x30};
  const auto what = dissect(extension, link_type::ethernet);
  CHECK(what.has(finding_kind::malformed_extension));
  CHECK(what.find<quoted_packet>() != nullptr);
}

TEST_CASE("dissect: remarks UDP lengths that do not fit", "[wire][dissect]") {
  auto octets = vector_named("udp_good_v4");
  store_be16(octets, 14 + 20 + 4, 7);
  CHECK(dissect(octets, link_type::ethernet).has(finding_kind::bad_length));
  store_be16(octets, 14 + 20 + 4, 19);
  CHECK(dissect(octets, link_type::ethernet).has(finding_kind::cut_short));
  store_be16(octets, 14 + 20 + 4, 17);
  CHECK(dissect(octets, link_type::ethernet).has(finding_kind::trailing_octets));
}

TEST_CASE("dissect: stops at sixteen layers of tunnels", "[wire][dissect]") {
  test::octets octets;
  for (int left = 40; left > 0; --left) {
    auto header = from_hex("4500 0000 0001 0000 4004 0000 c0000201 c6336402");
    store_be16(header, 2, static_cast<std::uint16_t>(left * 20));
    octets.insert(octets.end(), header.begin(), header.end());
  }
  const auto what = dissect(octets, link_type::raw_ip);
  CHECK(what.layers.size() == dissection::max_layers);
  CHECK(what.has(finding_kind::too_deep));
}

TEST_CASE("dissect: ICMP of the other family is data", "[wire][dissect]") {
  auto octets = vector_named("icmpv4_timestamp_reply");
  octets[9] = std::byte{ip_protocol::icmpv6};
  CHECK(layers_of(dissect(octets, link_type::raw_ip)) == "IPv4 0+20 / data 20+20");
}

TEST_CASE("dissect: does not call a source-routed checksum wrong", "[wire][dissect]") {
  auto octets = from_hex(
      "60000000 0022 2b 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
      "1102 0001 00000000 20010db8000000000000000000000005 9c40 829a 000a 1234 6162");
  CHECK(findings_of(dissect(octets, link_type::raw_ip)).empty());
  octets[43] = std::byte{0};
  CHECK(findings_of(dissect(octets, link_type::raw_ip)) == "UDP bad checksum");
}

TEST_CASE("dissect: every finding has words of its own", "[wire][dissect]") {
  CHECK(describe(finding_kind::cut_short) == "cut short");
  CHECK(describe(finding_kind::too_deep) == "too many layers");
  CHECK(describe(finding_kind::missing_checksum) == "missing checksum");
  CHECK(describe(finding_kind::malformed_extension) == "malformed ICMP extension");
}
