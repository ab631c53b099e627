// Exit status and the Nagios line: the worst target decides.
#include "tools/ping/judge.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tools::exit_code;

struct court {
  explicit court(std::vector<const char*> argv, std::vector<std::string> words = {"192.0.2.1"})
      : targets{std::move(
            tools::gather_targets({.words = std::move(words)}, [](const std::string&) {}).targets)} {
    argv.insert(argv.begin(), "diag-ping");
    argv.push_back("192.0.2.1");
    auto read = ping::parse_options(static_cast<int>(argv.size()), argv.data(), true);
    REQUIRE(read.has_value());
    options = *read;
  }
  int status(const std::vector<probe::ping_summary>& accounts) {
    for (const auto& one : accounts) judge.take(one);
    judge.close();
    return judge.status();
  }

  ping::ping_options options;
  tools::target_set targets;
  ping::record_maker records{targets, [](mono_time at) { return wall_time{at.time_since_epoch()}; }};
  ping::judge judge{options, records, targets};
};

/// Of a series with RTTs of 1 ms each.
struct account {
  probe::rtt_statistics rtt;
  probe::loss_runs loss;
  probe::ping_summary summary;
  account(std::uint64_t received, std::uint64_t lost) {
    for (std::uint64_t i = 0; i < received; ++i) rtt.add(1ms);
    summary.received = received;
    summary.lost = lost;
    summary.sent = received + lost;
    summary.rtt = &rtt;
    summary.loss = &loss;
  }
  account(const account&) = delete;
};

int verdict(std::vector<const char*> argv, const account& what) {
  return court{std::move(argv)}.status({what.summary});
}

}  // namespace

TEST_CASE("ping judge: one answer is enough, none is a no", "[tools][ping]") {
  CHECK(verdict({}, account{1, 9}) == 0);
  CHECK(verdict({}, account{0, 3}) == 1);
  CHECK(court{{}}.status({}) == 1);  // nothing was heard of the target
}

TEST_CASE("ping judge: what never left this host is our own failure", "[tools][ping]") {
  account none{0, 0};
  none.summary.sent = none.summary.not_sent = 3;
  CHECK(verdict({}, none) == 3);
  none.summary.sent = 4;
  none.summary.lost = 1;
  CHECK(verdict({}, none) == 1);
}

TEST_CASE("ping judge: with -c and -w the count is expected", "[tools][ping]") {
  CHECK(verdict({"-c", "3", "-w", "1"}, account{2, 0}) == 1);
  CHECK(verdict({"-c", "3", "-w", "1"}, account{3, 0}) == 0);
}

TEST_CASE("ping judge: loss and thresholds turn an answer into a no", "[tools][ping]") {
  CHECK(verdict({"--max-loss", "20"}, account{8, 2}) == 0);
  CHECK(verdict({"--max-loss", "19.9"}, account{8, 2}) == 1);
  CHECK(verdict({"--warn", "rtt>0.5ms"}, account{1, 0}) == 1);
  CHECK(verdict({"--crit", "rtt>1ms"}, account{1, 0}) == 0);
}

TEST_CASE("ping judge: --strict takes a corrupt answer for none", "[tools][ping]") {
  account corrupt{3, 0};
  corrupt.summary.corrupt = 1;
  CHECK(verdict({}, corrupt) == 0);
  CHECK(verdict({"--strict"}, corrupt) == 1);
}

TEST_CASE("ping judge: --until is about the condition, not about answers", "[tools][ping]") {
  court down{{"--until", "down"}};
  const account lost{0, 1};
  down.judge.take(lost.summary);
  down.judge.condition(true);
  down.judge.close();
  CHECK(down.judge.status() == 0);
  court up{{"--until", "up"}};
  up.judge.take(lost.summary);
  up.judge.condition(false);
  CHECK(up.judge.status() == 1);
}

TEST_CASE("ping judge: a sweep counts a late answer as life", "[tools][ping]") {
  probe::ping_summary late;
  late.sent = late.lost = 2;
  late.late = 1;
  CHECK(court{{}}.status({late}) == 0);
}

TEST_CASE("ping judge: the worst over all targets wins", "[tools][ping]") {
  const account good{1, 0};
  account bad{0, 1};
  bad.summary.target = 1;
  court both{{}, {"192.0.2.1", "192.0.2.2"}};
  CHECK(both.status({good.summary, bad.summary}) == 1);
  court lines{{}};
  lines.judge.note(exit_code::usage);
  CHECK(lines.status({good.summary}) == 2);
}

TEST_CASE("ping judge: Nagios has its own statuses and a line with limits", "[tools][ping]") {
  court critical{{"--format", "nagios", "--warn", "rtt>100ms", "--crit", "loss>20%"}};
  CHECK(critical.status({account{0, 3}.summary}) == 2);
  court warned{{"--format", "nagios", "--warn", "rtt>0.5ms", "--crit", "loss>20%"}};
  CHECK(warned.status({account{4, 0}.summary}) == 1);
  CHECK(warned.judge.nagios_line() ==
        "PING WARNING - 192.0.2.1: loss 0%, rtt avg 1.000 ms (rtt 1.000 ms > 0.5ms) | rta=1.000ms;0.5;;0 "
        "pl=0%;;20;0;100");
  account none{0, 0};
  none.summary.sent = none.summary.not_sent = 1;
  court unknown{{"--format", "nagios"}};
  CHECK(unknown.status({none.summary}) == 3);
}

TEST_CASE("ping judge: a black hole is a no even though the MTU was found", "[tools][ping]") {
  probe::mtu_verdict verdict;
  verdict.path_mtu = 1400;
  court found{{"--mtu"}};
  found.judge.take(0, verdict);
  CHECK(found.judge.status() == 0);
  verdict.black_hole = true;
  court hole{{"--mtu"}};
  hole.judge.take(0, verdict);
  CHECK(hole.judge.status() == 1);
}

TEST_CASE("ping judge: limits hold for the path MTU too", "[tools][ping]") {
  probe::mtu_verdict verdict;
  verdict.path_mtu = 1400;
  court wide{{"--mtu", "--crit", "path_mtu<1400"}};
  wide.judge.take(0, verdict);
  CHECK(wide.judge.status() == 0);
  court narrow{{"--mtu", "--crit", "path_mtu<1500"}};
  narrow.judge.take(0, verdict);
  CHECK(narrow.judge.status() == 1);
  court warned{{"--mtu", "--format", "nagios", "--warn", "path_mtu<1500"}};
  warned.judge.take(0, verdict);
  CHECK(warned.judge.status() == 1);
}
