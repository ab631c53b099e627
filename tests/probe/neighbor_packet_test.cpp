// Neighbour discovery as RFC 4861 §7.1 has it validated, and echo replies.
#include "libdiag/probe/neighbor_message.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_frames.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::neighbor_frames;

namespace {

const auto target_option = link_layer_option(2, their_mac);
const auto source_option = link_layer_option(1, their_mac);
const auto our_group = craft::solicited_node_group(our_v6);

octets nd_frame(const craft::icmpv6_fields& message, const craft::ipv6_fields& header = nd_header()) {
  return built({ethernet_to_us(), header, message});
}

craft::icmpv6_fields solicitation(byte_view options = source_option) {
  return {.type = 135, .target = our_v6, .options = options};
}

craft::ipv6_fields from_nobody(const ip_address& to = our_group) {
  return {.hop_limit = 255, .source = ip("::"), .destination = to};
}

std::string word(const octets& frame, checksum_trust trust = checksum_trust::verify) {
  return word_of(read_neighbor_frame(arrived(frame, trust), our_link()));
}

const auto payload = hex_octets("a1a2a3a4a5a6a7a8b1");

craft::ipv4_fields v4_header() {
  return {.ttl = 61, .source = their_v4, .destination = our_v4};
}
craft::icmpv4_fields echo_v4(std::uint8_t type = 0) {
  return {.type = type, .identifier = 0x1234, .sequence = 7};
}
craft::icmpv6_fields echo_v6(std::uint8_t type = 129) {
  return {.type = type, .identifier = 0x1234, .sequence = 7};
}
craft::ipv6_fields v6_header() {
  return {.hop_limit = 61, .source = their_v6, .destination = our_v6};
}

}  // namespace

TEST_CASE("neighbor packet: reads every field of an advertisement", "[probe][neighbor]") {
  for (unsigned flags = 0; flags < 8; ++flags) {
    auto message = advertisement(target_option);
    message.router = (flags & 1) != 0;
    message.solicited = (flags & 2) != 0;
    message.override_entry = (flags & 4) != 0;
    message.target = ip("2001:db8::8");
    const auto reading = read(nd_frame(message));
    REQUIRE(word_of(reading) == "advertisement");
    const auto said = message_of(reading);
    CHECK(said.claimed == ip("2001:db8::8"));
    CHECK(said.owner == their_mac);
    CHECK(said.owner_stated);
    CHECK(said.source == their_v6);
    CHECK(said.destination == our_v6);
    CHECK(said.router == message.router);
    CHECK(said.solicited == message.solicited);
    CHECK(said.override_flag == message.override_entry);
    CHECK_FALSE(said.asked);
  }
}

TEST_CASE("neighbor packet: an advertisement without its option is the frame's source", "[probe][neighbor]") {
  for (const byte_view options : {byte_view{}, byte_view{source_option}}) {
    const auto reading = read(nd_frame(advertisement(options)));
    REQUIRE(word_of(reading) == "advertisement");
    CHECK(message_of(reading).owner == their_mac);
    CHECK_FALSE(message_of(reading).owner_stated);
  }
}

TEST_CASE("neighbor packet: a solicitation names its sender, a probe nobody", "[probe][neighbor]") {
  const auto reading = read(nd_frame(solicitation(link_layer_option(1, mac("02:00:5e:10:00:99")))));
  REQUIRE(word_of(reading) == "solicitation");
  CHECK(message_of(reading).claimed == their_v6);
  CHECK(message_of(reading).owner == mac("02:00:5e:10:00:99"));
  CHECK(message_of(reading).owner_stated);
  CHECK(message_of(reading).asked == our_v6);
  CHECK_FALSE(message_of(reading).nonce);

  octets options;
  craft::append_neighbor_option(options, 14, hex_octets("010203040506"));
  const auto probe = read(nd_frame(solicitation(options), from_nobody()));
  REQUIRE(word_of(probe) == "probe");
  const auto said = message_of(probe);
  CHECK_FALSE(said.claimed);
  CHECK(said.owner == their_mac);
  CHECK_FALSE(said.owner_stated);
  CHECK(said.asked == our_v6);
  REQUIRE(said.nonce);
  CHECK(hex_text(*said.nonce) == "010203040506");
}

