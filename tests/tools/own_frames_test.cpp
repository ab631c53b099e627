// Of what a capture sees, the run's own.
#include "tools/traceroute/own_frames.hpp"

#include "libdiag/craft/frame.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using traceroute::own_frames;

const auto here = *parse_ip("192.0.2.2");
const auto target = *parse_ip("203.0.113.9");
const auto other = *parse_ip("203.0.113.77");
const auto router = *parse_ip("198.51.100.1");

own_frames run() {
  return {{40000, 2}, {500, 1, {}}, true, {target}};
}

std::vector<std::byte> build(std::initializer_list<craft::layer> layers) {
  auto packet = craft::build_frame(layers);
  REQUIRE(packet.has_value());
  return *packet;
}

bool concerns(const std::vector<std::byte>& octets, bool outgoing) {
  std::vector<std::byte> bytes(14);
  bytes.insert(bytes.end(), octets.begin(), octets.end());
  io::frame one;
  one.bytes = bytes;
  one.packet = one.bytes.subspan(14);
  one.outgoing = outgoing;
  one.interface = 2;
  return run().concerns(one);
}

std::vector<std::byte> datagram(const ip_address& from, std::uint16_t from_port, const ip_address& to,
                                std::uint16_t to_port) {
  return build({craft::ipv4_fields{.source = from, .destination = to},
                craft::udp_fields{.source_port = from_port, .destination_port = to_port}});
}

std::vector<std::byte> error_about(const ip_address& to, std::uint16_t from_port) {
  return build({craft::ipv4_fields{.source = router, .destination = here}, craft::icmpv4_fields{.type = 11},
                craft::ipv4_fields{.source = here, .destination = to},
                craft::udp_fields{.source_port = from_port, .destination_port = 33434}});
}

std::vector<std::byte> echo(std::uint8_t type, std::uint16_t identifier) {
  return build({craft::ipv4_fields{.source = here, .destination = target},
                craft::icmpv4_fields{.type = type, .identifier = identifier}});
}

}  // namespace

TEST_CASE("own frames: probes and what is answered to their ports", "[tools][traceroute]") {
  CHECK(concerns(datagram(here, 40001, target, 33434), true));
  CHECK(concerns(datagram(target, 33434, here, 40001), false));
  CHECK_FALSE(concerns(datagram(here, 40002, target, 33434), true));
  // Another program talks to a port elsewhere that has the number of ours.
  CHECK_FALSE(concerns(datagram(here, 5000, target, 40001), true));
  CHECK_FALSE(concerns(datagram(target, 40001, here, 5000), false));
}

TEST_CASE("own frames: errors that quote a probe, rewritten or not", "[tools][traceroute]") {
  CHECK(concerns(error_about(target, 40000), false));
  CHECK(concerns(error_about(target, 61000), false));
  CHECK(concerns(error_about(other, 40000), false));
  CHECK_FALSE(concerns(error_about(other, 61000), false));
}

TEST_CASE("own frames: echoes by their identifier", "[tools][traceroute]") {
  CHECK(concerns(echo(8, 500), true));
  CHECK(concerns(echo(0, 500), false));
  CHECK_FALSE(concerns(echo(8, 501), true));
}
