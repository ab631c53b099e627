// Sweeps at internet scale: memory must not know how many targets there are. Run the ten million by name:
// sim_tests "[.scale]".
#include <algorithm>

#include "libdiag/probe/sweep.hpp"

#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

struct figures {
  probe::sweep_totals totals;
  std::uint32_t slots = 0;
  std::uint64_t most_in_flight = 0;
  std::uint64_t wrong = 0;
  std::size_t heap_halfway = 0;
  std::size_t heap_late = 0;  ///< when nine tenths are known
  bool finished = false;
};

/// Three of four targets answer. `max_slots` bounds the table as a sweep's options would.
figures sweep_of(std::uint64_t count) {
  street_config street;
  street.hops = 0;
  street.wire.delay = latency::uniform(1ms, 20ms);
  street.host.alive = [](const ip_address& address) { return address.v4_value() % 4 != 0; };
  world net{8};
  auto way = build_street(net, street);
  probe::target_list targets;
  targets.add(*parse_ip("10.0.0.0"), count);
  probe::sweep_config config;
  config.echo = test_echo();
  config.echo.memory = 2s;
  probe::sweep machine{config, targets};
  figures out;
  std::uint64_t known = 0;
  const auto result = run(machine, net, *way.here, {}, [&](mono_time, const probe::ping_event& event) {
    out.most_in_flight = std::max(out.most_in_flight, machine.totals().pending);
    const auto* summary = std::get_if<probe::ping_summary>(&event);
    if (!summary) return;
    const auto alive = targets.at(summary->target).v4_value() % 4 != 0;
    if (alive != (summary->received == 1)) ++out.wrong;
    ++known;
    if (known == count / 2) out.heap_halfway = live_heap();
    if (known == count / 10 * 9) out.heap_late = live_heap();
  });
  out.finished = result.finished;
  out.totals = machine.totals();
  out.slots = machine.slots();
  return out;
}

void check(std::uint64_t count) {
  const auto seen = sweep_of(count);
  CHECK(seen.finished);
  CHECK(seen.wrong == 0);
  CHECK(seen.totals.targets == count);
  CHECK(seen.totals.alive == count - (count + 3) / 4);
  // What a probe costs while it is remembered is one record; the ring never holds more than its bound.
  CHECK(sizeof(probe::send_record) == 40);
  CHECK(seen.slots <= 1U << 18);
  // The table has its size by then; only packets under way come and go.
  CHECK(seen.heap_late < seen.heap_halfway + (1U << 20));
  if (count >= 1'000'000)
    WARN(count << " targets: at most " << seen.most_in_flight << " in flight, " << seen.slots << " slots of "
               << sizeof(probe::send_record) << " octets");
}

}  // namespace

TEST_CASE("sweep: a quarter of a million targets in a bounded table", "[sim][sweep]") {
  check(250'000);
}
TEST_CASE("sweep: a million targets in the same table", "[.scale]") {
  check(1'000'000);
}
TEST_CASE("sweep: ten million targets in the same table", "[.scale]") {
  check(10'000'000);
}
