// Exit status and the Nagios line of diag-tcp: the worst probe decides.
#include "tools/tcp/judge.hpp"

#include "tests/tools/tcp_stage.hpp"

namespace {

using namespace diag;
using namespace diag::tcp::test;

struct court {
  explicit court(std::vector<const char*> argv) : set{std::move(argv)} {}
  int status(const std::vector<probe::tcp_result>& results,
             const std::vector<probe::tcp_summary>& accounts = {}, bool undecided = false) {
    for (const auto& one : results) judge.take(one);
    for (const auto& one : accounts) judge.take(one);
    judge.close(undecided);
    return judge.status();
  }

  scene set;
  tcp::record_maker records{set.on};
  tcp::judge judge{set.on, records};
};

const auto host_down = [] {
  auto out = ended(probe::tcp_state::error, probe::reason::no_route);
  out.error = 101;
  return out;
};

}  // namespace

TEST_CASE("tcp judge: every probe as expected, or not", "[tools][tcp][judge]") {
  CHECK(court{{"192.0.2.1:22"}}.status({opened()}) == 0);
  CHECK(court{{"192.0.2.1:22,80"}}.status({opened(), closed()}) == 1);
  CHECK(court{{"192.0.2.1:22"}}.status({filtered()}) == 1);
  CHECK(court{{"--expect", "closed|filtered", "192.0.2.1:22"}}.status({closed(), filtered()}) == 0);
  CHECK(court{{"--expect", "closed", "192.0.2.1:22"}}.status({opened()}) == 1);
  CHECK(court{{"--ack", "192.0.2.1:22"}}.status({closed()}) == 0);
}

TEST_CASE("tcp judge: what this host could not send is ours", "[tools][tcp][judge]") {
  CHECK(court{{"192.0.2.1:22"}}.status({opened(), host_down()}) == 3);
  CHECK(court{{"--expect", "error", "192.0.2.1:22"}}.status({host_down()}) == 0);
}

TEST_CASE("tcp judge: a run cut short has not seen every port", "[tools][tcp][judge]") {
  CHECK(court{{"192.0.2.1:22"}}.status({opened()}, {summary({1})}, true) == 1);
}

TEST_CASE("tcp judge: a threshold that is crossed is a no", "[tools][tcp][judge]") {
  auto account = summary({3, 0, 1});
  account.rtt_min = account.rtt_mean = account.rtt_max = 40ms;
  const auto status = [&](const char* option, const char* expression) {
    return court{{option, expression, "--expect", "open|filtered", "192.0.2.1:22"}}.status({opened()},
                                                                                           {account});
  };
  CHECK(status("--crit", "filtered>0") == 1);
  CHECK(status("--crit", "filtered>1") == 0);
  CHECK(status("--warn", "loss>=25%") == 1);
  CHECK(status("--warn", "rtt>50ms") == 0);
  CHECK(status("--warn", "rtt.max>39ms") == 1);
  // Where nobody answered, time is endless.
  CHECK(court{{"--crit", "rtt>1s", "--expect", "filtered", "192.0.2.1:22"}}.status(
            {filtered()}, {summary({0, 0, 1})}) == 1);
}

TEST_CASE("tcp judge: Nagios hears the worst of each target", "[tools][tcp][judge]") {
  auto account = summary({1, 1});
  account.rtt_min = account.rtt_mean = account.rtt_max = 2ms;
  court good{{"--format", "nagios", "192.0.2.1:22"}};
  CHECK(good.status({opened()}, {account}) == 0);
  CHECK(good.judge.nagios_line() ==
        "TCP OK - 192.0.2.1: loss 0%, rtt avg 2.000 ms | rta=2.000ms;;;0 pl=0%;;;0;100");
  court bad{{"--format", "nagios", "192.0.2.1:22,80,81"}};
  CHECK(bad.status({host_down(), closed(80), closed(81)}, {account}) == 2);
  CHECK(bad.judge.nagios_line().find("port 80 closed, reset, and 1 more") != std::string::npos);
  court ours{{"--format", "nagios", "192.0.2.1:22"}};
  CHECK(ours.status({host_down()}, {account}) == 3);
  court warned{{"--format", "nagios", "--warn", "closed>0", "--expect", "open|closed", "192.0.2.1:22"}};
  CHECK(warned.status({closed()}, {account}) == 1);
  CHECK(warned.judge.nagios_line().find("closed 1 > 0") != std::string::npos);
}

TEST_CASE("tcp judge: a name without an address is ours", "[tools][tcp][judge]") {
  court one{{"192.0.2.1:22"}};
  one.set.asked.lost.push_back({"host.invalid", "unknown-host", "no such name"});
  CHECK(one.status({opened()}) == 3);
}
