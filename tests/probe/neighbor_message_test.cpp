// Frames read as ARP, and which frames are ours: framing, tags, ethertypes.
#include "libdiag/probe/neighbor_message.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_frames.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::neighbor_frames;
using kind = neighbor_message::kind;

namespace {

octets arp_frame(const craft::arp_fields& fields) {
  return built({ethernet_to_us(), fields});
}

/// The reply in the frame that `as` would have sent, from them to us.
octets reply_as(craft::link_fields as, std::uint16_t operation = 2) {
  as.source = their_mac;
  craft::arp_template frames{as, arp_reply(operation)};
  const auto stamped = frames.stamp(our_mac, our_v4, our_mac);
  return {stamped.begin(), stamped.end()};
}

octets advertisement_as(craft::link_fields as) {
  as.source = their_mac;
  return craft::advertisement_frame(as, our_mac,
                                    {.source = their_v6,
                                     .destination = our_v6,
                                     .target = their_v6,
                                     .link_layer = their_mac,
                                     .solicited = true});
}

neighbor_link link_as(const craft::link_fields& frames) {
  auto link = our_link();
  link.frames = frames;
  return link;
}

}  // namespace

TEST_CASE("neighbor frame: reads every field of a reply", "[probe][neighbor]") {
  const auto frame = arp_frame(arp_reply());
  const auto reading = read(frame);
  REQUIRE(word_of(reading) == "reply");
  const auto said = message_of(reading);
  CHECK(said.claimed == their_v4);
  CHECK(said.owner == their_mac);
  CHECK(said.owner_stated);
  CHECK(said.asked == our_v4);
  CHECK(said.target_hardware == our_mac);
  CHECK(said.frame_source == their_mac);
  CHECK(said.frame_destination == our_mac);
  CHECK_FALSE(said.source);
  CHECK_FALSE(said.tag);
  CHECK_FALSE(said.to_everyone());
}

TEST_CASE("neighbor frame: each ARP operation names its owner where its RFC has it", "[probe][neighbor]") {
  struct row {
    std::uint16_t operation;
    ip_address sender;
    const char* word;
    ip_address claimed;
    mac_address owner;
  };
  const auto row_of = GENERATE(values<row>({
      {1, their_v4, "request", their_v4, their_mac},
      {2, their_v4, "reply", their_v4, their_mac},
      {1, ip("0.0.0.0"), "probe", {}, their_mac},
      {1, our_v4, "announcement", our_v4, their_mac},
      {2, our_v4, "announcement", our_v4, their_mac},
      {3, their_v4, "reverse-request", {}, their_mac},
      {4, their_v4, "reverse-reply", our_v4, our_mac},
      {8, their_v4, "inverse-request", their_v4, their_mac},
      {9, their_v4, "inverse-reply", their_v4, their_mac},
  }));
  auto fields = arp_reply(row_of.operation);
  fields.sender_protocol = row_of.sender;
  auto ethernet = ethernet_to_us();
  if (row_of.operation == 3 || row_of.operation == 4) ethernet.type = 0x8035;
  const auto reading = read(built({ethernet, fields}));
  REQUIRE(word_of(reading) == row_of.word);
  const auto said = message_of(reading);
  CHECK(said.claimed.family() == row_of.claimed.family());
  CHECK(said.claimed == row_of.claimed);
  CHECK(said.owner == row_of.owner);
  CHECK(said.asked == our_v4);
  CHECK(said.target_hardware == our_mac);
}

