// Targets and ports as numbers, and the order without memory.
#include "libdiag/probe/tcp_plan.hpp"

#include <chrono>
#include <map>
#include <set>

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

using ports = std::vector<std::uint16_t>;

void add(tcp_plan& plan, const char* word, const ports& wanted) {
  if (const auto prefix = parse_prefix(word))
    plan.add(*prefix, wanted);
  else
    plan.add(*parse_ip(word), 1, wanted);
}

std::vector<std::string> texts(const tcp_plan& plan) {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const auto pair = plan.at(i);
    auto text = to_string(plan.address(pair.target)) + ':' + std::to_string(pair.port);
    if (plan.flows() > 1) text += '/' + std::to_string(pair.flow);
    out.push_back(text);
  }
  return out;
}

}  // namespace

TEST_CASE("tcp plan: targets in the order given, then ports, then flows", "[probe][tcp]") {
  tcp_plan plan;
  add(plan, "192.0.2.9", {443, 22, 443});
  add(plan, "192.0.2.1", {443, 22});
  plan.set_flows(2);
  plan.seal();
  CHECK(texts(plan) == std::vector<std::string>{"192.0.2.9:443/0", "192.0.2.9:443/1", "192.0.2.9:22/0",
                                                "192.0.2.9:22/1", "192.0.2.1:443/0", "192.0.2.1:443/1",
                                                "192.0.2.1:22/0", "192.0.2.1:22/1"});
  CHECK(plan.pairs_of(1) == 4);
}

TEST_CASE("tcp plan: a list in which every line has ports of its own takes no time", "[probe][tcp]") {
  // Looked for one by one, its sets would be compared two billion times.
  tcp_plan plan;
  constexpr std::uint32_t lines = 65535;
  for (std::uint32_t i = 1; i <= lines; ++i)
    plan.add(ip_address::v4(0xc6120000 + i), 1, ports{static_cast<std::uint16_t>(i), 80});
  const auto began = std::chrono::steady_clock::now();
  for (std::uint32_t i = 1; i <= lines; ++i)
    plan.add(ip_address::v4(0xc6130000 + i), 1, ports{static_cast<std::uint16_t>(i), 80});
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{4});
  plan.seal();
  CHECK(plan.target_count() == 2 * lines);
  CHECK(plan.at(plan.size() - 2) == tcp_pair{2 * lines - 1, 65535, 0});
}

TEST_CASE("tcp plan: what overlaps is asked once", "[probe][tcp]") {
  tcp_plan plan;
  SECTION("the same ports") {
    add(plan, "192.0.2.0/30", {80});
    add(plan, "192.0.2.2/31", {80});
    plan.seal();
    CHECK(plan.size() == 4);
  }
  SECTION("other ports: the union for the addresses that both name") {
    add(plan, "192.0.2.2", {22});
    add(plan, "192.0.2.0/30", {80, 22});
    add(plan, "192.0.2.3", {443});
    plan.seal();
    CHECK(texts(plan) == std::vector<std::string>{"192.0.2.2:22", "192.0.2.2:80", "192.0.2.0:80",
                                                  "192.0.2.0:22", "192.0.2.1:80", "192.0.2.1:22",
                                                  "192.0.2.3:80", "192.0.2.3:22", "192.0.2.3:443"});
    CHECK(plan.target_count() == 4);
  }
  SECTION("families do not touch") {
    add(plan, "2001:db8::/127", {1});
    add(plan, "0.0.0.0/31", {2});
    plan.seal();
    CHECK(texts(plan) == std::vector<std::string>{"2001:db8:::1", "2001:db8::1:1", "0.0.0.0:2", "0.0.0.1:2"});
  }
}

