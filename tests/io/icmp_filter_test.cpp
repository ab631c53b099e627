// libdiag/io/icmp_filter.hpp: the BPF program and the function must let the same packets in. The kernel
// itself runs the program here, on a pair of local sockets, which needs no privilege.
#include "libdiag/io/icmp_filter.hpp"

#include <array>
#include <vector>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"
#include "tests/io/filtered_pair.hpp"

using namespace diag;
using io::icmp_interest;

namespace {

using packet = std::vector<std::byte>;
using test::filtered_pair;

packet icmp(std::uint8_t type, std::uint16_t identifier) {
  packet out(8);
  store_u8(out, 0, type);
  store_be16(out, 4, identifier);
  return out;
}

packet operator+(packet left, const packet& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

packet ipv4(const packet& inside, std::uint8_t protocol = 1, std::size_t options = 0) {
  packet header(20 + options);
  store_u8(header, 0, static_cast<std::uint8_t>(0x40 | header.size() / 4));
  store_u8(header, 9, protocol);
  return header + inside;
}

packet ipv6(const packet& inside, std::uint8_t next = 58) {
  packet header(40);
  store_u8(header, 0, 0x60);
  store_u8(header, 6, next);
  return header + inside;
}

packet cut(packet whole, std::size_t size) {
  whole.resize(size);
  return whole;
}

constexpr icmp_interest ours{{0x4000, 16}};

}  // namespace

TEST_CASE("icmp_filter: admits our IPv4 replies and errors and nobody else's", "[io][icmp_filter]") {
  const filtered_pair kernel{io::icmpv4_filter(ours)};
  const auto check = [&](const packet& whole, bool expected) {
    CHECK(kernel.passes(whole) == expected);
    CHECK(io::admits_ipv4(whole, ours) == expected);
  };
  check(ipv4(icmp(0, 0x4000)), true);
  check(ipv4(icmp(0, 0x400f)), true);
  check(ipv4(icmp(0, 0x4010)), false);
  check(ipv4(icmp(0, 0x3fff)), false);
  check(ipv4(icmp(14, 0x4003)), true);
  check(ipv4(icmp(8, 0x4000)), false);
  check(ipv4(icmp(0, 0x4000), 1, 40), true);
  for (const auto type : std::to_array<std::uint8_t>({3, 4, 5, 11, 12})) {
    check(ipv4(icmp(type, 0) + ipv4(icmp(8, 0x4001))), true);
    check(ipv4(icmp(type, 0) + ipv4(icmp(8, 0x5001))), false);
    check(ipv4(icmp(type, 0) + ipv4(icmp(8, 0x4001), 17)), false);
    check(ipv4(icmp(type, 0) + ipv4(icmp(8, 0x4001), 1, 24), 1, 12), true);
    check(ipv4(icmp(type, 0) + ipv4(icmp(8, 0x5001), 1, 24), 1, 12), false);
  }
}

TEST_CASE("icmp_filter: knows our nonce under another identifier", "[io][icmp_filter]") {
  constexpr icmp_interest marked{{0x4000, 16, 0xfeedbeef}};
  packet payload(12);
  store_be32(payload, 0, 0xfeedbeef);
  auto stranger = payload;
  store_be32(stranger, 0, 0xfeedbeee);
  const filtered_pair kernel_v4{io::icmpv4_filter(marked)};
  const filtered_pair kernel_v6{io::icmpv6_filter(marked)};
  const auto check = [&](std::uint16_t identifier, const packet& rest, bool expected) {
    const auto v4 = ipv4(icmp(0, identifier) + rest, 1, 24);
    const auto v6 = icmp(129, identifier) + rest;
    CHECK(kernel_v4.passes(v4) == expected);
    CHECK(io::admits_ipv4(v4, marked) == expected);
    CHECK(kernel_v6.passes(v6) == expected);
    CHECK(io::admits_icmpv6(v6, marked) == expected);
  };
  check(0x5000, payload, true);
  check(0x5000, stranger, false);
  check(0x5000, {}, false);
  check(0x5000, cut(payload, 3), false);
  check(0x4000, stranger, true);
  // A quote is judged by its identifier alone.
  CHECK_FALSE(kernel_v4.passes(ipv4(icmp(3, 0) + ipv4(icmp(8, 0x5001) + payload))));
}

TEST_CASE("icmp_filter: lets a quote through that is too short to tell", "[io][icmp_filter]") {
  const filtered_pair kernel{io::icmpv4_filter(ours)};
  const auto foreign = ipv4(icmp(3, 0) + ipv4(icmp(8, 0x5001)));
  for (std::size_t size = 28; size < foreign.size(); ++size) {
    CHECK(kernel.passes(cut(foreign, size)));
    CHECK(io::admits_ipv4(cut(foreign, size), ours));
  }
  CHECK_FALSE(kernel.passes(foreign));
}

TEST_CASE("icmp_filter: identifiers wrap, and a count of none admits all", "[io][icmp_filter]") {
  constexpr icmp_interest wrapping{{0xfffe, 4}};
  const filtered_pair kernel{io::icmpv4_filter(wrapping)};
  CHECK(kernel.passes(ipv4(icmp(0, 0xffff))));
  CHECK(kernel.passes(ipv4(icmp(0, 1))));
  CHECK_FALSE(kernel.passes(ipv4(icmp(0, 2))));
  CHECK(wrapping.identifiers.holds(1));
  CHECK_FALSE(wrapping.identifiers.holds(2));

  const filtered_pair open{io::icmpv4_filter(icmp_interest{})};
  CHECK(open.passes(ipv4(icmp(0, 0))));
  CHECK(open.passes(ipv4(icmp(0, 0xffff))));
}

TEST_CASE("icmp_filter: admits our ICMPv6 replies and errors and nobody else's", "[io][icmp_filter]") {
  const filtered_pair kernel{io::icmpv6_filter(ours)};
  const auto check = [&](const packet& whole, bool expected) {
    CHECK(kernel.passes(whole) == expected);
    CHECK(io::admits_icmpv6(whole, ours) == expected);
  };
  check(icmp(129, 0x4002), true);
  check(icmp(129, 0x5002), false);
  check(icmp(128, 0x4002), false);
  check(icmp(135, 0x4002), false);
  for (const auto type : std::to_array<std::uint8_t>({1, 2, 3, 4})) {
    check(icmp(type, 0) + ipv6(icmp(128, 0x4002)), true);
    check(icmp(type, 0) + ipv6(icmp(128, 0x5002)), false);
    check(icmp(type, 0) + ipv6(icmp(128, 0x4002), 17), false);
    check(icmp(type, 0) + ipv6(icmp(44, 0x5002), 44), true);
    check(icmp(type, 0) + ipv6({}), true);
  }
}

TEST_CASE("icmp_filter: kernel and function agree on random packets", "[io][icmp_filter]") {
  const auto half =
      GENERATE(icmp_interest{{0x8000, 0x8000}}, icmp_interest{{}, {0x8000, 0x8000}},
               icmp_interest{{0x8000, 0x8000}, {0, 0x8000}}, icmp_interest{{0x8000, 0x4000, 0x01020304}, {}});
  const filtered_pair kernel_v4{io::icmpv4_filter(half)};
  const filtered_pair kernel_v6{io::icmpv6_filter(half)};
  const std::array<std::uint8_t, 8> types{0, 3, 11, 14, 1, 2, 129, 77};
  const std::array<std::uint8_t, 5> protocols{1, 6, 17, 58, 44};
  seeded_random random{20261122};
  for (int i = 0; i < 2000; ++i) {
    packet noise(1 + random.below(120));
    for (auto& octet : noise) octet = std::byte{static_cast<unsigned char>(random.below(256))};
    store_u8(noise, 0, static_cast<std::uint8_t>(0x40 | random.below(16)));
    const auto header = (load_u8(noise, 0) & 0xfU) * 4;
    if (noise.size() > header) store_u8(noise, header, types[random.below(types.size())]);
    if (noise.size() > header + 17 && random.below(4) != 0)
      store_u8(noise, header + 17, protocols[random.below(protocols.size())]);
    INFO("packet " << i);
    CHECK(kernel_v4.passes(noise) == io::admits_ipv4(noise, half));
    store_u8(noise, 0, types[random.below(types.size())]);
    if (noise.size() > 14 && random.below(4) != 0)
      store_u8(noise, 14, protocols[random.below(protocols.size())]);
    CHECK(kernel_v6.passes(noise) == io::admits_icmpv6(noise, half));
  }
}

TEST_CASE("icmp_filter: with ports, admits errors that quote TCP or UDP from them and nothing else",
          "[io][icmp_filter]") {
  constexpr icmp_interest ports{{}, {61000, 4}};
  const filtered_pair kernel_v4{io::icmpv4_filter(ports)};
  const filtered_pair kernel_v6{io::icmpv6_filter(ports)};
  const auto check_v4 = [&](const packet& whole, bool expected) {
    CHECK(kernel_v4.passes(whole) == expected);
    CHECK(io::admits_ipv4(whole, ports) == expected);
  };
  const auto check_v6 = [&](const packet& whole, bool expected) {
    CHECK(kernel_v6.passes(whole) == expected);
    CHECK(io::admits_icmpv6(whole, ports) == expected);
  };
  const auto segment = [](std::uint16_t source_port) {
    packet out(8);
    store_be16(out, 0, source_port);
    return out;
  };
  for (const auto type : std::to_array<std::uint8_t>({3, 4, 5, 11, 12})) {
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(60999), 6)), false);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61000), 6)), true);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61003), 6, 40), 1, 24), true);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61004), 6)), false);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61000), 17)), true);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61004), 17, 12)), false);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61000), 1)), false);
    check_v4(ipv4(icmp(type, 0) + ipv4(segment(61000), 132)), false);
    check_v4(ipv4(icmp(type, 0) + cut(ipv4(segment(1), 6), 27)), true);
  }
  check_v4(ipv4(icmp(0, 61000)), false);
  for (const auto type : std::to_array<std::uint8_t>({1, 2, 3, 4})) {
    check_v6(icmp(type, 0) + ipv6(segment(61001), 6), true);
    check_v6(icmp(type, 0) + ipv6(segment(61004), 6), false);
    check_v6(icmp(type, 0) + ipv6(segment(61003), 17), true);
    check_v6(icmp(type, 0) + ipv6(segment(60999), 17), false);
    check_v6(icmp(type, 0) + ipv6(segment(61001), 58), false);
    check_v6(icmp(type, 0) + ipv6(segment(1), 43), true);
    check_v6(icmp(type, 0) + ipv6(cut(segment(1), 7), 6), true);
  }
  check_v6(icmp(129, 61000), false);
}

