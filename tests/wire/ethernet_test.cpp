// Ethernet frames: VLAN tags, 802.3 length fields, LLC and SNAP.
#include "libdiag/wire/ethernet.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;
using test::vector_named;

TEST_CASE("ethernet: reads every field of a known frame", "[wire][ethernet]") {
  const auto octets = vector_named("icmpv4_echo_reply");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(to_string(frame->destination()) == "02:00:00:00:00:0a");
  CHECK(to_string(frame->source()) == "02:00:00:00:00:01");
  CHECK(frame->ether_type() == ether_type::ipv4);
  CHECK(frame->framing() == ethernet_framing::ethernet_2);
  CHECK(frame->tags().empty());
  CHECK_FALSE(frame->llc());
  CHECK_FALSE(frame->length());
  CHECK(frame->header_length() == 14);
  CHECK(frame->payload().size() == octets.size() - 14);
  CHECK_FALSE(frame->truncated());
}

TEST_CASE("ethernet: refuses truncation at every length", "[wire][ethernet]") {
  const auto octets = vector_named("vlan_arp");
  for (std::size_t size = 0; size < 22; ++size) {
    CAPTURE(size);
    const auto frame = ethernet_view::parse(cut(octets, size));
    REQUIRE_FALSE(frame);
    CHECK(frame.error() == wire_errc::truncated);
  }
  CHECK(ethernet_view::parse(cut(octets, 22)));
}

TEST_CASE("ethernet: reads both tags of a provider frame, outermost first", "[wire][ethernet]") {
  const auto octets = vector_named("vlan_arp");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  REQUIRE(frame->tags().size() == 2);
  CHECK(frame->tags()[0].tpid == 0x88a8);
  CHECK(frame->tags()[0].id == 100);
  CHECK(frame->tags()[0].priority == 5);
  CHECK_FALSE(frame->tags()[0].drop_eligible);
  CHECK(frame->tags()[1].tpid == 0x8100);
  CHECK(frame->tags()[1].id == 42);
  CHECK(frame->tags()[1].priority == 1);
  CHECK(frame->tags()[1].drop_eligible);
  CHECK(frame->ether_type() == ether_type::arp);
  CHECK(frame->header_length() == 22);
}

TEST_CASE("ethernet: leaves a fifth tag in the payload", "[wire][ethernet]") {
  const auto octets =
      from_hex("020000000001 020000000002 8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800 45");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->tags().size() == 4);
  CHECK(frame->ether_type() == 0x8100);
  CHECK(load_be16(frame->payload(), 0) == 5);
}

TEST_CASE("ethernet: reads IPv4 in SNAP and takes the padding off", "[wire][ethernet]") {
  const auto octets = vector_named("snap_ipv4");
  REQUIRE(octets.size() == 60);
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->framing() == ethernet_framing::snap);
  CHECK(frame->length() == 44);
  REQUIRE(frame->llc());
  CHECK(frame->llc()->dsap == 0xaa);
  CHECK(frame->snap_oui() == 0U);
  CHECK(frame->ether_type() == ether_type::ipv4);
  CHECK(frame->payload().size() == 36);
}

TEST_CASE("ethernet: keeps LLC without SNAP apart from any ethertype", "[wire][ethernet]") {
  const auto octets = vector_named("stp_bpdu");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->framing() == ethernet_framing::llc);
  CHECK(frame->ether_type() == 0);
  REQUIRE(frame->llc());
  CHECK(frame->llc()->dsap == 0x42);
  CHECK(frame->llc()->ssap == 0x42);
  CHECK(frame->llc()->control == 0x03);
  CHECK(frame->payload().size() == 35);
}

TEST_CASE("ethernet: a SNAP type under a vendor's OUI is no ethertype", "[wire][ethernet]") {
  const auto octets = from_hex("01000ccccccc 020000000002 0009 aaaa03 00000c 2000 55");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->framing() == ethernet_framing::snap);
  CHECK(frame->snap_oui() == 0x00000cU);
  CHECK(frame->ether_type() == 0);
}

TEST_CASE("ethernet: a length field past the octets is a finding", "[wire][ethernet]") {
  const auto octets = from_hex("0180c2000000 020000000002 0100 424203 00");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->truncated());
  CHECK(frame->payload().size() == 1);
}

TEST_CASE("ethernet: survives a frame that ends inside LLC", "[wire][ethernet]") {
  const auto octets = from_hex("0180c2000000 020000000002 0002 4242");
  const auto frame = ethernet_view::parse(octets);
  REQUIRE(frame);
  CHECK(frame->framing() == ethernet_framing::llc);
  CHECK_FALSE(frame->llc());
  CHECK(frame->payload().size() == 2);
}

TEST_CASE("ethernet: shows an ethertype without a name", "[wire][ethernet]") {
  CHECK(describe_ether_type(0x0800) == "IPv4");
  CHECK(describe_ether_type(0x0806) == "ARP");
  CHECK(describe_ether_type(0x8035) == "RARP");
  CHECK(describe_ether_type(0x86dd) == "IPv6");
  CHECK(describe_ether_type(0x88cc) == "ethertype 0x88cc");
}