TEST_CASE("tcp plan: random overlaps agree with a set of pairs", "[probe][tcp]") {
  seeded_random random{11};
  for (int turn = 0; turn < 200; ++turn) {
    tcp_plan plan;
    std::set<std::pair<std::uint32_t, std::uint16_t>> wanted;
    const auto requests = 1 + random.below(8);
    for (std::uint64_t i = 0; i < requests; ++i) {
      const auto first = static_cast<std::uint32_t>(0xc0000200 + random.below(40));
      const auto count = 1 + random.below(20);
      ports some;
      for (std::uint16_t port = 1; port <= 4; ++port)
        if (random.below(2) == 0) some.push_back(port);
      plan.add(ip_address::v4(first), count, some);
      for (std::uint32_t k = 0; k < count; ++k)
        for (const auto port : some) wanted.emplace(first + k, port);
    }
    plan.seal();
    INFO("turn " << turn);
    REQUIRE(plan.size() == wanted.size());
    std::set<std::pair<std::uint32_t, std::uint16_t>> got;
    std::map<std::uint32_t, std::uint32_t> per_target;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
      const auto pair = plan.at(i);
      got.emplace(plan.address(pair.target).v4_value(), pair.port);
      ++per_target[pair.target];
    }
    CHECK(got == wanted);
    for (const auto& [target, count] : per_target) CHECK(plan.pairs_of(target) == count);
    CHECK(per_target.size() == plan.target_count());
  }
}

TEST_CASE("tcp plan: shards share out the targets, all of them once", "[probe][tcp]") {
  tcp_plan plan;
  add(plan, "192.0.2.0/28", {80, 443});
  add(plan, "198.51.100.0/29", {22});
  add(plan, "203.0.113.7", {1, 2, 3});
  plan.seal();
  std::multiset<std::string> all;
  for (std::uint64_t part = 0; part < 3; ++part) {
    const auto mine = plan.shard(part, 3);
    for (const auto& text : texts(mine)) all.insert(text);
  }
  const auto whole = texts(plan);
  CHECK(all == std::multiset<std::string>(whole.begin(), whole.end()));
}

TEST_CASE("tcp plan: a fingerprint tells plans apart", "[probe][tcp]") {
  std::set<std::uint64_t> seen;
  for (const auto& [word, wanted] : std::vector<std::pair<const char*, ports>>{{"192.0.2.0/24", {80}},
                                                                               {"192.0.3.0/24", {80}},
                                                                               {"192.0.2.0/24", {81}},
                                                                               {"192.0.2.0/25", {80}},
                                                                               {"192.0.2.0/24", {80, 81}},
                                                                               {"2001:db8::/120", {80}}}) {
    tcp_plan plan;
    add(plan, word, wanted);
    plan.seal();
    seen.insert(plan.fingerprint());
    CHECK(plan.fingerprint() == plan.fingerprint());
  }
  CHECK(seen.size() == 6);
}

TEST_CASE("tcp plan: 2^40 pairs cost what their ranges cost", "[probe][tcp]") {
  tcp_plan plan;
  ports all;
  for (std::uint32_t port = 1; port <= 65535; ++port) all.push_back(static_cast<std::uint16_t>(port));
  plan.add(*parse_prefix("10.0.0.0/8"), all);
  plan.seal();
  REQUIRE(plan.size() == (std::uint64_t{1} << 24) * 65535);
  const auto last = plan.at(plan.size() - 1);
  CHECK(to_string(plan.address(last.target)) == "10.255.255.255");
  CHECK(last.port == 65535);
  const permutation order{plan.size(), 3};
  CHECK(order.at(0) < plan.size());
}

TEST_CASE("permutation: each number once, whatever the size", "[probe][tcp]") {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U, 64U, 65U, 1000U, 65'536U, 100'003U}) {
    const permutation order{size, size * 7};
    std::vector<bool> seen(size);
    for (std::uint64_t place = 0; place < size; ++place) {
      const auto index = order.at(place);
      REQUIRE(index < size);
      if (seen[index]) FAIL("twice: " << index << " of " << size);
      seen[index] = true;
    }
  }
}

TEST_CASE("permutation: neighbours are far apart, and seeds differ", "[probe][tcp]") {
  constexpr std::uint64_t size = 65'536;
  const permutation order{size, 1};
  const permutation other{size, 2};
  std::uint64_t near = 0;
  std::uint64_t same = 0;
  for (std::uint64_t place = 0; place + 1 < size; ++place) {
    const auto a = order.at(place);
    const auto b = order.at(place + 1);
    if ((a > b ? a - b : b - a) < 64) ++near;
    if (a == other.at(place)) ++same;
  }
  CHECK(near < 300);  // 128 of 65,536 by chance
  CHECK(same < 20);   // 1 by chance
}
