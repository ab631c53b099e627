// Ten thousand targets behind ten routers: every hop of every path right, memory that does not know how many
// there are, and with doubletree a fraction of the probes. More by name: sim_tests "[.scale]".
#include <chrono>

#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/path_stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

constexpr std::size_t routers = 10;

struct figures {
  std::uint64_t rows = 0, ends = 0, wrong = 0, known = 0, sent = 0;
  std::size_t heap_quarter = 0, heap_late = 0;
  duration simulated{};
  std::chrono::steady_clock::duration real{};
  bool finished = false;
};

std::vector<probe::path_target> range_of(std::uint32_t count) {
  std::vector<probe::path_target> out;
  const auto first = ip_address::v4(0xC6120000);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto target = question(ip_family::v4);
    target.address = first.plus(i);
    out.push_back(target);
  }
  return out;
}

figures trace_all(std::uint32_t count, bool doubletree, const path_street_config& base = {}) {
  auto street = base;
  street.hops = routers;
  world net{3};
  const auto way = build_path_street(net, street);
  const auto targets = range_of(count);
  auto config = quiet_paths();
  config.unlimited = false;
  config.probes.memory = 1s;
  config.want_stamps = false;
  probe::trace_config tracing;
  tracing.probes_per_hop = 1;
  tracing.doubletree = doubletree;
  probe::trace_course course{tracing, targets};
  probe::path_run machine{config, targets, course};
  figures out;
  std::vector<std::uint8_t> hops(count);
  const auto began = std::chrono::steady_clock::now();
  const auto result = run(machine, net, *way.here, {}, [&](mono_time, const probe::path_event& event) {
    if (const auto* row = std::get_if<hop_row>(&event)) {
      ++out.rows;
      if (row->hop != ++hops[row->target]) ++out.wrong;
      const auto expected =
          row->hop > routers ? targets[row->target].address : hop_address(ip_family::v4, row->hop);
      if (row->known) ++out.known;
      for (const auto& one : row->probes)
        if (!(one.answer.from == expected)) ++out.wrong;
      if (row->probes.empty()) ++out.wrong;
    } else if (const auto* end = std::get_if<path_end>(&event)) {
      ++out.ends;
      if (end->why != path_stop::reached || end->hops != routers + 1 || hops[end->target] != routers + 1)
        ++out.wrong;
      if (out.ends == count / 4) out.heap_quarter = live_heap();
      if (out.ends == count / 10 * 9) out.heap_late = live_heap();
    } else {
      ++out.wrong;
    }
  });
  out.real = std::chrono::steady_clock::now() - began;
  out.finished = result.finished;
  out.simulated = result.ended - mono_time{};
  out.sent = machine.counts().sent;
  CHECK(machine.counts().sent ==
        machine.counts().answered + machine.counts().silent + machine.counts().pending);
  return out;
}

void check(const figures& seen, std::uint32_t count) {
  CHECK(seen.finished);
  CHECK(seen.ends == count);
  CHECK(seen.rows == std::uint64_t{count} * (routers + 1));
  CHECK(seen.wrong == 0);
  CHECK(seen.heap_late < seen.heap_quarter + (2U << 20));
}

void tell(const char* what, const figures& seen) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(seen.real).count();
  WARN(what << ": " << seen.sent << " probes, " << seen.known << " rows known already, " << ms << " ms, "
            << milliseconds(seen.simulated) << " ms simulated, heap " << seen.heap_quarter
            << " at a quarter, " << seen.heap_late << " late");
}

}  // namespace

TEST_CASE("scale: ten thousand targets behind shared hops, every path right", "[sim][path]") {
  // Each probe is some twenty events of the simulation: the plain ten thousand are run by name.
  const auto plain = trace_all(1'000, false);
  check(plain, 1'000);
  CHECK(plain.known == 0);
  tell("plain, 1,000", plain);
  const auto shared = trace_all(10'000, true);
  check(shared, 10'000);
  tell("doubletree, 10,000", shared);
  CHECK(shared.known > 0);
  // Per target: a quarter of the probes.
  CHECK(shared.sent < plain.sent * 10 / 4);
}

TEST_CASE("scale: limits of the routers' ICMP leave gaps, not wrong hops", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop == 4) own.limit = error_limit{1000, 50};
  };
  world net{4};
  street.hops = routers;
  const auto way = build_path_street(net, street);
  const auto targets = range_of(256);
  auto config = quiet_paths();
  probe::trace_config tracing;
  tracing.probes_per_hop = 1;
  probe::trace_course course{tracing, targets};
  probe::path_run machine{config, targets, course};
  std::uint64_t wrong = 0, gaps = 0, ends = 0;
  run(machine, net, *way.here, {}, [&](mono_time, const probe::path_event& event) {
    if (const auto* end = std::get_if<path_end>(&event))
      ends += end->why == path_stop::reached && end->hops == routers + 1 ? 1U : 0U;
    const auto* row = std::get_if<hop_row>(&event);
    if (!row) return;
    for (const auto& one : row->probes) {
      const auto expected =
          row->hop > routers ? targets[row->target].address : hop_address(ip_family::v4, row->hop);
      if (one.answer.state == hop_state::silent && row->hop == 4)
        ++gaps;
      else if (!(one.answer.from == expected))
        ++wrong;
    }
  });
  CHECK(ends == 256);
  CHECK(wrong == 0);
  CHECK(gaps > 0);
}

TEST_CASE("scale: 2^17 targets in the same memory", "[.scale]") {
  const auto plain = trace_all(10'000, false);
  check(plain, 10'000);
  tell("plain, 10,000", plain);
  constexpr std::uint32_t count = 1U << 17;
  const auto shared = trace_all(count, true);
  check(shared, count);
  tell("doubletree, 2^17", shared);
}