TEST_CASE("icmp_filter: with ports and identifiers, admits what either would", "[io][icmp_filter]") {
  constexpr icmp_interest both{{0x4000, 16}, {61000, 4}};
  const filtered_pair kernel_v4{io::icmpv4_filter(both)};
  const filtered_pair kernel_v6{io::icmpv6_filter(both)};
  const auto check = [&](const packet& v4, const packet& v6, bool expected) {
    CHECK(kernel_v4.passes(v4) == expected);
    CHECK(io::admits_ipv4(v4, both) == expected);
    CHECK(kernel_v6.passes(v6) == expected);
    CHECK(io::admits_icmpv6(v6, both) == expected);
  };
  packet from_us(8);
  store_be16(from_us, 0, 61002);
  store_be16(from_us, 4, 0x4001);  // an identifier's place means nothing in TCP and UDP
  packet from_others(8);
  store_be16(from_others, 0, 0x4001);
  store_be16(from_others, 4, 0x4001);
  check(ipv4(icmp(0, 0x4001)), icmp(129, 0x4001), true);
  check(ipv4(icmp(0, 61002)), icmp(129, 61002), false);
  for (const auto protocol : std::to_array<std::uint8_t>({6, 17})) {
    check(ipv4(icmp(11, 0) + ipv4(from_us, protocol, 8), 1, 4), icmp(3, 0) + ipv6(from_us, protocol), true);
    check(ipv4(icmp(11, 0) + ipv4(from_others, protocol)), icmp(3, 0) + ipv6(from_others, protocol), false);
  }
  check(ipv4(icmp(11, 0) + ipv4(icmp(8, 0x400f), 1, 8)), icmp(3, 0) + ipv6(icmp(128, 0x400f)), true);
  check(ipv4(icmp(11, 0) + ipv4(icmp(8, 61002))), icmp(3, 0) + ipv6(icmp(128, 61002)), false);
}

