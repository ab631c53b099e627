// Probes of one flow, and whose answer is whose.
#include "libdiag/probe/path_exchange.hpp"

#include <set>

#include "libdiag/wire/ipv4.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_packets.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::test;

namespace {

struct bench {
  explicit bench(path_method method, bool v6 = false, std::uint16_t port = 33434) {
    path_target target;
    target.address = address(v6 ? "2001:db8:1::9" : "198.51.100.9");
    target.source = address(v6 ? "2001:db8::1" : "192.0.2.1");
    target.method = method;
    target.port = port;
    targets.push_back(target);
    config.source_port_base = 40000;
    config.identifier_base = 0x4700;
    config.flows = 4;
    config.profile = craft::linux_profile();
    config.key = {11, 22};
    exchange.emplace(config, targets);
  }
  /// Sends a probe, returns its packet.
  octets send(std::uint8_t hop, std::uint16_t flow = 0) {
    auto& record = exchange->table().add(mono_time{1s});
    record.asked = {.target = 0, .flow = flow, .hop = hop};
    last = &record;
    const auto out = exchange->request(record, false);
    return {out.bytes.begin(), out.bytes.end()};
  }
  path_exchange::judgement judge(const octets& packet) {
    return exchange->judge(arriving(packet, mono_time{1s + 20ms}));
  }
  static const path_answer& answer(const path_exchange::judgement& what) {
    REQUIRE(std::holds_alternative<path_exchange::finding>(what));
    return std::get<path_exchange::finding>(what).answer;
  }

  path_probe_config config{};
  std::vector<path_target> targets;
  std::optional<path_exchange> exchange{};
  path_record* last = nullptr;
};

const auto router = address("203.0.113.3");
const auto router6 = address("2001:db8:ff::3");
constexpr std::size_t v4_header = 20, v6_header = 40;

bool rejected(const path_exchange::judgement& what, reject_reason why) {
  const auto* refusal = std::get_if<path_reject>(&what);
  return refusal != nullptr && refusal->why == why;
}

}  // namespace

TEST_CASE("path exchange: what routers hash is one for a flow, the number is everyone's own",
          "[probe][path]") {
  const auto method =
      GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
  const auto v6 = GENERATE(false, true);
  bench on{method, v6, 443};
  const auto header = v6 ? v6_header : v4_header;
  std::set<octets> flows, packets;
  for (std::uint8_t hop = 1; hop <= 40; ++hop) {
    const auto packet = on.send(hop);
    CHECK(std::to_integer<int>(packet[v6 ? 7 : 8]) == hop);
    packets.insert(packet);
    // Ports, or type, code, checksum and identifier.
    octets flow{packet.begin() + static_cast<std::ptrdiff_t>(header),
                packet.begin() + static_cast<std::ptrdiff_t>(header) + (method == path_method::icmp ? 6 : 4)};
    if (v6) flow.insert(flow.end(), packet.begin() + 1, packet.begin() + 4);
    flows.insert(flow);
    if (!v6) CHECK(load_be16(packet, 4) != 0);
  }
  CHECK(flows.size() == 1);
  CHECK(packets.size() == 40);
  CHECK(on.send(1, 1) != on.send(1, 2));
}

TEST_CASE("path exchange: time exceeded finds its probe, however much is quoted", "[probe][path]") {
  const auto method =
      GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
  bench on{method};
  const auto quoted = GENERATE(28U, 29U, 36U, 40U, 128U, 576U);
  on.send(2);
  const auto probe = arrived_with(on.send(3), 1);
  on.send(4);
  const auto judged = on.judge(icmp_error_packet(probe, router, {.quote = quoted}));
  const auto& answer = bench::answer(judged);
  CHECK(std::get<path_exchange::finding>(judged).probe->asked.hop == 3);
  CHECK(answer.state == hop_state::time_exceeded);
  CHECK(answer.from == router);
  CHECK(answer.rtt == 20ms);
  CHECK(answer.hop_limit == std::uint8_t{60});
  CHECK(answer.quoted_hop_limit == std::uint8_t{1});
  CHECK(answer.changes.empty());
}

TEST_CASE("path exchange: the same over IPv6", "[probe][path]") {
  const auto method =
      GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
  const auto quoted = GENERATE(48U, 60U, 1232U);
  bench on{method, true};
  const auto probe = arrived_with(on.send(3), 1);
  const auto judged = on.judge(icmp_error_packet(probe, router6, {.type = 3, .quote = quoted}));
  CHECK(bench::answer(judged).state == hop_state::time_exceeded);
  CHECK(bench::answer(judged).changes.empty());
}

