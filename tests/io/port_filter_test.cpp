// libdiag/io/port_filter.hpp: the BPF program and the function must let the same packets in.
#include "libdiag/io/port_filter.hpp"

#include <array>
#include <vector>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"
#include "tests/io/filtered_pair.hpp"

using namespace diag;

namespace {

std::vector<std::byte> segment_to(std::uint16_t port, std::size_t header = 0) {
  std::vector<std::byte> out(header + 20);
  if (header != 0) store_u8(out, 0, static_cast<std::uint8_t>(0x40 | header / 4));
  store_be16(out, header + 2, port);
  return out;
}

}  // namespace

TEST_CASE("port_filter: admits packets to our ports and to no other", "[io][port_filter]") {
  constexpr io::port_range ours{40000, 3};
  const test::filtered_pair kernel_v4{io::port_filter_v4(ours)};
  const test::filtered_pair kernel_v6{io::port_filter_v6(ours)};
  const auto check = [&](std::uint16_t port, bool expected) {
    for (const auto header : std::to_array<std::size_t>({20, 24, 60})) {
      const auto packet = segment_to(port, header);
      CHECK(kernel_v4.passes(packet) == expected);
      CHECK(io::admits_port_v4(packet, ours) == expected);
    }
    CHECK(kernel_v6.passes(segment_to(port)) == expected);
    CHECK(io::admits_port_v6(segment_to(port), ours) == expected);
  };
  check(39999, false);
  check(40000, true);
  check(40002, true);
  check(40003, false);
  check(0, false);
  check(65535, false);
}

TEST_CASE("port_filter: no ports admit nothing, and the last port can be ours", "[io][port_filter]") {
  constexpr io::port_range none{};
  const test::filtered_pair kernel_none{io::port_filter_v6(none)};
  for (const int port : {0, 1, 65535}) {
    CHECK_FALSE(kernel_none.passes(segment_to(static_cast<std::uint16_t>(port))));
    CHECK_FALSE(io::admits_port_v6(segment_to(static_cast<std::uint16_t>(port)), none));
  }
  constexpr io::port_range last{65535, 1};
  const test::filtered_pair kernel_last{io::port_filter_v6(last)};
  CHECK(kernel_last.passes(segment_to(65535)));
  CHECK_FALSE(kernel_last.passes(segment_to(0)));
}

TEST_CASE("port_filter: kernel and function agree on random packets", "[io][port_filter]") {
  constexpr io::port_range half{0x8000, 0x8000};
  const test::filtered_pair kernel_v4{io::port_filter_v4(half)};
  const test::filtered_pair kernel_v6{io::port_filter_v6(half)};
  seeded_random random{20261123};
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> noise(1 + random.below(70));
    for (auto& octet : noise) octet = std::byte{static_cast<unsigned char>(random.below(256))};
    INFO("packet " << i);
    CHECK(kernel_v4.passes(noise) == io::admits_port_v4(noise, half));
    CHECK(kernel_v6.passes(noise) == io::admits_port_v6(noise, half));
  }
}
