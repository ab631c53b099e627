// Options become paths, courses and rates.
#include "libdiag/probe/mda_course.hpp"
#include "libdiag/probe/trace_course.hpp"
#include "tools/traceroute/inquiry.hpp"
#include "tools/traceroute/plan.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::path_method;

question_list questions(std::vector<const char*> argv) {
  const auto asked = questions_of(options_of(std::move(argv)));
  REQUIRE(asked.has_value());
  return *asked;
}

std::string words(const question_list& list) {
  std::string text;
  for (const auto& one : list.all)
    text += std::string{describe(one.method)} + '/' + std::to_string(one.port) + ' ';
  return text;
}

template <class Course>
bool makes(std::vector<const char*> argv) {
  const auto options = options_of(std::move(argv));
  const std::vector<probe::path_target> paths{{ip("192.0.2.9"), ip("192.0.2.2")}};
  const auto course = make_course(options, paths, [](const ip_address&) { return std::uint32_t{1500}; });
  return dynamic_cast<const Course*>(course.get()) != nullptr;
}

}  // namespace

TEST_CASE("traceroute plan: a plain trace asks one question of each target", "[tools][traceroute]") {
  CHECK(words(questions({"192.0.2.9"})) == "udp/33434 ");
  CHECK(words(questions({"-T", "-p", "443", "192.0.2.9"})) == "tcp/443 ");
}

TEST_CASE("traceroute plan: --locate asks its ports, then controls that were not asked",
          "[tools][traceroute]") {
  const auto usual = questions({"--locate", "445,80", "192.0.2.9"});
  CHECK(words(usual) == "tcp/445 tcp/80 tcp/443 tcp/22 icmp/0 ");
  CHECK(usual.asked == 2);
  CHECK(words(questions({"--locate", "53", "-U", "192.0.2.9"})) == "udp/53 tcp/443 tcp/80 tcp/22 icmp/0 ");
  CHECK(words(questions({"--locate", "445", "--control", "8080,445", "192.0.2.9"})) == "tcp/445 tcp/8080 ");
}

TEST_CASE("traceroute plan: a service nobody knows is a usage error", "[tools][traceroute]") {
  const auto options = options_of({"--locate", "no-such-service", "192.0.2.9"});
  const auto asked = questions_of(options);
  REQUIRE_FALSE(asked.has_value());
  CHECK(asked.error().what ==
        "option --locate: \"no-such-service\" is neither a port nor a TCP service that this system knows");
  const auto over_udp = questions_of(options_of({"--locate", "no-such-service", "-U", "192.0.2.9"}));
  REQUIRE_FALSE(over_udp.has_value());
  CHECK(over_udp.error().what.find("nor a UDP service") != std::string::npos);
  std::vector<std::string> complaints;
  const auto what = gather(options, [&](const std::string& line) { complaints.push_back(line); });
  CHECK(what.worst == tools::exit_code::usage);
  CHECK(complaints.size() == 1);
}

TEST_CASE("traceroute plan: a path file that is wrong is a usage error, one that is not there is ours",
          "[tools][traceroute]") {
  const diag::test::scratch dir;
  std::vector<std::string> complaints;
  const auto worst = [&](const std::string& path) {
    complaints.clear();
    const auto options = options_of({"--expect", path.c_str(), "192.0.2.9"});
    return gather(options, [&](const std::string& line) { complaints.push_back(line); }).worst;
  };
  CHECK(worst(dir.file("wrong", "target 192.0.2.9 reached\n1 192.0.2.1\nhop what\n")) ==
        tools::exit_code::usage);
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].find("line 3: 'hop'") != std::string::npos);
  CHECK(worst(dir.in("none")) == tools::exit_code::ours);
  CHECK(complaints.size() == 1);
  const auto path = dir.file("good", "target 192.0.2.9 reached\n1 192.0.2.1\n");
  const auto what =
      gather(options_of({"--expect", path.c_str(), "192.0.2.9"}), [](const auto& line) { FAIL(line); });
  REQUIRE(what.expected.has_value());
  CHECK(what.expected->find(ip("192.0.2.9")) != nullptr);
}

TEST_CASE("traceroute plan: paths stand by target, targets without a way are lost", "[tools][traceroute]") {
  auto request = options_of({"--locate", "445", "--control", "443", "192.0.2.9", "203.0.113.1"}).targets;
  const auto found = tools::gather_targets(request, [](const std::string& line) { FAIL(line); });
  const question_list list{{{path_method::tcp_syn, 445}, {path_method::tcp_syn, 443}}, 1};
  const auto plan = plan_paths(found.targets, list, [](const ip_address& to) {
    if (to == ip("203.0.113.1")) return io::source_finder::answer{{}, 101};
    return io::source_finder::answer{ip("192.0.2.2"), 0};
  });
  REQUIRE(plan.paths.size() == 2);
  CHECK(plan.paths_per_target == 2);
  CHECK(plan.asked_per_target == 1);
  CHECK(plan.paths[0].port == 445);
  CHECK(plan.paths[1].port == 443);
  CHECK(plan.paths[1].source == ip("192.0.2.2"));
  REQUIRE(plan.lost.size() == 1);
  CHECK(plan.lost[0].word == "203.0.113.1");
  CHECK(plan.lost[0].reason == "no-route");
}

TEST_CASE("traceroute plan: each mode has its course", "[tools][traceroute]") {
  CHECK(makes<probe::trace_course>({"192.0.2.9"}));
  CHECK(makes<probe::trace_course>({"--locate", "445", "192.0.2.9"}));
  CHECK(makes<probe::mtu_course>({"--mtu", "192.0.2.9"}));
  CHECK(makes<probe::mda_course>({"--mda", "192.0.2.9"}));
  CHECK(makes<probe::rounds_course>({"--report", "3", "192.0.2.9"}));
  CHECK(makes<probe::rounds_course>({"--live", "192.0.2.9"}));
}

TEST_CASE("traceroute plan: numbers of the machine", "[tools][traceroute]") {
  doors open;
  open.port_base = 40000;
  open.identity.flow_label = 77;
  const auto config = [&](std::vector<const char*> argv, std::size_t paths = 1) {
    return run_config(options_of(std::move(argv)), open, {}, paths);
  };
  const auto plain = config({"192.0.2.9"});
  CHECK(plain.probes.source_port_base == 40000);
  CHECK(plain.probes.flows == 1);
  CHECK(plain.probes.size_v4 == 60);
  CHECK(plain.probes.size_v6 == 80);
  CHECK(plain.probes.flow_label == 77);
  CHECK(plain.rate == 0.0);
  CHECK_FALSE(plain.unlimited);
  CHECK(plain.want_stamps);
  CHECK_FALSE(config({"192.0.2.9"}, 1000).want_stamps);
  CHECK(config({"-z", "0.5", "192.0.2.9"}).rate == 2.0);
  CHECK(config({"--rate", "0", "192.0.2.9"}).unlimited);
  CHECK(config({"--rate", "50", "192.0.2.9"}).rate == 50.0);
  CHECK(config({"--flows", "4", "192.0.2.9"}).probes.flows == 4);
  CHECK(config({"--mda", "192.0.2.9"}).probes.flows == flow_count(options_of({"--mda", "192.0.2.9"})));
  CHECK(config({"-l", "5", "192.0.2.9"}).probes.flow_label == 5);
  CHECK(config({"-W", "30", "192.0.2.9"}).probes.memory == 60s);
}
