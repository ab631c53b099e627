// Exit statuses and the line for Nagios.
#include "tools/traceroute/judge.hpp"
#include "tools/traceroute/records.hpp"

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::hop_state;
using probe::path_stop;

struct court {
  explicit court(std::vector<const char*> argv) : here{std::move(argv)}, records{*here.on} {}

  void end(path_stop why, std::string objection = {}) {
    const probe::traced_path path{here.plan.paths[0],
                                  {row_of(3, {answer_from("192.0.2.9", 20ms, hop_state::reached), {}})},
                                  end_of(why, 3)};
    verdict.take({"host.example", why, why == path_stop::reached, std::move(objection)}, [&] {
      ++summaries;
      return records.summary(path, {});
    });
  }

  scene here;
  record_maker records;
  judge verdict{here.options};
  int summaries = 0;
};

}  // namespace

TEST_CASE("traceroute judge: reached is 0, not reached 1, not sent 3", "[tools][traceroute]") {
  for (const auto& [why, status] : {std::pair{path_stop::reached, 0}, std::pair{path_stop::silence, 1},
                                    std::pair{path_stop::unreachable, 1}, std::pair{path_stop::last_hop, 1},
                                    std::pair{path_stop::interrupted, 1}, std::pair{path_stop::error, 3}}) {
    court one{{"192.0.2.9"}};
    one.end(why);
    CHECK(one.verdict.status() == status);
    CHECK(one.summaries == 0);
  }
}

TEST_CASE("traceroute judge: of several targets the worst wins", "[tools][traceroute]") {
  court one{{"192.0.2.9"}};
  one.end(path_stop::error);
  one.end(path_stop::reached);
  CHECK(one.verdict.status() == 3);
  court lost{{"192.0.2.9"}};
  lost.end(path_stop::reached);
  lost.verdict.lose({"host.invalid", "unknown-host", "no such name"});
  CHECK(lost.verdict.status() == 3);
  court cut{{"192.0.2.9"}};
  cut.verdict.undecided(1);
  CHECK(cut.verdict.status() == 1);
}

TEST_CASE("traceroute judge: a threshold that is crossed is 1", "[tools][traceroute]") {
  for (const auto* expression : {"hops>2", "rtt.avg>10ms", "loss>5%"}) {
    INFO(expression);
    court one{{"--warn", expression, "192.0.2.9"}};
    one.end(path_stop::reached);
    CHECK(one.verdict.status() == 1);
  }
  for (const auto* expression : {"hops>3", "rtt.avg>30ms", "loss>50%"}) {
    INFO(expression);
    court one{{"--crit", expression, "192.0.2.9"}};
    one.end(path_stop::reached);
    CHECK(one.verdict.status() == 0);
  }
}

TEST_CASE("traceroute judge: Nagios hears of state, loss, time and limits", "[tools][traceroute]") {
  court good{{"--format", "nagios", "--warn", "rtt.avg>50ms", "--crit", "loss>60%", "192.0.2.9"}};
  good.end(path_stop::reached);
  CHECK(good.verdict.status() == 0);
  CHECK(good.verdict.nagios_line().starts_with("TRACEROUTE OK - host.example"));
  court slow{{"--format", "nagios", "--warn", "rtt.avg>5ms", "192.0.2.9"}};
  slow.end(path_stop::reached);
  CHECK(slow.verdict.status() == 1);
  CHECK(slow.verdict.nagios_line().starts_with("TRACEROUTE WARNING"));
  court dead{{"--format", "nagios", "192.0.2.9"}};
  dead.end(path_stop::silence, "not reached: silence after hop 3");
  CHECK(dead.verdict.status() == 2);
  CHECK(dead.verdict.nagios_line().find("silence after hop 3") != std::string::npos);
  court ours{{"--format", "nagios", "192.0.2.9"}};
  ours.end(path_stop::error);
  CHECK(ours.verdict.status() == 3);
  court cut{{"--format", "nagios", "192.0.2.9"}};
  cut.end(path_stop::reached);
  cut.verdict.undecided(2);
  CHECK(cut.verdict.status() == 2);
}
