// Which captured frames are a run's own, and which are somebody else's on the same host.
#include "libdiag/craft/frame.hpp"
#include "libdiag/wire/tcp.hpp"
#include "tools/tcp/frame_scope.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using wire::tcp_flag::ack;
using wire::tcp_flag::syn;

const auto here = ip_address::v4(0xc0000201);
const auto there = ip_address::v4(0xc6336401);
constexpr std::uint16_t our_port = 50001;
const auto end_of_run = mono_time{} + 10s;

/// A run with one connection, from port 50001 of `here` to port 443 of `there`.
tcp::frame_scope run_until(mono_time done) {
  return tcp::frame_scope{[done](const tcp::connection& which) {
    const bool ours =
        which.ours == here && which.our_port == our_port && which.theirs == there && which.their_port == 443;
    return ours ? std::optional{done} : std::nullopt;
  }};
}

/// A run that holds our_port to its end, whoever is asked.
tcp::frame_scope run_from_port() {
  return tcp::frame_scope{[](const tcp::connection& which) {
    return which.our_port == our_port ? std::optional{mono_time::max()} : std::nullopt;
  }};
}

struct captured {
  std::vector<std::byte> octets;
  bool outgoing = false;
  std::uint32_t interface = 2;
  mono_time at = mono_time{} + 1s;
};

bool concerns(const tcp::frame_scope& scope, const captured& what) {
  io::frame one;
  // A link header before it: the direction is told.
  std::vector<std::byte> bytes(14);
  bytes.insert(bytes.end(), what.octets.begin(), what.octets.end());
  one.bytes = bytes;
  one.packet = one.bytes.subspan(14);
  one.outgoing = what.outgoing;
  one.interface = what.interface;
  one.kernel = {what.at, probe::stamp_source::capture};
  return scope.concerns(one);
}

struct segment {
  ip_address from, to;
  std::uint16_t from_port, to_port;
  std::string_view data{};
};

std::vector<std::byte> build(std::initializer_list<craft::layer> layers) {
  auto packet = craft::build_frame(layers);
  REQUIRE(packet.has_value());
  return *packet;
}

craft::tcp_fields header_of(const segment& what) {
  craft::tcp_fields fields;
  fields.source_port = what.from_port;
  fields.destination_port = what.to_port;
  fields.flags = ack;
  return fields;
}

std::vector<std::byte> packet_of(const segment& what) {
  std::vector<std::byte> data;
  for (const char c : what.data) data.push_back(static_cast<std::byte>(c));
  const craft::ipv4_fields ip{.source = what.from, .destination = what.to};
  if (data.empty()) return build({ip, header_of(what)});
  return build({ip, header_of(what), craft::payload_fields{data}});
}

/// An ICMP error from a router about a segment.
std::vector<std::byte> refusal_of(const segment& what) {
  return build({craft::ipv4_fields{.source = *parse_ip("203.0.113.9"), .destination = what.from},
                craft::icmpv4_fields{.type = 3, .code = 13},
                craft::ipv4_fields{.source = what.from, .destination = what.to}, header_of(what)});
}

captured out(const segment& what) {
  return {.octets = packet_of(what), .outgoing = true};
}
captured in(const segment& what) {
  return {.octets = packet_of(what)};
}

}  // namespace

TEST_CASE("frame scope: both directions of a connection of the run", "[tools][tcp]") {
  const auto scope = run_until(mono_time::max());
  CHECK(concerns(scope, out({here, there, our_port, 443, "GET"})));
  CHECK(concerns(scope, in({there, here, 443, our_port, "200"})));
}

TEST_CASE("frame scope: another user's connection to the port that is asked", "[tools][tcp]") {
  const auto scope = run_until(mono_time::max());
  CHECK_FALSE(concerns(scope, out({here, there, 50002, 443, "secret"})));
  CHECK_FALSE(concerns(scope, in({there, here, 443, 50002, "secret"})));
  CHECK_FALSE(concerns(scope, out({ip_address::v4(0xc0000202), there, our_port, 443})));
}

TEST_CASE("frame scope: nothing with data of a port that the run is done with", "[tools][tcp]") {
  const auto scope = run_until(end_of_run);
  auto late = in({there, here, 443, our_port, "secret"});
  CHECK(concerns(scope, late));
  late.at = end_of_run + 1ns;
  CHECK_FALSE(concerns(scope, late));
  auto bare = in({there, here, 443, our_port});
  bare.at = end_of_run + 1ns;
  CHECK(concerns(scope, bare));
}

TEST_CASE("frame scope: a port held here is none of the same number elsewhere", "[tools][tcp]") {
  const auto scope = run_from_port();
  CHECK(concerns(scope, out({here, there, our_port, 443})));
  CHECK(concerns(scope, in({there, here, 443, our_port})));
  // Another program's connection to a remote port with the number of ours.
  CHECK_FALSE(concerns(scope, out({here, there, 443, our_port})));
  CHECK_FALSE(concerns(scope, in({there, here, our_port, 443})));
  // The loopback interface shows each frame once, as coming in.
  auto looped = in({here, here, our_port, 443});
  CHECK_FALSE(concerns(scope, looped));
  looped.interface = 1;
  CHECK(concerns(scope, looped));
}

TEST_CASE("frame scope: ICMP errors about the run's own segments", "[tools][tcp]") {
  for (const auto& scope : {run_until(mono_time::max()), run_from_port()}) {
    CHECK(concerns(scope, {.octets = refusal_of({here, there, our_port, 443})}));
    CHECK_FALSE(concerns(scope, {.octets = refusal_of({here, there, 50002, 443})}));
    CHECK_FALSE(concerns(scope, {.octets = refusal_of({here, there, our_port, 443}), .outgoing = true}));
  }
  const auto udp = build({craft::ipv4_fields{.source = there, .destination = here},
                          craft::icmpv4_fields{.type = 3, .code = 3},
                          craft::ipv4_fields{.source = here, .destination = there},
                          craft::udp_fields{.source_port = our_port, .destination_port = 443}});
  CHECK_FALSE(concerns(run_from_port(), {.octets = udp}));
}

TEST_CASE("frame scope: what is too broken to name its ends is shown", "[tools][tcp]") {
  const auto scope = run_until(mono_time::max());
  auto octets = packet_of({there, here, 443, 50002});
  octets.resize(12);
  CHECK(concerns(scope, {.octets = octets}));
  // A later fragment is not broken, and has no ports.
  auto fragment = packet_of({there, here, 443, our_port});
  fragment[7] = std::byte{8};
  CHECK_FALSE(concerns(scope, {.octets = fragment}));
}