TEST_CASE("neighbor frame: an ARP message that is not Ethernet and IPv4 is refused", "[probe][neighbor]") {
  auto lengths = arp_reply();
  SECTION("hardware addresses of 255 octets") {
    lengths.hardware_length = std::uint8_t{255};
  }
  SECTION("protocol addresses of 16 octets") {
    lengths.protocol_length = std::uint8_t{16};
  }
  SECTION("hardware addresses of 5 octets") {
    lengths.hardware_length = std::uint8_t{5};
  }
  SECTION("no addresses") {
    lengths.hardware_length = lengths.protocol_length = std::uint8_t{0};
  }
  SECTION("hardware type 6") {
    lengths.hardware_type = 6;
  }
  SECTION("protocol type ARP") {
    lengths.protocol_type = 0x0806;
  }
  auto frame = arp_frame(lengths);
  CHECK(word_of(read(frame)) == "bad-arp-header");
  frame.resize(600);  // octets enough for any length
  const auto reading = read(frame);
  CHECK(word_of(reading) == "bad-arp-header");
  CHECK_FALSE(message_of(reading).claimed);
  CHECK(message_of(reading).frame_source == their_mac);
}

TEST_CASE("neighbor frame: an operation without a meaning is refused and shown", "[probe][neighbor]") {
  for (const std::uint16_t operation : std::initializer_list<std::uint16_t>{0, 5, 6, 7, 10, 256, 0xffff}) {
    CAPTURE(operation);
    const auto reading = read(arp_frame(arp_reply(operation)));
    CHECK(word_of(reading) == "bad-operation");
    CHECK(message_of(reading).claimed == their_v4);
    CHECK(message_of(reading).owner == their_mac);
  }
}

