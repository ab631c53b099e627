// The send table, the token and the choice of stamps.
#include "libdiag/probe/correlate.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {
const auto somewhere = *parse_ip("198.51.100.1");
mono_time at(duration d) {
  return mono_time{} + d;
}
}  // namespace

TEST_CASE("send table: finds what was sent under identifier and sequence", "[probe][correlate]") {
  const auto identifiers = GENERATE(1U, 4U);
  send_table table{0xfffe, identifiers, 1024, 10s};  // the identifiers wrap round 65536 too
  for (std::uint32_t i = 1; i <= 200'000; ++i) {
    REQUIRE(table.has_room(at(i * 1us)));
    auto& probe = table.add(at(i * 1us), 0, i);
    CHECK(probe.index == i);
    const auto wire = table.token_of(i);
    const auto found = table.find(wire.identifier, wire.sequence);
    if (!found.ours || found.index != i || table.record(i) != &probe) FAIL("probe " << i);
    table.close(probe, probe_state::answered);
  }
  CHECK(table.slots() == 1024);
  CHECK(table.record(200'000) != nullptr);
  CHECK(table.record(200'000 - 1024) == nullptr);
  CHECK(table.record(0) == nullptr);
}

TEST_CASE("send table: says what is not ours and what was never sent", "[probe][correlate]") {
  send_table table{100, 4, 1024, 10s};
  CHECK_FALSE(table.find(99, 1).ours);
  CHECK_FALSE(table.find(104, 1).ours);
  CHECK(table.find(100, 1).ours);
  CHECK(table.find(100, 1).index == 0);
  REQUIRE(table.has_room(at(0s)));
  table.add(at(0s), 0, 1);
  CHECK(table.find(100, 1).index == 1);
  CHECK(table.find(100, 0).index == 0);
  CHECK(table.find(100, 2).index == 0);
  CHECK(table.find(103, 1).index == 0);
}

TEST_CASE("send table: grows while probes are open or remembered, up to its bound", "[probe][correlate]") {
  send_table table{0, 4, 4096, 1s};
  SECTION("open") {
    for (std::uint32_t i = 1; i <= 4096; ++i) {
      REQUIRE(table.has_room(at(0s)));
      table.add(at(0s), i, 1);
    }
    CHECK(table.slots() == 4096);
    CHECK(table.full());
    CHECK_FALSE(table.has_room(at(1h)));
    for (std::uint32_t i = 1; i <= 4096; ++i) CHECK(table.record(i)->target == i);
    table.close(*table.record(1), probe_state::lost);
    CHECK_FALSE(table.full());
    CHECK(table.has_room(at(0s)));
  }
  SECTION("remembered") {
    for (std::uint32_t i = 1; i <= 500; ++i) {
      REQUIRE(table.has_room(at(i * 10ms)));
      table.close(table.add(at(i * 10ms), 0, i), probe_state::answered);
    }
    CHECK(table.slots() == 128);  // a second's worth is a hundred
    CHECK(table.record(401) != nullptr);
  }
}

TEST_CASE("send table: the oldest open probe, as they close in any order", "[probe][correlate]") {
  send_table table{0, 4, 1024, 1s};
  CHECK(table.oldest_in_flight() == nullptr);
  for (std::uint32_t i = 1; i <= 100; ++i) {
    REQUIRE(table.has_room(at(0s)));
    table.add(at(0s), 0, i);
  }
  for (const auto gone : {2U, 3U, 1U, 5U}) table.close(*table.record(gone), probe_state::answered);
  CHECK(table.oldest_in_flight()->index == 4);
  CHECK(table.in_flight() == 96);
  for (std::uint32_t i = 4; i <= 100; ++i)
    if (i != 5) table.close(*table.record(i), probe_state::lost);
  CHECK(table.oldest_in_flight() == nullptr);
  REQUIRE(table.has_room(at(0s)));
  table.add(at(1s), 0, 101);
  CHECK(table.oldest_in_flight()->index == 101);
}

TEST_CASE("token: proves index, destination and run", "[probe][correlate]") {
  const token_mint mint{0xcafe0001, {1, 2}};
  std::array<std::byte, 8> payload{};
  store_be64(payload, 0, mint.mint(7, somewhere));
  CHECK(load_be32(payload, 0) == 0xcafe0001);
  CHECK(mint.proves(payload, 7, somewhere));
  CHECK_FALSE(mint.proves(payload, 8, somewhere));
  CHECK_FALSE(mint.proves(payload, 7, somewhere.plus(1)));
  CHECK_FALSE(token_mint(0xcafe0001, {1, 3}).proves(payload, 7, somewhere));
  CHECK_FALSE(token_mint(0xcafe0002, {1, 2}).proves(payload, 7, somewhere));
  // As much as there is of it.
  CHECK(mint.proves(byte_view{payload}.first(5), 7, somewhere));
  CHECK(mint.proves({}, 7, somewhere));
  payload[3] ^= std::byte{1};
  CHECK_FALSE(mint.proves(byte_view{payload}.first(5), 7, somewhere));
  CHECK(mint.proves(byte_view{payload}.first(3), 7, somewhere));
}

TEST_CASE("token: a million probes, hardly two alike", "[probe][correlate]") {
  const token_mint mint{1, {3, 4}};
  std::set<std::uint64_t> seen;
  for (probe_token i = 1; i <= 20'000; ++i) seen.insert(mint.mint(i, somewhere));
  CHECK(seen.size() > 19'990);
}

TEST_CASE("measure: both ends from the same clock, the kernel's where it can be true", "[probe][correlate]") {
  send_record probe;
  probe.user_sent = at(10ms);
  probe.kernel_sent = at(1000s);
  probe.kernel_source = stamp_source::socket;
  arrival reply;
  reply.read_at = at(40ms);
  const auto stamped = [&](duration later, stamp_source source) {
    reply.kernel = {at(1000s) + later, source};
    return measure(probe.user_sent, probe.kernel(), reply);
  };
  CHECK(stamped(25ms, stamp_source::socket).rtt == 25ms);
  CHECK(stamped(25ms, stamp_source::socket).source == stamp_source::socket);
  // Another source than the request's, or none.
  CHECK(stamped(25ms, stamp_source::capture).rtt == 30ms);
  CHECK(stamped(25ms, stamp_source::user).source == stamp_source::user);
  // The wall clock stepped: outside the process's own interval by more than a millisecond.
  CHECK(stamped(31ms, stamp_source::socket).rtt == 31ms);
  CHECK(stamped(32ms, stamp_source::socket).rtt == 30ms);
  CHECK(stamped(32ms, stamp_source::socket).clock_step);
  CHECK(stamped(-1ns, stamp_source::socket).rtt == 30ms);
  CHECK(stamped(-1ns, stamp_source::socket).clock_step);
  reply.read_at = at(9ms);
  CHECK(stamped(0ms, stamp_source::user).rtt == 0ms);
}
