// libdiag/io/tap_reader.hpp: captured frames become the stimuli a machine can use, or nothing.
#include "libdiag/io/tap_reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "libdiag/wire/tcp.hpp"

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

namespace {

struct tcp_packet {
  std::uint32_t from = 0xC0000201;
  std::uint32_t to = 0xC0000202;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t flags = wire::tcp_flag::syn;
};

octets make(const tcp_packet& what) {
  octets out(40);
  store_u8(out, 0, 0x45);
  store_u8(out, 9, 6);
  store_be32(out, 12, what.from);
  store_be32(out, 16, what.to);
  store_be16(out, 20, what.source_port);
  store_be16(out, 22, what.destination_port);
  store_be16(out, 32, static_cast<std::uint16_t>(5 << 12 | what.flags));
  return out;
}

octets make_v6(const tcp_packet& what) {
  const auto v4 = make(what);
  octets out(60);
  store_u8(out, 0, 0x60);
  store_u8(out, 6, 6);
  store_be32(out, 8, 0x20010db8);
  store_be32(out, 20, what.from);
  store_be32(out, 24, 0x20010db8);
  store_be32(out, 36, what.to);
  std::copy(v4.begin() + 20, v4.end(), out.begin() + 40);
  return out;
}

octets error_about(const tcp_packet& what) {
  octets out(28);
  store_u8(out, 0, 0x45);
  store_u8(out, 9, 1);
  store_be32(out, 12, 0xC0000203);
  store_be32(out, 16, what.from);
  store_u8(out, 20, 3);
  const auto quoted = make(what);
  out.insert(out.end(), quoted.begin(), quoted.begin() + 28);
  return out;
}

/// Probes from port 61000 to port 80 of 192.0.2.2 are ours.
struct tcp_fixture {
  explicit tcp_fixture(const io::tap_interest& wanted) : reader{wanted} {}
  static io::tap_interest ports() {
    io::tap_interest wanted;
    wanted.echoes = false;
    wanted.ports = {61000, 4};
    return wanted;
  }
  static io::tap_interest connections() {
    io::tap_interest wanted;
    wanted.echoes = false;
    wanted.connections = true;
    return wanted;
  }
  std::optional<probe::stimulus> read(const octets& packet, bool outgoing, std::uint32_t interface = 2) {
    return reader.read(captured(packet, outgoing, interface), mono_time{2s}, false,
                       [this](const io::outgoing_packet& one) -> std::optional<probe::probe_token> {
                         ++asked;
                         last = {one.source, one.destination};
                         if (load_be16(one.transport, 0) != 61000 || load_be16(one.transport, 2) != 80)
                           return std::nullopt;
                         return 42;
                       });
  }
  static bool is_sent(const std::optional<probe::stimulus>& what) {
    return what && std::holds_alternative<probe::sent>(*what);
  }
  static bool is_arrival(const std::optional<probe::stimulus>& what) {
    return what && std::holds_alternative<probe::arrival>(*what);
  }
  io::tap_reader reader;
  int asked = 0;
  std::pair<ip_address, ip_address> last;
};

constexpr tcp_packet our_syn{0xC0000201, 0xC0000202, 61000, 80, wire::tcp_flag::syn};
constexpr tcp_packet their_reset{0xC0000202, 0xC0000201, 80, 61000, wire::tcp_flag::rst};

tcp_packet changed(tcp_packet what, std::uint16_t source_port, std::uint16_t destination_port) {
  what.source_port = source_port;
  what.destination_port = destination_port;
  return what;
}

}  // namespace

TEST_CASE("tap_reader: segments from our ports are probes, segments to them are answers",
          "[io][tap_reader]") {
  tcp_fixture f{tcp_fixture::ports()};
  CHECK(f.is_sent(f.read(make(our_syn), true)));
  CHECK(f.last.first == ip_address::v4(0xC0000201));
  CHECK(f.last.second == ip_address::v4(0xC0000202));
  CHECK(f.is_sent(f.read(make_v6(our_syn), true)));
  CHECK_FALSE(f.read(make(our_syn), false));  // somebody else's, or a reflection
  CHECK_FALSE(f.read(make(changed(our_syn, 61001, 80)), true));
  CHECK_FALSE(f.read(make(changed(our_syn, 60999, 80)), true));
  CHECK(f.is_arrival(f.read(make(their_reset), false)));
  CHECK(f.is_arrival(f.read(make_v6(their_reset), false)));
  CHECK_FALSE(f.read(make(changed(their_reset, 80, 61004)), false));
  CHECK_FALSE(f.read(make(their_reset), true));
  CHECK(f.is_arrival(f.read(error_about(our_syn), false)));
  CHECK(f.is_arrival(f.read(error_about(changed(our_syn, 61003, 443)), false)));
  CHECK_FALSE(f.read(error_about(changed(our_syn, 62000, 80)), false));
}

TEST_CASE("tap_reader: on loopback a probe is told from its answer by its ports", "[io][tap_reader]") {
  tcp_fixture f{tcp_fixture::ports()};
  constexpr std::uint32_t loopback_interface = 1;
  CHECK(f.is_sent(f.read(make(our_syn), false, loopback_interface)));
  CHECK(f.is_arrival(f.read(make(their_reset), false, loopback_interface)));
  // A probe of a port that is itself leased: the answer, too, comes from one of our ports.
  CHECK(f.is_arrival(f.read(make(changed(their_reset, 61002, 61000)), false, loopback_interface)));
}

