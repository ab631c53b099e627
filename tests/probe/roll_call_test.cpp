// Who answers a call to all nodes.
#include "libdiag/probe/roll_call.hpp"

#include "libdiag/wire/ethernet.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using namespace diag::probe;

const mac_address us = *parse_mac("02:00:5e:10:00:01");
const mac_address them = *parse_mac("00:00:5e:00:53:07");

neighbor_link link_on(std::uint32_t interface) {
  neighbor_link link;
  link.interface = interface;
  link.frames.source = link.hardware = us;
  link.v6 = *parse_ip("fe80::1");
  return link;
}

roll_call_config config_of(std::size_t callers = 1) {
  roll_call_config config;
  for (std::size_t i = 0; i < callers; ++i)
    config.callers.push_back({link_on(2), *parse_ip(i == 0 ? "fe80::1" : "2001:db8::1")});
  config.identifier = 77;
  config.tag = 0x1122334455667788;
  return config;
}

mono_time at(duration since_start) {
  return mono_time{} + 1h + since_start;
}

std::vector<transmit> drain(roll_call& machine, mono_time now) {
  std::vector<transmit> all;
  while (auto wanted = machine.next_effect(now)) all.push_back(std::get<transmit>(*wanted));
  return all;
}

/// The echo reply to our own request, made of it: type 129, addresses turned about, checksum mended.
std::vector<std::byte> reply_frame(std::string_view from, std::uint16_t identifier, std::uint64_t tag) {
  craft::link_fields frames;
  frames.source = them;
  auto frame = craft::echo_frame(frames, us,
                                 {.source = *parse_ip(from),
                                  .destination = *parse_ip("fe80::1"),
                                  .identifier = identifier,
                                  .sequence = 1,
                                  .tag = tag});
  constexpr std::size_t icmp = wire::ethernet_view::header_size + 40;
  frame[icmp] = std::byte{129};
  // RFC 1624: one octet of a word grew by one, so the sum's complement shrinks by 0x100.
  const auto sum =
      (std::to_integer<unsigned>(frame[icmp + 2]) << 8 | std::to_integer<unsigned>(frame[icmp + 3]));
  const auto mended = sum >= 0x100 ? sum - 0x100 : sum - 0x100 + 0xffff;
  frame[icmp + 2] = static_cast<std::byte>(mended >> 8 & 0xff);
  frame[icmp + 3] = static_cast<std::byte>(mended & 0xff);
  return frame;
}

void hear(roll_call& machine, mono_time now, const std::vector<std::byte>& frame,
          std::uint32_t interface = 2) {
  arrival packet;
  packet.form = framing::ethernet_frame;
  packet.bytes = frame;
  packet.interface = interface;
  packet.read_at = now;
  machine.feed(now, packet);
}

}  // namespace

TEST_CASE("roll call: each caller calls twice, then answers have their time", "[probe][roll_call]") {
  roll_call machine{config_of(2)};
  CHECK(drain(machine, at(0ms)).size() == 2);
  CHECK(machine.deadline() == at(200ms));
  CHECK(drain(machine, at(199ms)).empty());
  machine.feed(at(200ms), wakeup{});
  const auto second = drain(machine, at(200ms));
  REQUIRE(second.size() == 2);
  CHECK(second[0].interface == 2);
  CHECK(second[0].layer == transmit::layer_kind::link);
  CHECK(machine.deadline() == at(700ms));
  machine.feed(at(700ms), wakeup{});
  CHECK_FALSE(machine.deadline().has_value());
  CHECK(drain(machine, at(700ms)).empty());
}

TEST_CASE("roll call: a host that answers is told once, with its zone", "[probe][roll_call]") {
  roll_call machine{config_of()};
  drain(machine, at(0ms));
  const auto config = config_of();
  for (int i = 0; i < 2; ++i) hear(machine, at(1ms), reply_frame("fe80::7", config.identifier, config.tag));
  hear(machine, at(2ms), reply_frame("2001:db8::7", config.identifier, config.tag));
  const auto first = machine.next_event();
  REQUIRE(first.has_value());
  CHECK(to_string(first->address) == "fe80::7%2");
  const auto second = machine.next_event();
  REQUIRE(second.has_value());
  CHECK(second->address == *parse_ip("2001:db8::7"));
  CHECK_FALSE(machine.next_event().has_value());
}

TEST_CASE("roll call: answers to others, or on another link, are none", "[probe][roll_call]") {
  roll_call machine{config_of()};
  drain(machine, at(0ms));
  const auto config = config_of();
  hear(machine, at(1ms), reply_frame("fe80::7", 78, config.tag));
  hear(machine, at(1ms), reply_frame("fe80::7", config.identifier, 1));
  hear(machine, at(1ms), reply_frame("fe80::7", config.identifier, config.tag), 3);
  auto damaged = reply_frame("fe80::7", config.identifier, config.tag);
  damaged.back() ^= std::byte{1};
  hear(machine, at(1ms), damaged);
  CHECK_FALSE(machine.next_event().has_value());
}

TEST_CASE("roll call: an interrupt, or nobody to call, ends it", "[probe][roll_call]") {
  roll_call machine{config_of()};
  drain(machine, at(0ms));
  machine.feed(at(1ms), interrupt{});
  CHECK_FALSE(machine.deadline().has_value());
  roll_call nobody{config_of(0)};
  CHECK(drain(nobody, at(0ms)).empty());
  CHECK_FALSE(nobody.deadline().has_value());
}