TEST_CASE("neighbor packet: discards what RFC 4861 §7.1 discards", "[probe][neighbor][rfc4861]") {
  const auto small_option = hex_octets("0200000000000000");
  const auto long_option = hex_octets("0202025e10000002");
  const auto double_option = hex_octets("0202025e100000020000000000000000");
  struct row {
    const char* what;
    std::string word;
    octets frame;
  };
  const auto with = [](auto message, auto change) {
    change(message);
    return message;
  };
  const auto good = advertisement(target_option);
  using message = craft::icmpv6_fields;
  using header = craft::ipv6_fields;
  const std::vector<row> rows{
      {"as it should be", "advertisement", nd_frame(good)},
      {"hop limit 254", "bad-hop-limit",
       nd_frame(good, with(nd_header(), [](header& h) { h.hop_limit = 254; }))},
      {"hop limit 0", "bad-hop-limit", nd_frame(good, with(nd_header(), [](header& h) { h.hop_limit = 0; }))},
      {"checksum", "bad-checksum", nd_frame(with(good, [](message& m) { m.checksum = 0x1234; }))},
      {"code 1", "bad-neighbor-message", nd_frame(with(good, [](message& m) { m.code = 1; }))},
      {"group as target", "bad-neighbor-message",
       nd_frame(with(good, [](message& m) { m.target = ip("ff02::1"); }))},
      {"option of length zero", "bad-neighbor-message", nd_frame(advertisement(small_option))},
      {"option past the end", "bad-neighbor-message", nd_frame(advertisement(long_option))},
      {"option of another size", "bad-neighbor-message", nd_frame(advertisement(double_option))},
      {"half an option header", "bad-neighbor-message",
       nd_frame(advertisement(byte_view{small_option}.first(1)))},
      {"solicited, to a group", "bad-neighbor-message",
       nd_frame(good, with(nd_header(), [](header& h) { h.destination = ip("ff02::1"); }))},
      {"unsolicited, to a group", "advertisement",
       nd_frame(with(good, [](message& m) { m.solicited = false; }),
                with(nd_header(), [](header& h) { h.destination = ip("ff02::1"); }))},
      {"from a group", "bad-neighbor-message",
       nd_frame(good, with(nd_header(), [](header& h) { h.source = ip("ff02::1"); }))},
      {"solicitation for a group", "bad-neighbor-message",
       nd_frame(with(solicitation(), [](message& m) { m.target = ip("ff02::1"); }))},
      {"solicitation to us alone", "solicitation", nd_frame(solicitation())},
      {"probe to its group", "probe", nd_frame(solicitation({}), from_nobody())},
      {"probe to us alone", "bad-neighbor-message", nd_frame(solicitation({}), from_nobody(our_v6))},
      {"probe to all nodes", "bad-neighbor-message", nd_frame(solicitation({}), from_nobody(ip("ff02::1")))},
      {"probe to a group of a wider scope", "bad-neighbor-message",
       nd_frame(solicitation({}), from_nobody(ip("ff05::1:ff00:1")))},
      {"probe with an address option", "bad-neighbor-message", nd_frame(solicitation(), from_nobody())},
      {"owner nobody", "invalid-hardware", nd_frame(advertisement(link_layer_option(2, {})))},
      {"owner everybody", "invalid-hardware", nd_frame(advertisement(link_layer_option(2, broadcast_mac)))},
  };
  for (const auto& [what, expected, frame] : rows) {
    CAPTURE(what);
    CHECK(word(frame) == expected);
  }
  // What could be read is shown.
  CHECK(message_of(read(rows[1].frame)).claimed == their_v6);
  CHECK(message_of(read(rows[1].frame)).owner == their_mac);
}

TEST_CASE("neighbor packet: a message shorter than 24 octets is discarded at every length",
          "[probe][neighbor][rfc4861]") {
  for (std::size_t size = 0; size < 24; ++size) {
    CAPTURE(size);
    auto frame = nd_frame(advertisement({}));
    frame.resize(14 + 40 + size);
    store_be16(frame, 14 + 4, static_cast<std::uint16_t>(size));
    // The kernel's word on the checksum, so that the length alone decides.
    CHECK(word(frame, checksum_trust::verified) == (size == 0 ? "bad-ip-header" : "bad-neighbor-message"));
    frame.resize(100);  // padding must not be taken for the message
    CHECK(word(frame, checksum_trust::verified) == (size == 0 ? "bad-ip-header" : "bad-neighbor-message"));
  }
}