TEST_CASE("path exchange: a quote that does not reach to the number is refused", "[probe][path]") {
  const auto quoted = GENERATE(20U, 22U, 24U, 27U);
  bench on{path_method::udp};
  const auto probe = on.send(3);
  CHECK(rejected(on.judge(icmp_error_packet(probe, router, {.quote = quoted})), reject_reason::bad_quote));
}

TEST_CASE("path exchange: one changed field of a short quote is refused, of a long one told",
          "[probe][path]") {
  bench on{path_method::udp};
  const auto field = GENERATE(4U, 26U);  // identification, UDP checksum
  const auto mode = GENERATE(28U, 60U);
  auto probe = on.send(3);
  probe[field] ^= std::byte{0x55};
  const auto judged = on.judge(icmp_error_packet(probe, router, {.quote = mode}));
  if (mode == 28) {
    CHECK(rejected(judged, reject_reason::foreign_quote));
    return;
  }
  const auto& changes = bench::answer(judged).changes;
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].what ==
        (field == 4 ? header_change::field::identification : header_change::field::checksum));
}

TEST_CASE("path exchange: a translated source is a change, not a stranger", "[probe][path]") {
  bench on{path_method::udp};
  const auto quoted = GENERATE(28U, 60U);
  const auto probe = on.send(3);
  // What a NAT makes of it: another source address and port, and a checksum that fits.
  auto translated = probe;
  const auto outside = address("198.51.100.200");
  std::copy(outside.bytes().begin(), outside.bytes().end(), translated.begin() + 12);
  store_be16(translated, 20, 1025);
  auto sum = load_be16(probe, 26);
  const auto update = [&](std::size_t at) {
    const auto before = load_be16(probe, at);
    const auto after = load_be16(translated, at);
    auto all = std::uint32_t{static_cast<std::uint16_t>(~sum)} + static_cast<std::uint16_t>(~before) + after;
    all = (all & 0xffff) + (all >> 16);
    all = (all & 0xffff) + (all >> 16);
    sum = static_cast<std::uint16_t>(~all);
  };
  update(12);
  update(14);
  update(20);
  store_be16(translated, 26, sum);
  // Back here the outer header has our address again.
  auto error = icmp_error_packet(translated, router, {.quote = quoted});
  const auto own = address("192.0.2.1");
  std::copy(own.bytes().begin(), own.bytes().end(), error.begin() + 16);
  const auto judged = on.judge(error);
  const auto& changes = bench::answer(judged).changes;
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].what == header_change::field::source_address);
  CHECK(changes[0].seen_address == outside);
  CHECK(changes[1].what == header_change::field::source_port);
  CHECK(changes[1].seen == 1025U);
}

TEST_CASE("path exchange: a checksum that is off by the same in every quote is a translator's",
          "[probe][path]") {
  bench on{path_method::udp};
  const auto bend = [](octets probe) {
    const auto sum = load_be16(probe, 26) + 0x1234U;
    store_be16(probe, 26, static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16)));
    return probe;
  };
  const auto first = bend(on.send(3));
  const auto second = bend(on.send(4));
  CHECK(rejected(on.judge(icmp_error_packet(first, router, {.quote = 28})), reject_reason::foreign_quote));
  CHECK(rejected(on.judge(icmp_error_packet(first, router, {.quote = 28})), reject_reason::foreign_quote));
  CHECK(bench::answer(on.judge(icmp_error_packet(second, router, {.quote = 28}))).state ==
        hop_state::time_exceeded);
}

TEST_CASE("path exchange: quotes of others, wrong protocols and wrong ports", "[probe][path]") {
  bench on{path_method::udp};
  auto probe = on.send(3);
  SECTION("another host's probe") {
    bench other{path_method::udp};
    other.config.source_port_base = 50000;
    other.config.key = {5, 6};
    other.exchange.emplace(other.config, other.targets);
    const auto foreign = other.send(3);
    CHECK(std::holds_alternative<path_exchange::nothing>(on.judge(icmp_error_packet(foreign, router))));
  }
  SECTION("our ports under TCP") {
    probe[9] = std::byte{6};
    CHECK(std::holds_alternative<path_reject>(on.judge(icmp_error_packet(probe, router, {.quote = 28}))));
  }
  SECTION("another port, short") {
    store_be16(probe, 20, 40001);
    CHECK(std::holds_alternative<path_reject>(on.judge(icmp_error_packet(probe, router, {.quote = 28}))));
  }
  SECTION("an IHL of 15 in 28 octets") {
    probe[0] = std::byte{0x4f};
    CHECK(rejected(on.judge(icmp_error_packet(probe, router, {.quote = 28})), reject_reason::bad_quote));
  }
  SECTION("an IHL of 2") {
    probe[0] = std::byte{0x42};
    CHECK(rejected(on.judge(icmp_error_packet(probe, router)), reject_reason::bad_quote));
  }
}

