// libdiag/io/tap_reader.hpp: captured frames become the stimuli a machine can use, or nothing.
#include "libdiag/io/tap_reader.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace diag;

namespace {

using octets = std::vector<std::byte>;

octets echo_v4(std::uint8_t type, std::uint16_t identifier, std::uint32_t to = 0xC0000202) {
  octets out(28);
  store_u8(out, 0, 0x45);
  store_u8(out, 9, 1);
  store_be32(out, 16, to);
  store_u8(out, 20, type);
  store_be16(out, 24, identifier);
  return out;
}

octets echo_v6(std::uint8_t type, std::uint16_t identifier) {
  octets out(48);
  store_u8(out, 0, 0x60);
  store_u8(out, 6, 58);
  store_be16(out, 24, 0x2001);
  store_u8(out, 40, type);
  store_be16(out, 44, identifier);
  return out;
}

io::frame captured(const octets& packet, bool outgoing, std::uint32_t interface = 2, duration at = 1s) {
  io::frame one;
  one.bytes = packet;
  one.packet = packet;
  one.wire_size = packet.size();
  one.ethertype = load_u8(packet, 0) >> 4 == 6 ? 0x86dd : 0x0800;
  one.interface = interface;
  one.outgoing = outgoing;
  one.kernel = {mono_time{at}, probe::stamp_source::capture};
  return one;
}

struct fixture {
  io::tap_reader reader{io::tap_interest{true, {0x4000, 1}, {0x4000, 1}}};
  ip_address asked;
  io::packet_recogniser recognise = [this](const io::outgoing_packet& one) {
    asked = one.destination;
    return load_be16(one.transport, 4) == 0x4000 ? std::optional<probe::probe_token>{42} : std::nullopt;
  };
  std::optional<probe::stimulus> read(const io::frame& one, bool everywhere = true) {
    return reader.read(one, mono_time{2s}, everywhere, recognise);
  }
};

}  // namespace

TEST_CASE("tap_reader: an outgoing request becomes the stamp of its probe", "[io][tap_reader]") {
  fixture f;
  const auto request = echo_v4(8, 0x4000);
  const auto what = f.read(captured(request, true));
  REQUIRE(what.has_value());
  const auto& sent = std::get<probe::sent>(*what);
  CHECK(sent.token == 42);
  CHECK(sent.when.at == mono_time{1s});
  CHECK(sent.when.source == probe::stamp_source::capture);
  CHECK(f.asked == ip_address::v4(0xC0000202));
  CHECK_FALSE(f.read(captured(echo_v4(8, 0x4001), true)).has_value());
}

TEST_CASE("tap_reader: somebody's request to us is not ours, except on loopback", "[io][tap_reader]") {
  fixture f;
  CHECK_FALSE(f.read(captured(echo_v4(8, 0x4000), false)).has_value());
  CHECK(f.read(captured(echo_v4(8, 0x4000, 0x7f000001), false)).has_value());
}

TEST_CASE("tap_reader: an incoming reply becomes an arrival with the capture's stamp", "[io][tap_reader]") {
  fixture f;
  const auto packet = GENERATE(echo_v4(0, 0x4000), echo_v6(129, 0x4000));
  const auto what = f.read(captured(packet, false));
  REQUIRE(what.has_value());
  const auto& arrival = std::get<probe::arrival>(*what);
  CHECK(arrival.form == (packet.size() == 28 ? probe::framing::ipv4_packet : probe::framing::ipv6_packet));
  CHECK(arrival.kernel.source == probe::stamp_source::capture);
  CHECK(arrival.read_at == mono_time{2s});
  CHECK(arrival.wire_size == packet.size());
  CHECK(arrival.interface == 2);
}

TEST_CASE("tap_reader: an answer behind IPv6 extension headers is an answer", "[io][tap_reader]") {
  fixture f;
  auto packet = echo_v6(129, 0x4000);
  const octets options{std::byte{58}, std::byte{0}, std::byte{1}, std::byte{4}, {}, {}, {}, {}};  // PadN
  packet.insert(packet.begin() + 40, options.begin(), options.end());
  store_u8(packet, 6, 60);
  CHECK(f.read(captured(packet, false)).has_value());
  store_u8(packet, 41, 9);  // a header that goes past the octets
  CHECK_FALSE(f.read(captured(packet, false)).has_value());
  store_u8(packet, 41, 0);
  packet.resize(48);  // nothing behind the header
  CHECK_FALSE(f.read(captured(packet, false)).has_value());
}

TEST_CASE("tap_reader: replies to others, our own replies and other protocols are nothing",
          "[io][tap_reader]") {
  fixture f;
  CHECK_FALSE(f.read(captured(echo_v4(0, 0x4001), false)).has_value());
  CHECK_FALSE(f.read(captured(echo_v4(0, 0x4000), true)).has_value());
  auto udp = echo_v4(0, 0x4000);
  store_u8(udp, 9, 17);
  CHECK_FALSE(f.read(captured(udp, false)).has_value());
  auto arp = captured(udp, false);
  arp.ethertype = 0x0806;
  CHECK_FALSE(f.read(arp).has_value());
}

TEST_CASE("tap_reader: one packet on two interfaces arrives once, twice on one interface is twice",
          "[io][tap_reader]") {
  fixture f;
  const auto reply = echo_v4(0, 0x4000);
  CHECK(f.read(captured(reply, false, 2, 1s)).has_value());
  CHECK_FALSE(f.read(captured(reply, false, 3, 1s + 10us)).has_value());
  CHECK(f.read(captured(reply, false, 2, 1s + 20us)).has_value());
}

TEST_CASE("tap_reader: survives every truncation", "[io][tap_reader]") {
  fixture f;
  for (const auto& whole : {echo_v4(0, 0x4000), echo_v6(129, 0x4000), echo_v4(8, 0x4000)}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      auto one = captured(part, false);
      one.ethertype = load_u8(part, 0) >> 4 == 6 ? 0x86dd : 0x0800;
      const auto what = f.read(one, false);
      if (!what) continue;
      CHECK(std::get<probe::arrival>(*what).bytes.size() == size);
    }
  }
}