TEST_CASE("tap_reader: in connect mode the recogniser knows which connections are ours", "[io][tap_reader]") {
  tcp_fixture f{tcp_fixture::connections()};
  CHECK(f.is_sent(f.read(make(our_syn), true)));
  CHECK_FALSE(f.read(make(changed(our_syn, 61001, 80)), true));
  CHECK(f.is_arrival(f.read(make(their_reset), false)));
  // Asked with the mirror image: from us to them.
  CHECK(f.last.first == ip_address::v4(0xC0000201));
  CHECK(f.last.second == ip_address::v4(0xC0000202));
  CHECK_FALSE(f.read(make(changed(their_reset, 80, 61001)), false));
  auto handshake = their_reset;
  handshake.flags = wire::tcp_flag::syn | wire::tcp_flag::ack;
  CHECK(f.is_arrival(f.read(make(handshake), false)));
  CHECK(f.is_arrival(f.read(error_about(our_syn), false)));
  CHECK_FALSE(f.read(error_about(changed(our_syn, 61001, 80)), false));
  const auto asked = f.asked;
  auto data = their_reset;
  data.flags = wire::tcp_flag::ack;
  CHECK_FALSE(f.read(make(data), false));  // not asked for each segment of each connection
  CHECK(f.asked == asked);
}

TEST_CASE("tap_reader: survives truncated segments and quotes", "[io][tap_reader]") {
  for (const auto& wanted : {tcp_fixture::ports(), tcp_fixture::connections()}) {
    tcp_fixture f{wanted};
    for (const auto& whole : {make(our_syn), make_v6(their_reset), error_about(our_syn)}) {
      for (std::size_t size = 1; size < whole.size(); ++size) {
        const octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        for (const bool outgoing : {false, true}) {
          const auto what = f.read(part, outgoing);
          if (f.is_arrival(what)) CHECK(std::get<probe::arrival>(*what).bytes.size() == size);
        }
      }
    }
  }
}

namespace {

octets as_udp(octets packet) {
  store_u8(packet, load_u8(packet, 0) >> 4 == 4 ? 9 : 6, 17);
  packet.resize(packet.size() - 12);  // eight octets of UDP
  return packet;
}

octets error_about_udp(const tcp_packet& what) {
  auto out = error_about(what);
  store_u8(out, 28 + 9, 17);
  return out;
}

}  // namespace

TEST_CASE("tap_reader: datagrams from our ports are probes, datagrams to them are answers",
          "[io][tap_reader]") {
  tcp_fixture f{tcp_fixture::ports()};
  CHECK(f.is_sent(f.read(as_udp(make(our_syn)), true)));
  CHECK(f.is_sent(f.read(as_udp(make_v6(our_syn)), true)));
  CHECK_FALSE(f.read(as_udp(make(changed(our_syn, 62000, 80))), true));
  CHECK(f.is_arrival(f.read(as_udp(make(their_reset)), false)));
  CHECK(f.is_arrival(f.read(as_udp(make_v6(their_reset)), false)));
  CHECK_FALSE(f.read(as_udp(make(changed(their_reset, 80, 61004))), false));
  CHECK(f.is_arrival(f.read(error_about_udp(our_syn), false)));
  CHECK_FALSE(f.read(error_about_udp(changed(our_syn, 62000, 80)), false));
  auto cut = as_udp(make(our_syn));
  cut.resize(27);
  CHECK_FALSE(f.read(cut, true));
  tcp_fixture connecting{tcp_fixture::connections()};
  CHECK_FALSE(connecting.read(as_udp(make(our_syn)), true));
  CHECK_FALSE(connecting.read(as_udp(make(their_reset)), false));
}

TEST_CASE("tap_reader: errors that quote what a translator made of our ports", "[io][tap_reader]") {
  auto wanted = tcp_fixture::ports();
  wanted.every_error = true;
  tcp_fixture f{wanted};
  CHECK(f.is_arrival(f.read(error_about_udp(changed(our_syn, 1024, 80)), false)));
  CHECK_FALSE(f.read(error_about_udp(changed(our_syn, 1024, 80)), true));
  CHECK_FALSE(f.read(echo_v4(0, 0x4000), false));
}

TEST_CASE("tap_reader: with identifiers beside ports, echoes are ours too", "[io][tap_reader]") {
  io::tap_interest wanted;
  wanted.ours_v4 = wanted.ours_v6 = {0x4000, 1};
  wanted.ports = {61000, 4};
  io::tap_reader reader{wanted};
  const auto recognise = [](const io::outgoing_packet& one) -> std::optional<probe::probe_token> {
    return one.protocol == 1 || one.protocol == 58 ? 7 : 8;
  };
  const auto read = [&](const octets& packet, bool outgoing) {
    return reader.read(captured(packet, outgoing), mono_time{2s}, false, recognise);
  };
  CHECK(std::get<probe::sent>(*read(echo_v4(8, 0x4000), true)).token == 7);
  CHECK(std::get<probe::sent>(*read(make(our_syn), true)).token == 8);
  CHECK(tcp_fixture::is_arrival(read(echo_v4(0, 0x4000), false)));
  CHECK(tcp_fixture::is_arrival(read(echo_v6(129, 0x4000), false)));
  CHECK_FALSE(read(echo_v4(0, 0x4001), false));
  CHECK(tcp_fixture::is_arrival(read(error_about_udp(our_syn), false)));
}