TEST_CASE("neighbor frame: nobody is 00:00:00:00:00:00 or everybody", "[probe][neighbor]") {
  for (const char* text : {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
    for (const std::uint16_t operation : std::initializer_list<std::uint16_t>{1, 2, 4}) {
      CAPTURE(text, operation);
      auto fields = arp_reply(operation);
      (operation == 4 ? fields.target_hardware : fields.sender_hardware) = mac(text);
      auto ethernet = ethernet_to_us();
      if (operation == 4) ethernet.type = 0x8035;
      const auto reading = read(built({ethernet, fields}));
      CHECK(word_of(reading) == "invalid-hardware");
      CHECK(message_of(reading).claimed == (operation == 4 ? our_v4 : their_v4));
    }
  // A group address is odd, and what clusters answer with: told as a finding, believed here.
  auto cluster = arp_reply();
  cluster.sender_hardware = mac("03:bf:c0:00:02:07");
  CHECK(word_of(read(arp_frame(cluster))) == "reply");
}

TEST_CASE("neighbor frame: the sender's address and the frame's are kept apart", "[probe][neighbor]") {
  auto fields = arp_reply();
  fields.sender_hardware = mac("02:00:5e:10:00:99");
  const auto said = message_of(read(arp_frame(fields)));
  CHECK(said.owner == mac("02:00:5e:10:00:99"));
  CHECK(said.frame_source == their_mac);
}

TEST_CASE("neighbor frame: padding may hold anything", "[probe][neighbor]") {
  for (const auto framing :
       {craft::link_framing::ethernet_2, craft::link_framing::snap, craft::link_framing::llc}) {
    const craft::link_fields as{.source = our_mac, .framing = framing};
    auto frame = reply_as(as);
    REQUIRE(frame.size() == craft::least_frame);
    const auto used = 14 + 28 +
                      (framing == craft::link_framing::ethernet_2 ? 0u
                       : framing == craft::link_framing::snap     ? 8u
                                                                  : 3u);
    for (auto i = used; i < frame.size(); ++i) frame[i] = std::byte{0xa5};
    frame.resize(200, std::byte{0x5a});
    const auto reading = read(frame, link_as(as));
    CHECK(word_of(reading) == "reply");
    CHECK(message_of(reading).claimed == their_v4);
  }
}

TEST_CASE("neighbor frame: truncation at every length is never believed", "[probe][neighbor]") {
  for (const auto framing :
       {craft::link_framing::ethernet_2, craft::link_framing::snap, craft::link_framing::llc})
    for (const auto& tags : {std::vector<craft::vlan_fields>{}, {{.id = 5}}, {{.id = 5}, {.id = 6}}}) {
      const craft::link_fields as{.source = our_mac, .framing = framing, .tags = tags};
      const auto link = link_as(as);
      const auto header = 14 + 4 * tags.size() +
                          (framing == craft::link_framing::ethernet_2 ? 0u
                           : framing == craft::link_framing::snap     ? 8u
                                                                      : 3u);
      const auto arp = reply_as(as);
      REQUIRE(word_of(read(arp, link)) == "reply");
      for (std::size_t size = 0; size < header + 28; ++size) {
        CAPTURE(size);
        const octets cut{arp.begin(), arp.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto reading = read(cut, link);
        const auto word = word_of(reading);
        REQUIRE((word == "bad-link-header" || word == "bad-arp-header" || word == "unrelated"));
        if (size < 14 + 4 * tags.size()) REQUIRE(word == "bad-link-header");
      }
      const auto nd = advertisement_as(as);
      REQUIRE(word_of(read(nd, link)) == "advertisement");
      for (std::size_t size = 0; size < nd.size(); ++size) {
        CAPTURE(size);
        const octets cut{nd.begin(), nd.begin() + static_cast<std::ptrdiff_t>(size)};
        REQUIRE_FALSE(std::holds_alternative<neighbor_message>(read(cut, link)));
      }
    }
}

TEST_CASE("neighbor frame: a length field that lies is refused", "[probe][neighbor]") {
  const craft::link_fields as{.source = our_mac, .framing = craft::link_framing::snap};
  auto frame = reply_as(as);
  store_be16(frame, 12, 47);  // one more than there is
  CHECK(word_of(read(frame, link_as(as))) == "bad-link-header");
  store_be16(frame, 12, 46);  // counts the padding
  CHECK(word_of(read(frame, link_as(as))) == "reply");
  store_be16(frame, 12, 35);  // one less than the message needs
  CHECK(word_of(read(frame, link_as(as))) == "bad-arp-header");
  store_be16(frame, 12, 7);  // not even SNAP
  CHECK(word_of(read(frame, link_as(as))) == "unrelated");
  // Of a protocol that is none of ours it is nobody's business.
  auto bpdu = built({ethernet_to_us(), craft::llc_fields{.dsap = 0x42, .ssap = 0x42}});
  store_be16(bpdu, 12, 1000);
  CHECK(word_of(read(bpdu)) == "unrelated");
}

TEST_CASE("neighbor frame: only the framing asked with is believed", "[probe][neighbor]") {
  using craft::link_framing;
  const auto all = {link_framing::ethernet_2, link_framing::snap, link_framing::llc};
  for (const auto ours : all)
    for (const auto theirs : all) {
      CAPTURE(static_cast<int>(ours), static_cast<int>(theirs));
      const auto link = link_as({.source = our_mac, .framing = ours});
      const auto reading = read(reply_as({.framing = theirs}), link);
      CHECK(word_of(reading) == (ours == theirs ? "reply" : "wrong-framing"));
      CHECK(message_of(reading).claimed == their_v4);
      CHECK(message_of(reading).owner == their_mac);
      // IPv6 has no SAP: beside llc it goes in SNAP.
      const bool alike = (ours == link_framing::ethernet_2) == (theirs == link_framing::ethernet_2);
      const auto advertised = read(advertisement_as({.framing = theirs}), link);
      CHECK(word_of(advertised) == (alike ? "advertisement" : "wrong-framing"));
      CHECK(message_of(advertised).claimed == their_v6);
    }
}

TEST_CASE("neighbor frame: SNAP under another organisation's code is none of ours", "[probe][neighbor]") {
  const auto frame =
      built({ethernet_to_us(), craft::llc_fields{}, craft::snap_fields{.oui = 0xf8}, arp_reply()});
  CHECK(word_of(read(frame, link_as({.framing = craft::link_framing::snap}))) == "unrelated");
}

TEST_CASE("neighbor frame: only the ethertype asked with is believed", "[probe][neighbor]") {
  struct row {
    craft::forced<std::uint16_t> ours;
    std::uint16_t theirs;
    std::uint16_t operation;
    const char* word;
  };
  const auto [ours, theirs, operation, word] = GENERATE(values<row>({
      {{}, 0x0806, 2, "reply"},
      {{}, 0x8035, 2, "wrong-framing"},
      {{}, 0x8035, 4, "reverse-reply"},
      {{}, 0x0806, 4, "wrong-framing"},
      {{}, 0x0806, 9, "inverse-reply"},
      {{}, 0x1234, 2, "unrelated"},
      {{}, 0x8035, 77, "bad-operation"},
      {0x1234, 0x1234, 2, "reply"},
      {0x1234, 0x1234, 4, "reverse-reply"},
      {0x1234, 0x0806, 2, "wrong-framing"},
      {0x1234, 0x8035, 4, "wrong-framing"},
      {0x0800, 0x0800, 2, "reply"},
      {0x86dd, 0x86dd, 2, "reply"},
      {0x86dd, 0x0806, 2, "wrong-framing"},
  }));
  CAPTURE(theirs, operation, word);
  craft::link_fields frames{.source = our_mac, .type = ours};
  auto ethernet = ethernet_to_us();
  ethernet.type = theirs;
  const auto reading = read(built({ethernet, arp_reply(operation)}), link_as(frames));
  CHECK(word_of(reading) == word);
  if (word_of(reading) == "wrong-framing")
    CHECK(message_of(reading).owner == (operation == 4 ? our_mac : their_mac));
}

TEST_CASE("neighbor frame: under a forced ethertype the octets tell ARP from IP", "[probe][neighbor]") {
  const craft::link_fields frames{.source = our_mac, .type = std::uint16_t{0x88b5}};
  CHECK(word_of(read(advertisement_as(frames), link_as(frames))) == "advertisement");
  CHECK(word_of(read(reply_as(frames), link_as(frames))) == "reply");
  CHECK(word_of(read(advertisement_as({}), link_as(frames))) == "wrong-framing");
  auto ethernet = ethernet_to_us();
  ethernet.type = 0x88b5;
  const auto tcp =
      built({ethernet, craft::ipv4_fields{.source = their_v4, .destination = our_v4}, craft::tcp_fields{}});
  CHECK(word_of(read(tcp, link_as(frames))) == "unrelated");
  auto foreign = reply_as(frames);
  store_be16(foreign, 14, 0x9001);
  CHECK(word_of(read(foreign, link_as(frames))) == "unrelated");
  // ARP's own type needs no guess.
  const craft::link_fields plain{.source = our_mac, .type = wire::ether_type::arp};
  auto hardware = reply_as(plain);
  store_be16(hardware, 14, 0x6001);
  CHECK(word_of(read(hardware, link_as(plain))) == "bad-arp-header");
}

TEST_CASE("neighbor frame: only the VLAN asked in is believed", "[probe][neighbor]") {
  using tags = std::vector<craft::vlan_fields>;
  struct row {
    tags ours;
    tags theirs;
    bool alike;
  };
  const auto [ours, theirs, alike] = GENERATE(values<row>({
      {{}, {}, true},
      {{}, {{.id = 0, .priority = 6}}, true},
      {{}, {{.id = 7}}, false},
      {{{.id = 7}}, {{.id = 7}}, true},
      {{{.id = 7, .priority = 3}}, {{.id = 7, .priority = 1, .drop_eligible = true}}, true},
      {{{.id = 7}}, {}, false},
      {{{.id = 7}}, {{.id = 0}}, false},
      {{{.id = 7}}, {{.id = 8}}, false},
      {{{.id = 7}}, {{.id = 7}, {.id = 9}}, false},
      {{{.id = 7}}, {{.id = 9}, {.id = 7}}, false},
      {{{.id = 7}, {.id = 9}}, {{.id = 7}, {.id = 9}}, true},
      {{{.id = 7}, {.id = 9}}, {{.id = 9}, {.id = 7}}, false},
      {{{.id = 7}, {.id = 9}}, {{.id = 7}}, false},
      {{{.id = 7}, {.id = 9}}, {{.id = 9}}, false},
      {{{.id = 0}}, {}, true},
      {{{.id = 0}}, {{.id = 7}}, false},
      {{{.id = 7}}, {{.id = 7}, {.id = 0}}, true},
  }));
  const auto link = link_as({.source = our_mac, .tags = ours});
  const auto reading = read(reply_as({.tags = theirs}), link);
  CHECK(word_of(reading) == (alike ? "reply" : "wrong-vlan"));
  const auto said = message_of(reading);
  CHECK(said.claimed == their_v4);  // so that a leak can be named
  CHECK(said.owner == their_mac);
  REQUIRE(said.tag.has_value() == !theirs.empty());
  if (said.tag) CHECK(said.tag->id == theirs.front().id);
  if (said.tag) CHECK(said.tag->priority == theirs.front().priority);
  CHECK(word_of(read(advertisement_as({.tags = theirs}), link)) == (alike ? "advertisement" : "wrong-vlan"));
}

TEST_CASE("neighbor frame: the first reason counts: headers, framing, tag, message", "[probe][neighbor]") {
  auto bad = arp_reply(77);
  const auto tag = craft::vlan_fields{.id = 7};
  CHECK(word_of(read(built({ethernet_to_us(), tag, craft::llc_fields{}, craft::snap_fields{}, bad}))) ==
        "wrong-framing");
  const auto reading = read(built({ethernet_to_us(), tag, bad}));
  CHECK(word_of(reading) == "wrong-vlan");
  // It would not have been believed here either: it names nobody.
  CHECK_FALSE(message_of(reading).claimed);
  CHECK(message_of(reading).owner == mac_address{});
  CHECK(message_of(reading).frame_source == their_mac);
  REQUIRE(message_of(reading).tag);
  CHECK(message_of(reading).tag->id == 7);
}

TEST_CASE("neighbor frame: five tags, other protocols and other arrivals are none of ours",
          "[probe][neighbor]") {
  const craft::vlan_fields tag{.id = 7};
  CHECK(word_of(read(built({ethernet_to_us(), tag, tag, tag, tag, tag, arp_reply()}))) == "unrelated");
  auto lldp = ethernet_to_us();
  lldp.type = 0x88cc;
  CHECK(word_of(read(built({lldp, arp_reply()}))) == "unrelated");
  const auto frame = built({ethernet_to_us(), arp_reply()});
  auto packet = arrived(frame);
  packet.form = framing::ipv4_packet;
  CHECK(word_of(read_neighbor_frame(packet, our_link())) == "unrelated");
}

TEST_CASE("neighbor frame: what goes to a group goes to everyone", "[probe][neighbor]") {
  for (const auto& [text, everyone] :
       {std::pair{"ff:ff:ff:ff:ff:ff", true}, {"33:33:00:00:00:01", true}, {"02:00:5e:10:00:01", false}}) {
    auto ethernet = ethernet_to_us();
    ethernet.destination = mac(text);
    CHECK(message_of(read(built({ethernet, arp_reply()}))).to_everyone() == everyone);
  }
}

TEST_CASE("neighbor frame: hardware addresses tell groups and local ones", "[probe][neighbor]") {
  CHECK(is_group(mac("01:00:5e:00:00:01")));
  CHECK_FALSE(is_group(mac("02:00:5e:00:00:01")));
  CHECK(is_locally_administered(mac("02:00:5e:00:00:01")));
  CHECK_FALSE(is_locally_administered(mac("00:00:5e:00:00:01")));
  CHECK(is_valid_owner(mac("00:00:00:00:00:01")));
  CHECK_FALSE(is_valid_owner(mac("00:00:00:00:00:00")));
  CHECK_FALSE(is_valid_owner(broadcast_mac));
}