TEST_CASE("neighbor packet: the kernel's word on the checksum is taken", "[probe][neighbor]") {
  auto message = advertisement(target_option);
  message.checksum = std::uint16_t{0x1234};
  CHECK(word(nd_frame(message), checksum_trust::verified) == "advertisement");
  CHECK(word(nd_frame(message), checksum_trust::unfinished) == "advertisement");
  CHECK(word(nd_frame(message), checksum_trust::verify) == "bad-checksum");
}

TEST_CASE("neighbor packet: options to every node may come first, fragments may not",
          "[probe][neighbor][rfc6980]") {
  const auto good = advertisement(target_option);
  const auto alert = hex_octets("05020000");
  const std::array via{their_v6};
  const auto frame = [&](const craft::layer& between) {
    return built({ethernet_to_us(), nd_header(), between, good});
  };
  CHECK(word(frame(craft::hop_by_hop_fields{alert})) == "advertisement");
  CHECK(word(frame(craft::destination_options_fields{})) == "advertisement");
  CHECK(word(frame(craft::fragment_fields{})) == "bad-neighbor-message");
  CHECK(word(frame(craft::fragment_fields{.more = true})) == "bad-neighbor-message");
  CHECK(word(frame(craft::fragment_fields{.offset = 8})) == "unrelated");
  CHECK(word(frame(craft::routing_fields{.addresses = via})) == "advertisement");
  CHECK(word(frame(craft::routing_fields{.segments_left = 1, .addresses = via})) == "unrelated");
  CHECK(word(frame(craft::hop_by_hop_fields{.options = alert, .length = 200})) == "bad-ip-header");
}

TEST_CASE("neighbor packet: an IPv6 header that does not fit the frame is refused", "[probe][neighbor]") {
  const auto good = nd_frame(advertisement(target_option));
  auto frame = good;
  store_be16(frame, 14 + 4, 33);
  CHECK(word(frame) == "bad-ip-header");
  frame = good;
  store_u8(frame, 14, 0x50);
  CHECK(word(frame) == "bad-ip-header");
  // All of the frame would be the packet's, whatever its length (RFC 2675).
  frame = built({ethernet_to_us(), nd_header(), craft::hop_by_hop_fields{}, advertisement(target_option)});
  store_be16(frame, 14 + 4, 0);
  CHECK(word(frame) == "bad-ip-header");
  frame = good;
  frame.resize(good.size() + 40, std::byte{0xa5});
  CHECK(word(frame) == "advertisement");
}

TEST_CASE("neighbor packet: other messages are none of our business", "[probe][neighbor]") {
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 2, 128, 133, 134, 137, 143}) {
    CAPTURE(type);
    CHECK(word(nd_frame({.type = type})) == "unrelated");
  }
  CHECK(word(built({ethernet_to_us(), nd_header(), craft::udp_fields{}})) == "unrelated");
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{3, 8, 11, 14}) {
    CAPTURE(type);
    CHECK(word(built({ethernet_to_us(), v4_header(), echo_v4(type)})) == "unrelated");
  }
  CHECK(word(built({ethernet_to_us(), v4_header(), craft::tcp_fields{}})) == "unrelated");
}

TEST_CASE("neighbor packet: an echo reply names the frame's source", "[probe][neighbor]") {
  auto options = v4_header();
  const auto record_route = hex_octets("07070400000000");
  options.options = record_route;
  const craft::payload_fields tagged{payload};
  const auto frames = {built({ethernet_to_us(), v4_header(), echo_v4(), tagged}),
                       built({ethernet_to_us(), options, echo_v4(), tagged}),
                       built({ethernet_to_us(), v6_header(), echo_v6(), tagged}),
                       built({ethernet_to_us(), v6_header(), craft::hop_by_hop_fields{}, echo_v6(), tagged})};
  for (const auto& frame : frames) {
    CAPTURE(hex_text(frame));
    const auto reading = read(frame);
    REQUIRE(word_of(reading) == "echo-reply");
    const auto said = message_of(reading);
    CHECK(said.claimed == (said.source.is_v4() ? their_v4 : their_v6));
    CHECK(said.destination == (said.source.is_v4() ? our_v4 : our_v6));
    CHECK(said.owner == their_mac);
    CHECK_FALSE(said.owner_stated);
    CHECK(said.echo_identifier == 0x1234);
    CHECK(said.echo_sequence == 7);
    CHECK(said.echo_tag == 0xa1a2a3a4a5a6a7a8);
  }
  const craft::payload_fields seven{byte_view{payload}.first(7)};
  CHECK_FALSE(message_of(read(built({ethernet_to_us(), v4_header(), echo_v4(), seven}))).echo_tag);
}

