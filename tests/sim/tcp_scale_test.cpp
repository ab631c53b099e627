// TCP sweeps at internet scale: memory must not know how many targets there are. Run 2^24 by name:
// sim_tests "[.scale]".
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::tcp_state;

namespace {

tcp_manner truth(const ip_address& address, std::uint16_t) {
  switch (address.v4_value() % 4) {
    case 0:
      return tcp_manner::silent;
    case 1:
      return tcp_manner::open;
    default:
      return tcp_manner::closed;
  }
}

struct figures {
  probe::tcp_summary totals;
  std::uint32_t slots = 0;
  std::uint64_t most_pending = 0;
  std::uint64_t wrong = 0;
  std::uint64_t results = 0;
  std::uint64_t summaries = 0;
  std::uint64_t left = 0;
  std::size_t heap_halfway = 0;
  std::size_t heap_late = 0;  ///< when nine tenths are known
  bool finished = false;
};

/// One port of `count` addresses in a random order; a quarter of them is silent.
figures sweep_of(std::uint64_t count) {
  tcp_street_config street;
  street.hops = 0;
  street.wire.delay = latency::uniform(1ms, 20ms);
  street.host.ports = truth;
  world net{8};
  auto way = build_tcp_street(net, street);
  const auto plan = tcp_questions("10.0.0.0", {443}, count);
  auto config = quiet_tcp();
  config.segment.memory = 2s;
  config.pacing.retries = 1;
  config.pacing.shuffled = true;
  config.want_stamps = false;
  probe::tcp_sweep machine{config, plan};
  figures out;
  const auto result = run(machine, net, *way.here, {}, [&](mono_time, const probe::tcp_event& event) {
    out.most_pending = std::max(out.most_pending, machine.totals().pending);
    if (std::holds_alternative<probe::tcp_summary>(event)) ++out.summaries;
    const auto* told = std::get_if<probe::tcp_result>(&event);
    if (!told) return;
    const auto there = truth(plan.address(told->target), told->port);
    const auto expected = there == tcp_manner::silent ? tcp_state::filtered
                          : there == tcp_manner::open ? tcp_state::open
                                                      : tcp_state::closed;
    if (told->state != expected) ++out.wrong;
    ++out.results;
    if (out.results == count / 2) out.heap_halfway = live_heap();
    if (out.results == count / 10 * 9) out.heap_late = live_heap();
  });
  out.finished = result.finished;
  out.left = result.sent;
  out.totals = machine.totals();
  out.slots = machine.slots();
  return out;
}

void check(std::uint64_t count) {
  const auto seen = sweep_of(count);
  CHECK(seen.finished);
  CHECK(seen.wrong == 0);
  CHECK(seen.results == count);
  CHECK(seen.totals.decided() == count);
  CHECK(seen.totals.pending == 0);
  CHECK(seen.summaries == count);
  const auto silent = (count + 3) / 4;
  CHECK(seen.totals.sent == count + silent);
  CHECK(seen.left == seen.totals.sent);
  // What an attempt costs while it is remembered is one record; the ring never holds more than its bound.
  CHECK(sizeof(probe::segment_record) <= 64);
  CHECK(seen.slots <= 1U << 18);
  // The table has its size by then; only packets under way come and go.
  CHECK(seen.heap_late < seen.heap_halfway + (1U << 20));
  if (count >= 1'000'000)
    WARN(count << " targets: at most " << seen.most_pending << " under way, " << seen.slots << " slots of "
               << sizeof(probe::segment_record) << " octets, heap " << seen.heap_halfway << " halfway, "
               << seen.heap_late << " late");
}

}  // namespace

TEST_CASE("tcp: a quarter of a million targets in a bounded table", "[sim][tcp]") {
  check(250'000);
}
TEST_CASE("tcp: 2^24 targets in the same table", "[.scale]") {
  check(1U << 24);
}