TEST_CASE("path exchange: unreachables, and who may say that a port is", "[probe][path]") {
  bench on{path_method::udp};
  const auto probe = on.send(9);
  SECTION("the target: reached") {
    const auto judged =
        on.judge(icmp_error_packet(arrived_with(probe, 4), on.targets[0].address, {.type = 3, .code = 3}));
    CHECK(bench::answer(judged).state == hop_state::reached);
    CHECK(bench::answer(judged).quoted_hop_limit == std::uint8_t{4});
  }
  SECTION("somebody else: refused") {
    const auto judged = on.judge(icmp_error_packet(probe, router, {.type = 3, .code = 3}));
    CHECK(bench::answer(judged).state == hop_state::unreachable);
    CHECK(bench::answer(judged).why == reason::port_unreachable);
  }
  SECTION("administratively prohibited") {
    const auto judged = on.judge(icmp_error_packet(probe, router, {.type = 3, .code = 13}));
    CHECK(bench::answer(judged).why == reason::admin_prohibited);
  }
  SECTION("fragmentation needed") {
    const auto judged = on.judge(icmp_error_packet(probe, router, {.type = 3, .code = 4, .mtu = 1400}));
    CHECK(bench::answer(judged).mtu == 1400);
    CHECK(bench::answer(judged).why == reason::fragmentation_needed);
  }
  SECTION("reassembly is no hop") {
    const auto judged = on.judge(icmp_error_packet(probe, router, {.type = 11, .code = 1}));
    CHECK(bench::answer(judged).state == hop_state::unreachable);
    CHECK(bench::answer(judged).why == reason::reassembly_time_exceeded);
  }
  SECTION("a redirect says nothing about the path") {
    CHECK(std::holds_alternative<path_exchange::nothing>(
        on.judge(icmp_error_packet(probe, router, {.type = 5}))));
  }
}

TEST_CASE("path exchange: echo replies", "[probe][path]") {
  bench on{path_method::icmp};
  const auto probe = on.send(9);
  octets body{probe.begin() + v4_header + 8, probe.end()};
  const auto reply = [&](const ip_address& from, byte_view payload) {
    return *craft::build_frame(
        {craft::ipv4_fields{.source = from, .destination = on.targets[0].source},
         craft::icmpv4_fields{
             .type = 0, .identifier = load_be16(probe, 24), .sequence = load_be16(probe, 26)},
         craft::payload_fields{payload}});
  };
  CHECK(bench::answer(on.judge(reply(on.targets[0].address, body))).state == hop_state::reached);
  CHECK(rejected(on.judge(reply(router, body)), reject_reason::wrong_source));
  body[0] ^= std::byte{1};
  CHECK(rejected(on.judge(reply(on.targets[0].address, body)), reject_reason::wrong_token));
}

TEST_CASE("path exchange: segments that end a trace", "[probe][path]") {
  bench on{path_method::tcp_syn, false, 443};
  const auto probe = on.send(9);
  const auto segment = [&](std::uint16_t flags, std::uint32_t ack, std::uint16_t port = 443) {
    return *craft::build_frame(
        {craft::ipv4_fields{.source = on.targets[0].address, .destination = on.targets[0].source},
         craft::tcp_fields{.source_port = port,
                           .destination_port = 40000,
                           .sequence = 7,
                           .acknowledgment = ack,
                           .flags = flags}});
  };
  const auto ack = load_be32(probe, 24) + 1;
  CHECK(bench::answer(on.judge(segment(0x12, ack))).why == reason::syn_ack);
  CHECK(bench::answer(on.judge(segment(0x14, ack))).why == reason::reset);
  CHECK(rejected(on.judge(segment(0x12, ack + 1)), reject_reason::wrong_ack));
  CHECK(rejected(on.judge(segment(0x10, ack)), reject_reason::bad_flags));
  CHECK(rejected(on.judge(segment(0x12, ack, 444)), reject_reason::wrong_port));
}

