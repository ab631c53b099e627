// Words and files to pairs, without the name service.
#include "tools/tcp/gather.hpp"

#include "tools/common/target_intake.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using test::scratch;
using tools::exit_code;

struct gathering {
  tcp::gathered_plan got;
  std::vector<std::string> complaints;
};

gathering gather(const tcp::plan_request& request) {
  gathering out;
  out.got = tcp::gather_plan(request, [&](const std::string& line) { out.complaints.push_back(line); });
  return out;
}

std::vector<std::string> pairs(const probe::tcp_plan& plan) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const auto pair = plan.at(i);
    all.push_back(to_string(plan.address(pair.target)) + " " + std::to_string(pair.port));
  }
  return all;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("gather: words bring their ports, or take those of -p", "[tools][gather]") {
  const auto out = gather({.words = {"192.0.2.1:22,80", "192.0.2.2", "[2001:db8::1]:443"}, .ports = {25}});
  CHECK(pairs(out.got.plan) == lines{"192.0.2.1 22", "192.0.2.1 80", "192.0.2.2 25", "2001:db8::1 443"});
  CHECK(out.got.worst == exit_code::positive);
  CHECK_FALSE(out.got.fatal);
  CHECK(out.got.label(0) == "192.0.2.1");
}

TEST_CASE("gather: what is named twice is asked once", "[tools][gather]") {
  const auto out = gather({.words = {"192.0.2.0/31:80", "192.0.2.1:80,443", "192.0.2.1:443"}});
  CHECK(out.got.plan.size() == 3);
}

TEST_CASE("gather: the top of the address space", "[tools][gather]") {
  const auto out = gather({.words = {"255.255.255.0/24:80", "255.255.255.255:443",
                                     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127]:80",
                                     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:81"}});
  CHECK(out.got.plan.size() == 256 + 1 + 2 + 1);
}

TEST_CASE("gather: a word without ports and no -p is fatal", "[tools][gather]") {
  const auto out = gather({.words = {"192.0.2.1:80", "192.0.2.2"}});
  CHECK(out.complaints ==
        lines{"cannot use target 192.0.2.2: it has no ports (write TARGET:PORTS, or give -p PORTS)"});
  CHECK(out.got.worst == exit_code::usage);
  CHECK(out.got.fatal);
}

TEST_CASE("gather: a bad word of the command line is fatal, and all are told", "[tools][gather]") {
  const auto out = gather({.words = {"192.0.2.1:0", "192.0.2.1:9-8", "192.0.2.300:80"}});
  CHECK(out.complaints.size() == 3);
  CHECK(out.complaints[0] == "cannot use target 192.0.2.1:0: port 0: must be 1..65535");
  CHECK(out.got.fatal);
  CHECK(out.got.worst == exit_code::usage);
}

TEST_CASE("gather: bad lines of a file are told by number, and the good ones run", "[tools][gather]") {
  const scratch dir;
  const auto path =
      dir.file("targets", "192.0.2.1:80\n192.0.2.2:70000 # no\n\n192.0.2.3\nx y\n[2001:db8::1]:22\n");
  const auto out = gather({.file = path, .ports = {443}});
  CHECK(pairs(out.got.plan) == lines{"192.0.2.1 80", "192.0.2.3 443", "2001:db8::1 22"});
  CHECK(out.complaints ==
        lines{"line 2 of " + path + ": cannot use target 192.0.2.2:70000: port 70000: must be 1..65535",
              "line 5 of " + path + ": cannot use target x y: holds more than one word"});
  CHECK(out.got.worst == exit_code::usage);
  CHECK_FALSE(out.got.fatal);
}

TEST_CASE("gather: a file that cannot be read is our failure", "[tools][gather]") {
  const auto alone = gather({.file = "/nonexistent/targets", .ports = {80}});
  CHECK(alone.got.fatal);
  CHECK(alone.got.worst == exit_code::ours);
  const auto beside = gather({.words = {"192.0.2.1:80"}, .file = "/nonexistent/targets"});
  CHECK_FALSE(beside.got.fatal);
  CHECK(beside.got.plan.size() == 1);
}

TEST_CASE("gather: the other family is refused under -4", "[tools][gather]") {
  const auto out = gather({.words = {"[2001:db8::1]:80"}, .family = ip_family::v4});
  CHECK(out.complaints == lines{"cannot use target [2001:db8::1]:80: not an IPv4 address"});
}

TEST_CASE("gather: names come from the system, and the address knows its name", "[tools][gather]") {
  const auto out = gather({.words = {"localhost:80"}, .family = ip_family::v4});
  if (!out.got.lost.empty()) return;  // a system without a hosts file
  REQUIRE(out.got.plan.size() == 1);
  CHECK(out.got.label(0) == "localhost");
}

TEST_CASE("gather: shards are disjoint and together whole", "[tools][gather]") {
  std::vector<std::string> all;
  for (std::uint64_t shard = 1; shard <= 3; ++shard) {
    const auto part = pairs(gather({.words = {"192.0.2.0/29:80,443"}, .shard = shard, .shards = 3}).got.plan);
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(all.size() == 16);
  CHECK(std::unique(all.begin(), all.end()) == all.end());
}

TEST_CASE("gather: families are told from the words alone", "[tools][gather]") {
  const auto v4 = families_of(tcp::plan_request{.words = {"192.0.2.0/24:80"}});
  CHECK((v4.v4 && !v4.v6));
  const auto v6 = families_of(tcp::plan_request{.words = {"[2001:db8::1]:80"}});
  CHECK((!v6.v4 && v6.v6));
  const auto name = families_of(tcp::plan_request{.words = {"www.example:80"}});
  CHECK((name.v4 && name.v6));
  const auto file = families_of(tcp::plan_request{.words = {"192.0.2.1:80"}, .file = "x"});
  CHECK((file.v4 && file.v6));
}