TEST_CASE("icmp_filter: on request admits every error, and only replies to us", "[io][icmp_filter]") {
  constexpr icmp_interest ports{{}, {61000, 4}, true};
  constexpr icmp_interest echoes{{0x4000, 16}, {}, true};
  packet rewritten(8);  // by a translator that forgot its own ports
  store_be16(rewritten, 0, 1024);
  for (const auto& interest : {ports, echoes}) {
    const bool echo = interest.echoes();
    const filtered_pair kernel_v4{io::icmpv4_filter(interest)};
    const filtered_pair kernel_v6{io::icmpv6_filter(interest)};
    const auto check = [&](const packet& v4, const packet& v6, bool expected) {
      CHECK(kernel_v4.passes(v4) == expected);
      CHECK(io::admits_ipv4(v4, interest) == expected);
      CHECK(kernel_v6.passes(v6) == expected);
      CHECK(io::admits_icmpv6(v6, interest) == expected);
    };
    for (const auto protocol : std::to_array<std::uint8_t>({6, 17, 132}))
      check(ipv4(icmp(11, 0) + ipv4(rewritten, protocol, 8), 1, 4), icmp(3, 0) + ipv6(rewritten, protocol),
            true);
    check(ipv4(icmp(3, 0) + ipv4(icmp(8, 1))), icmp(1, 0) + ipv6(icmp(128, 1)), true);
    check(ipv4(icmp(12, 0)), icmp(4, 0), true);
    check(ipv4(icmp(0, 0x400f)), icmp(129, 0x400f), echo);
    check(ipv4(icmp(0, 0x4010)), icmp(129, 0x4010), false);
    check(ipv4(icmp(8, 0x400f)), icmp(128, 0x400f), false);
    check(ipv4(icmp(13, 0)), icmp(135, 0), false);
  }
}
