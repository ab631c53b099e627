// Forced fields stay as they are, computed ones follow the octets that are really there, and what cannot be
// written is refused.
#include "libdiag/craft/frame.hpp"

#include "libdiag/core/checksum.hpp"
#include "libdiag/core/hex.hpp"

#include "tests/catch.hpp"
#include "tests/craft/sample_frames.hpp"

using namespace diag;
using namespace diag::craft_samples;
using craft::build_frame;

namespace {

std::string octets(std::initializer_list<craft::layer> layers) {
  const auto frame = build_frame(layers);
  return frame ? hex_text(*frame) : describe(frame.error());
}

craft::ipv4_fields plain() {
  return {.source = ip("192.0.2.1"), .destination = ip("192.0.2.2")};
}
craft::ipv6_fields plain6() {
  return {.source = ip("2001:db8::1"), .destination = ip("2001:db8::2")};
}

}  // namespace

TEST_CASE("frame: a UDP datagram is built octet by octet as by hand", "[craft][frame]") {
  const auto payload = hex("6162");
  CHECK(octets({ethernet(), plain(), craft::udp_fields{.source_port = 0x1234, .destination_port = 53},
                craft::payload_fields{payload}}) ==
        "020000000002020000000001"
        "0800"
        "4500001e0000000040"
        "11f6cb"
        "c0000201c0000202"
        "12340035000a"
        "080b"
        "6162");
}

TEST_CASE("frame: an empty stack and a layer of nothing", "[craft][frame]") {
  CHECK(octets({}) == "cannot build frame: it has no layers");
  CHECK(octets({craft::payload_fields{}}) == "");
}

TEST_CASE("frame: forced IPv4 fields stay, and the checksum covers the header that is there",
          "[craft][frame]") {
  auto fields = plain();
  fields.version = 5;
  fields.ihl = 15;
  fields.total_length = 9;
  fields.protocol = 200;
  fields.reserved_flag = true;
  fields.fragment_offset = 0x1fff;
  const auto frame = build_frame({fields, udp()}).value();
  CHECK(load_u8(frame, 0) == 0x5f);
  CHECK(load_be16(frame, 2) == 9);
  CHECK(load_be16(frame, 6) == 0x9fff);
  CHECK(load_u8(frame, 9) == 200);
  CHECK(frame.size() == 28);
  CHECK(internet_checksum(byte_view{frame}.first(20)) == 0);
  fields.checksum = 0x1234;
  CHECK(load_be16(build_frame({fields, udp()}).value(), 10) == 0x1234);
}

TEST_CASE("frame: a forced IHL of 2 or 15 reads nothing that is not there", "[craft][frame]") {
  for (const std::uint8_t ihl : std::initializer_list<std::uint8_t>{0, 2, 15}) {
    auto fields = plain();
    fields.ihl = ihl;
    const auto frame = build_frame({fields, udp()}).value();
    CHECK(frame.size() == 28);
    CHECK(internet_checksum(byte_view{frame}.first(20)) == 0);
  }
}

TEST_CASE("frame: a forced UDP length lies, its checksum does not", "[craft][frame]") {
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 7, 100, 65535}) {
    auto datagram = udp();
    datagram.length = length;
    const auto frame = build_frame({plain(), datagram, craft::payload_fields{hex("0102")}}).value();
    CHECK(load_be16(frame, 24) == length);
    const auto sum = checksum_sum{}
                         .add_pseudo_header(ip("192.0.2.1"), ip("192.0.2.2"), 17, 10)
                         .add(byte_view{frame}.subspan(20))
                         .folded();
    CHECK(sum == 0xffff);
  }
}

TEST_CASE("frame: forced transport checksums stay, zero too", "[craft][frame]") {
  for (const std::uint16_t sum : std::initializer_list<std::uint16_t>{0x0000, 0xffff, 0xbad1}) {
    auto datagram = udp();
    datagram.checksum = sum;
    CHECK(load_be16(build_frame({plain(), datagram}).value(), 26) == sum);
    CHECK(load_be16(build_frame({plain(), craft::tcp_fields{.checksum = sum}}).value(), 36) == sum);
    CHECK(load_be16(build_frame({plain(), craft::icmpv4_fields{.checksum = sum}}).value(), 22) == sum);
    CHECK(load_be16(build_frame({plain6(), craft::icmpv6_fields{.checksum = sum}}).value(), 42) == sum);
  }
}

TEST_CASE("frame: a UDP checksum of zero is sent as all ones", "[craft][frame]") {
  // Two octets of payload that bring the sum to all ones.
  auto frame = build_frame({plain(), udp(), craft::payload_fields{hex("0000")}}).value();
  std::array<std::byte, 2> balance{};
  store_be16(balance, 0, load_be16(frame, 26));
  frame = build_frame({plain(), udp(), craft::payload_fields{balance}}).value();
  CHECK(load_be16(frame, 26) == 0xffff);
}