TEST_CASE("path exchange: a service's answer is no measurement, unless it repeats the tag", "[probe][path]") {
  bench on{path_method::udp, false, 53};
  on.send(5);
  const auto probe = on.send(30);
  const auto datagram = [&](byte_view payload) {
    return *craft::build_frame(
        {craft::ipv4_fields{.source = on.targets[0].address, .destination = on.targets[0].source},
         craft::udp_fields{.source_port = 53, .destination_port = 40000}, craft::payload_fields{payload}});
  };
  const auto other = on.judge(datagram(as_bytes("no idea")));
  CHECK(bench::answer(other).state == hop_state::reached);
  CHECK_FALSE(bench::answer(other).rtt.has_value());
  CHECK(std::get<path_exchange::finding>(other).probe->asked.hop == 30);
  const auto echoed = on.judge(datagram(byte_view{probe}.subspan(28)));
  CHECK(bench::answer(echoed).rtt == 20ms);
}

TEST_CASE("path exchange: extensions are read, and lies are marked", "[probe][path]") {
  bench on{path_method::udp};
  const auto probe = on.send(3);
  // RFC 4884 header, then one MPLS object: label 100, bottom of stack, TTL 1.
  octets extension(12);
  store_be32(extension, 0, 0x20000000);
  store_be16(extension, 4, 8);
  extension[6] = std::byte{1};
  extension[7] = std::byte{1};
  store_be32(extension, 8, 100U << 12 | 1U << 8 | 1U);
  SECTION("labels") {
    const auto judged = on.judge(icmp_error_packet(probe, router, {.extension = extension}));
    const auto& answer = bench::answer(judged);
    REQUIRE(answer.mpls.size() == 1);
    CHECK(answer.mpls[0].label == 100);
    CHECK(answer.mpls[0].bottom);
    CHECK_FALSE(answer.bad_extension);
  }
  SECTION("an object that is longer than the rest") {
    store_be16(extension, 4, 65535);
    const auto judged = on.judge(icmp_error_packet(probe, router, {.extension = extension}));
    CHECK(bench::answer(judged).mpls.empty());
    CHECK(bench::answer(judged).bad_extension);
  }
  SECTION("another version") {
    store_be32(extension, 0, 0x30000000);
    CHECK(bench::answer(on.judge(icmp_error_packet(probe, router, {.extension = extension}))).bad_extension);
  }
}

TEST_CASE("path exchange: the error queue's word, with and without our payload", "[probe][path]") {
  bench on{path_method::udp};
  on.config.whole_packets = false;
  on.exchange.emplace(on.config, on.targets);
  const auto probe = on.send(3);
  CHECK(load_be16(probe, 0) == 40000);  // from the UDP header on
  path_notice notice;
  notice.origin = path_notice::origin_kind::icmpv4;
  notice.type = 11;
  notice.offender = router;
  notice.protocol = 17;
  notice.quoted = byte_view{probe}.subspan(8);
  notice.kernel = {mono_time{1s + 5ms}, stamp_source::user};
  notice.read_at = mono_time{1s + 5ms};
  const auto judged = on.exchange->judge(mono_time{1s + 6ms}, notice);
  CHECK(bench::answer(judged).state == hop_state::time_exceeded);
  CHECK(bench::answer(judged).rtt == 5ms);
  notice.quoted = {};
  CHECK(rejected(on.exchange->judge(mono_time{1s + 6ms}, notice), reject_reason::bad_quote));
}

TEST_CASE("path exchange: a probe that a capture saw leave is known, a stranger's packet is not",
          "[probe][path]") {
  const auto method =
      GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
  const auto v6 = GENERATE(false, true);
  bench on{method, v6, 443};
  const auto header = v6 ? v6_header : v4_header;
  const bool tcp = method == path_method::tcp_syn || method == path_method::tcp_ack;
  const std::uint8_t protocol = tcp ? 6 : method == path_method::udp ? 17 : v6 ? 58 : 1;
  const auto there = on.targets[0].address;
  for (std::uint8_t hop = 1; hop <= 3; ++hop) {
    const auto packet = on.send(hop);
    const auto transport = byte_view{packet}.subspan(header);
    CHECK(on.exchange->recognise(protocol, there, transport) == on.last->index);
    CHECK_FALSE(on.exchange->recognise(protocol, v6 ? router6 : router, transport).has_value());
    CHECK_FALSE(on.exchange->recognise(tcp ? 17 : 6, there, transport).has_value());
    CHECK_FALSE(on.exchange->recognise(protocol, there, transport.first(7)).has_value());
    octets other{transport.begin(), transport.end()};
    other[tcp ? 5 : 9] ^= std::byte{0x40};  // of the sequence number, of the tag
    CHECK_FALSE(on.exchange->recognise(protocol, there, other).has_value());
  }
}