TEST_CASE("neighbor packet: a broken echo reply is not believed", "[probe][neighbor]") {
  const craft::payload_fields tagged{payload};
  const auto with_v4 = [&](craft::ipv4_fields header, craft::icmpv4_fields message) {
    return built({ethernet_to_us(), header, message, tagged});
  };
  auto header = v4_header();
  auto message = echo_v4();
  SECTION("code") {
    message.code = 1;
  }
  SECTION("checksum") {
    message.checksum = 0x1234;
  }
  SECTION("header checksum") {
    header.checksum = 0x1234;
  }
  SECTION("from everybody") {
    header.source = ip("255.255.255.255");
  }
  SECTION("from nobody") {
    header.source = ip("0.0.0.0");
  }
  SECTION("longer than the frame") {
    header.total_length = 100;
  }
  SECTION("more to come") {
    header.more_fragments = true;
  }
  const bool wrong_sum = message.checksum || header.checksum;
  const auto* expected = wrong_sum ? "bad-checksum" : message.code != 0 ? "bad-code" : "bad-ip-header";
  CHECK(word(with_v4(header, message)) == expected);
}

TEST_CASE("neighbor packet: fragments of echo replies, cut ones, ones from nobody's hardware",
          "[probe][neighbor]") {
  const craft::payload_fields tagged{payload};
  auto later = v4_header();
  later.fragment_offset = 8;
  CHECK(word(built({ethernet_to_us(), later, echo_v4(), tagged})) == "unrelated");
  CHECK(word(built({ethernet_to_us(), v6_header(), craft::fragment_fields{.more = true}, echo_v6(),
                    tagged})) == "bad-ip-header");
  auto code = echo_v6();
  code.code = 1;
  CHECK(word(built({ethernet_to_us(), v6_header(), code, tagged})) == "bad-code");
  auto nobody = ethernet_to_us();
  nobody.source = {};
  CHECK(word(built({nobody, v4_header(), echo_v4(), tagged})) == "invalid-hardware");
  CHECK(word(built({nobody, v6_header(), echo_v6(), tagged})) == "invalid-hardware");
  CHECK(word(built({nobody, nd_header(), advertisement({})})) == "invalid-hardware");
  auto four = v4_header();
  four.protocol = std::uint8_t{1};
  CHECK(word(built({ethernet_to_us(), four, craft::payload_fields{hex_octets("0000ffff")}})) ==
        "bad-icmp-header");
}

TEST_CASE("neighbor packet: truncation at every length is never believed", "[probe][neighbor]") {
  const craft::payload_fields tagged{payload};
  for (const auto& frame :
       {built({ethernet_to_us(), v4_header(), echo_v4(), tagged}),
        built({ethernet_to_us(), v6_header(), echo_v6(), tagged}), nd_frame(advertisement(target_option)),
        nd_frame(solicitation({}), from_nobody())})
    for (const auto trust : {checksum_trust::verify, checksum_trust::verified, checksum_trust::unfinished})
      for (std::size_t size = 0; size < frame.size(); ++size) {
        CAPTURE(hex_text(frame), size);
        const octets cut{frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
        auto packet = arrived(cut, trust);
        REQUIRE_FALSE(std::holds_alternative<neighbor_message>(read_neighbor_frame(packet, our_link())));
        packet.wire_size = frame.size();  // cut by us: what is missing is not believed either
        REQUIRE_FALSE(std::holds_alternative<neighbor_message>(read_neighbor_frame(packet, our_link())));
      }
}