TEST_CASE("frame: without addresses a checksum that needs them stays zero", "[craft][frame]") {
  CHECK(octets({craft::udp_fields{.source_port = 1, .destination_port = 2}}) == "0001000200080000");
  CHECK(octets({craft::icmpv6_fields{.identifier = 3, .sequence = 4}}) == "8000000000030004");
  CHECK(octets({craft::icmpv4_fields{.identifier = 3, .sequence = 4}}) == "0800f7f800030004");
}

TEST_CASE("frame: forced TCP data offset and all twelve flags", "[craft][frame]") {
  const auto frame = build_frame({plain(), craft::tcp_fields{.flags = 0xfff, .data_offset = 1}}).value();
  CHECK(load_be16(frame, 32) == 0x1fff);
}

TEST_CASE("frame: options are filled up to whole words", "[craft][frame]") {
  const auto seven = hex("07070400000000");
  auto fields = plain();
  fields.options = seven;
  const auto frame = build_frame({fields, craft::tcp_fields{.options = byte_view{seven}.first(3)}}).value();
  CHECK(load_u8(frame, 0) == 0x47);
  CHECK(load_be16(frame, 2) == 28 + 24);
  CHECK(hex_text(byte_view{frame}.subspan(20, 8)) == "0707040000000000");
  CHECK(load_u8(frame, 28 + 12) == 0x60);
  CHECK(hex_text(byte_view{frame}.subspan(48, 4)) == "07070400");
}

TEST_CASE("frame: IPv6 options are filled up with Pad1 and PadN", "[craft][frame]") {
  const auto option = hex("3e0401020304 3e0401020304");
  const auto padded_to = [&](std::size_t size) {
    return octets({craft::destination_options_fields{.options = byte_view{option}.first(size)}});
  };
  CHECK(padded_to(0) == "3b00010400000000");
  CHECK(padded_to(5) == "3b003e0401020300");
  CHECK(padded_to(6) == "3b003e0401020304");
  CHECK(padded_to(4) == "3b003e0401020100");
  CHECK(padded_to(7) == "3b013e04010203043e01050000000000");
}

TEST_CASE("frame: forced IPv6 fields stay", "[craft][frame]") {
  auto fields = plain6();
  fields.version = 15;
  fields.payload_length = 1;
  fields.next_header = 99;
  fields.traffic_class = 0xff;
  fields.flow_label = 0xfffff;
  const auto frame =
      build_frame({fields, craft::hop_by_hop_fields{.next_header = 77, .length = 200}}).value();
  CHECK(load_be32(frame, 0) == 0xffffffff);
  CHECK(load_be16(frame, 4) == 1);
  CHECK(load_u8(frame, 6) == 99);
  CHECK(load_u8(frame, 40) == 77);
  CHECK(load_u8(frame, 41) == 200);
}

TEST_CASE("frame: forced ARP lengths lie without moving an address", "[craft][frame]") {
  const craft::arp_fields fields{
      .sender_protocol = ip("192.0.2.1"), .hardware_length = 255, .protocol_length = 13};
  CHECK(octets({fields}) ==
        "00010800ff0d0001"
        "000000000000c0000201"
        "00000000000000000000");
}

TEST_CASE("frame: the type follows the layer inside unless it is forced", "[craft][frame]") {
  const auto type_before = [](const craft::layer& inner) {
    return load_be16(build_frame({ethernet(), inner}).value(), 12);
  };
  CHECK(type_before(craft::arp_fields{}) == 0x0806);
  CHECK(type_before(craft::vlan_fields{}) == 0x8100);
  CHECK(type_before(plain6()) == 0x86dd);
  CHECK(type_before(craft::llc_fields{}) == 3);
  CHECK(type_before(craft::payload_fields{}) == 0x88b5);
  auto forced = ethernet();
  forced.type = 0x1234;
  CHECK(load_be16(build_frame({forced, plain()}).value(), 12) == 0x1234);
}

TEST_CASE("frame: the protocol follows the layer inside unless it is forced", "[craft][frame]") {
  const auto next_after = [](const craft::layer& inner) {
    return load_u8(build_frame({plain6(), inner}).value(), 6);
  };
  CHECK(next_after(craft::hop_by_hop_fields{}) == 0);
  CHECK(next_after(craft::routing_fields{}) == 43);
  CHECK(next_after(craft::fragment_fields{}) == 44);
  CHECK(next_after(craft::destination_options_fields{}) == 60);
  CHECK(next_after(craft::icmpv6_fields{}) == 58);
  CHECK(next_after(craft::tcp_fields{}) == 6);
  CHECK(next_after(plain()) == 4);
  CHECK(next_after(plain6()) == 41);
  CHECK(next_after(craft::payload_fields{}) == 253);
  CHECK(load_u8(build_frame({plain6()}).value(), 6) == 59);
}

