// Many probes through a bad network full of strangers: no false open, no false closed, every pair exactly one
// state. Ten million of them by name: sim_tests "[.scale]".
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/sim/tcp_forgeries.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::tcp_state;

namespace {

/// What stands behind an address and port: a third each open, closed and silent, some refused.
tcp_manner truth(const ip_address& address, std::uint16_t port) {
  const auto words = address.words();
  seeded_random random{words[0] ^ words[1] * 0x9E3779B97F4A7C15U ^ port};
  const auto drawn = random.below(16);
  if (drawn < 5) return tcp_manner::open;
  if (drawn < 10) return tcp_manner::closed;
  return drawn < 15 ? tcp_manner::silent : tcp_manner::refused;
}

/// Whether a state may be told of what stands there: in a network that loses, silence of anything.
bool may_be(tcp_state told, tcp_manner there) {
  switch (told) {
    case tcp_state::open:
      return there == tcp_manner::open;
    case tcp_state::closed:
      return there == tcp_manner::closed;
    case tcp_state::rejected:
      return there == tcp_manner::refused;
    case tcp_state::filtered:
      return true;
    default:
      return false;
  }
}

tcp_street_config bad_network(ip_family family) {
  tcp_street_config street;
  street.hops = 1;
  street.wire.delay = latency::bimodal(1ms, 450ms, 0.02);
  street.wire.loss = 0.03;
  street.wire.bursts = burst_loss{0.001, 0.05, 0.9, 0};
  street.wire.duplicate = 0.03;
  street.wire.corrupt = 0.03;
  street.wire.reorder = 0.05;
  street.wire.reorder_by = 30ms;
  street.host.ports = truth;
  street.host.icmp_type = family == ip_family::v4 ? 3 : 1;
  street.host.icmp_code = 1;
  street.host.repeats = 1;
  return street;
}

struct figures {
  std::uint64_t wrong = 0;
  std::string first_wrong;
  std::uint64_t found = 0;  ///< open or closed ports told as such
  std::uint64_t forged = 0;
  std::uint64_t sent = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t results = 0;
  std::string breach;
};

/// Asks eight ports of `targets` addresses. Three of ten segments are answered by a stranger as well, half of
/// the time before the true answer.
figures sweep_through(std::uint64_t seed, ip_family family, std::uint64_t targets) {
  figures out;
  world net{seed};
  auto way = build_tcp_street(net, bad_network(family));
  injector strangers{net, *way.here};
  seeded_random chance{seed ^ 0x5eed};
  const auto forgeries = tcp_forgeries();
  strangers.for_each_probe([&](const packet& probe) {
    std::vector<injector::forgery> forged;
    if (chance.below(10) >= 3) return forged;
    auto made = forgeries[chance.below(forgeries.size())].make(probe);
    if (made.empty()) return forged;
    ++out.forged;
    forged.emplace_back(duration{static_cast<std::int64_t>(chance.below(8'000'000))}, std::move(made));
    return forged;
  });
  const auto plan = tcp_questions(family == ip_family::v4 ? "10.0.0.0" : "2001:db8:10::",
                                  {21, 22, 25, 80, 443, 3306, 5432, 8080}, targets);
  auto config = quiet_tcp(seed);
  config.segment.source_port_count = 3;
  config.segment.memory = 3s;
  config.pacing.retries = 2;
  config.pacing.timeout = 500ms;
  config.pacing.rate = 200'000;
  config.pacing.linger = 2s;
  config.pacing.shuffled = true;
  config.pacing.order_seed = seed;
  tcp_ledger book{plan, config.pacing};
  probe::tcp_sweep machine{config, plan};
  const auto result = run(machine, net, *way.here, {}, [&](mono_time, const probe::tcp_event& event) {
    book.take(event);
    const auto* told = std::get_if<probe::tcp_result>(&event);
    if (!told) return;
    const auto there = truth(plan.address(told->target), told->port);
    if (!may_be(told->state, there) && ++out.wrong == 1)
      out.first_wrong = to_string(plan.address(told->target)) + " port " + std::to_string(told->port) +
                        " is told " + std::string{describe(told->state)} + ", ICMP type " +
                        std::to_string(told->icmp_type) + " code " + std::to_string(told->icmp_code);
    if (told->state == tcp_state::open || told->state == tcp_state::closed) ++out.found;
  });
  out.sent = result.sent;
  out.results = book.results();
  out.anomalies = book.anomalies();
  out.breach = result.finished ? book.breach({machine.totals(), machine.course().taken(), result.sent})
                               : "the machine did not finish";
  return out;
}

void check(const figures& seen, std::uint64_t pairs) {
  CHECK(seen.first_wrong == "");
  CHECK(seen.wrong == 0);
  CHECK(seen.breach == "");
  CHECK(seen.results == pairs);
  // Five of eight pairs answer; three attempts find nearly all of them.
  CHECK(static_cast<double>(seen.found) > 0.6 * static_cast<double>(pairs));
  CHECK(seen.forged > seen.sent / 4);
  CHECK(seen.anomalies > seen.forged / 2);
}

}  // namespace

TEST_CASE("tcp: no false verdict in a bad network full of strangers", "[sim][tcp]") {
  const auto seed = GENERATE(range(1U, 9U));
  const auto family = seed % 2 == 1 ? ip_family::v4 : ip_family::v6;
  INFO("seed " << seed);
  check(sweep_through(seed, family, 1600), 1600 * 8);
}

TEST_CASE("tcp: no false verdict in ten million probes", "[.scale]") {
  std::uint64_t sent = 0;
  std::uint64_t forged = 0;
  for (std::uint64_t seed = 100; sent < 10'000'000; ++seed) {
    INFO("seed " << seed);
    const auto seen = sweep_through(seed, seed % 2 == 0 ? ip_family::v4 : ip_family::v6, 25'000);
    check(seen, 25'000 * 8);
    sent += seen.sent;
    forged += seen.forged;
  }
  WARN(sent << " segments sent, " << forged << " forged");
}