TEST_CASE("frame: a quote before an extension is padded as RFC 4884 says", "[craft][frame]") {
  const auto extension = hex("2000dfff");
  const auto quote = std::vector<std::byte>(130, std::byte{0xee});
  const auto v4 =
      build_frame({craft::icmpv4_fields{.type = 3, .extension = extension}, craft::payload_fields{quote}})
          .value();
  CHECK(v4.size() == 8 + 132 + 4);
  CHECK(load_u8(v4, 5) == 33);
  CHECK(load_be16(v4, 8 + 130) == 0);
  const auto v6 =
      build_frame({craft::icmpv6_fields{.type = 1, .extension = extension}, craft::payload_fields{quote}})
          .value();
  CHECK(v6.size() == 8 + 136 + 4);
  CHECK(load_u8(v6, 4) == 17);
  const auto lying = build_frame(
      {craft::icmpv4_fields{.type = 11, .extension = extension, .length = 0}, craft::payload_fields{quote}});
  CHECK(load_u8(*lying, 5) == 0);
}

TEST_CASE("frame: what cannot be written is refused with a reason", "[craft][frame]") {
  const std::vector<std::byte> large(70000);
  const std::vector<std::byte> options(41);
  auto many = plain();
  many.options = options;
  CHECK(octets({many}) == "cannot build IPv4 header: options hold at most 40 octets");
  CHECK(octets({craft::tcp_fields{.options = options}}) ==
        "cannot build TCP header: options hold at most 40 octets");
  CHECK(octets({plain(), craft::payload_fields{large}}) ==
        "cannot build IPv4 header: 70020 octets do not fit its length field");
  CHECK(octets({plain6(), craft::payload_fields{large}}) ==
        "cannot build IPv6 header: 70000 octets do not fit its length field");
  CHECK(octets({craft::udp_fields{}, craft::payload_fields{large}}) ==
        "cannot build UDP header: 70008 octets do not fit its length field");
  CHECK(octets({ethernet(), craft::llc_fields{}, craft::payload_fields{large}}) ==
        "cannot build 802.3 header: 70003 octets do not fit its length field");
  CHECK(octets({craft::hop_by_hop_fields{.options = large}}) ==
        "cannot build hop-by-hop header: 70008 octets do not fit its length field");
  auto mixed = plain();
  mixed.source = ip("::1");
  CHECK(octets({mixed}) == "cannot build IPv4 header: ::1 is not an address of this family");
  CHECK(octets({craft::icmpv6_fields{.type = 135, .target = ip("192.0.2.1")}}) ==
        "cannot build ICMPv6 message: 192.0.2.1 is not an address of this family");
}

TEST_CASE("frame: a forced length carries more than its field could say", "[craft][frame]") {
  const std::vector<std::byte> large(70000);
  auto fields = plain();
  fields.total_length = 20;
  CHECK(build_frame({fields, craft::payload_fields{large}}).value().size() == 70020);
}

TEST_CASE("frame: a builder appends, keeps what was there, and says where the layers are", "[craft][frame]") {
  auto builder = craft::frame_builder::make();
  REQUIRE(builder.has_value());
  std::vector<std::byte> out(3, std::byte{0xaa});
  const std::array<craft::layer, 3> layers{ethernet(), plain(), udp()};
  REQUIRE(builder->append(layers, out).has_value());
  CHECK(out.size() == 3 + 42);
  CHECK(out[2] == std::byte{0xaa});
  const auto first = std::vector(out.begin() + 3, out.end());
  CHECK(builder->build(layers).value() == first);
  REQUIRE(builder->placements().size() == 3);
  CHECK(builder->placements()[1].offset == 14);
  CHECK(builder->placements()[2].offset == 34);
  CHECK(builder->placements()[1].size == 28);

  CHECK_FALSE(builder->append({}, out).has_value());
  CHECK(out.size() == 3 + 42);
  auto moved = std::move(*builder);
  CHECK(moved.build(layers).value() == first);
}

TEST_CASE("frame: addresses not given are zeros and still summed", "[craft][frame]") {
  const auto frame = build_frame({craft::ipv6_fields{}, craft::icmpv6_fields{}}).value();
  const auto zero = ip("::");
  CHECK(checksum_sum{}.add_pseudo_header(zero, zero, 58, 8).add(byte_view{frame}.subspan(40)).finish() == 0);
}
