// Ranges of addresses: order, repetition, shards.
#include "libdiag/probe/targets.hpp"

#include <set>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {
std::vector<std::string> texts(const target_list& list) {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < list.size(); ++i) out.push_back(to_string(list.at(i)));
  return out;
}
void add(target_list& list, std::initializer_list<const char*> words) {
  for (const auto* word : words) {
    if (const auto prefix = parse_prefix(word))
      list.add(*prefix);
    else
      list.add(*parse_ip(word));
  }
}
}  // namespace

TEST_CASE("targets: a prefix is all its addresses", "[probe][targets]") {
  target_list list;
  add(list, {"192.0.2.9/30", "2001:db8::ff/127"});
  list.seal();
  CHECK(texts(list) == std::vector<std::string>{"192.0.2.8", "192.0.2.9", "192.0.2.10", "192.0.2.11",
                                                "2001:db8::fe", "2001:db8::ff"});
  CHECK(list.has(ip_family::v6));
}

TEST_CASE("targets: the first mention keeps its place, the others go", "[probe][targets]") {
  target_list list;
  SECTION("singles") {
    add(list, {"192.0.2.3", "192.0.2.1", "192.0.2.3", "192.0.2.2", "192.0.2.1"});
    list.seal();
    CHECK(texts(list) == std::vector<std::string>{"192.0.2.3", "192.0.2.1", "192.0.2.2"});
  }
  SECTION("a range round a single") {
    add(list, {"192.0.2.2", "192.0.2.0/30", "192.0.2.1"});
    list.seal();
    CHECK(texts(list) == std::vector<std::string>{"192.0.2.2", "192.0.2.0", "192.0.2.1", "192.0.2.3"});
  }
  SECTION("the same range twice") {
    add(list, {"192.0.2.0/31", "192.0.2.0/31"});
    list.seal();
    CHECK(list.size() == 2);
  }
  SECTION("IPv6, with the cut at an address that ends in zeros") {
    add(list, {"2001:db8::", "2001:db7:ffff:ffff:ffff:ffff:ffff:fffe",
               "2001:db7:ffff:ffff:ffff:ffff:ffff:fffe/127"});
    list.add(*parse_ip("2001:db8:0:0:8000::"), 1);
    list.add(*parse_ip("2001:db8::7fff:ffff:ffff:fffe"), 4);
    list.seal();
    CHECK(texts(list) == std::vector<std::string>{"2001:db8::", "2001:db7:ffff:ffff:ffff:ffff:ffff:fffe",
                                                  "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
                                                  "2001:db8:0:0:8000::", "2001:db8::7fff:ffff:ffff:fffe",
                                                  "2001:db8::7fff:ffff:ffff:ffff", "2001:db8::8000:0:0:1"});
  }
}

TEST_CASE("targets: random overlaps agree with a set", "[probe][targets]") {
  const auto family = GENERATE(ip_family::v4, ip_family::v6);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    seeded_random random{seed};
    const auto base =
        family == ip_family::v4 ? *parse_ip("10.0.0.0") : *parse_ip("2001:db8::ffff:ffff:ffff:ff80");
    target_list list;
    std::vector<ip_address> expected;
    std::set<ip_address> seen;
    for (int i = 0; i < 20; ++i) {
      const auto first = base.plus(random.below(300));
      const auto count = 1 + random.below(random.below(2) == 0 ? 3 : 60);
      list.add(first, count);
      for (std::uint64_t k = 0; k < count; ++k)
        if (seen.insert(first.plus(k)).second) expected.push_back(first.plus(k));
    }
    list.seal();
    std::vector<ip_address> got;
    for (std::uint64_t i = 0; i < list.size(); ++i) got.push_back(list.at(i));
    REQUIRE(got == expected);

    const auto parts = 1 + random.below(7);
    std::set<ip_address> joined;
    std::uint64_t total = 0;
    for (std::uint64_t part = 0; part < parts; ++part) {
      const auto shard = list.shard(part, parts);
      total += shard.size();
      for (std::uint64_t i = 0; i < shard.size(); ++i) {
        CHECK(shard.at(i) == expected[part + i * parts]);
        joined.insert(shard.at(i));
      }
    }
    CHECK(total == expected.size());
    CHECK(joined.size() == expected.size());
  }
}

TEST_CASE("targets: a quarter of a million singles in no order, each found", "[probe][targets]") {
  target_list list;
  // An odd step visits every address of the 2^18 once, no two neighbours in a row.
  constexpr std::uint32_t count = 1U << 18;
  for (std::uint32_t i = 0; i < count; ++i) list.add(ip_address::v4(0x0a000000 + i * 777'777U % count));
  for (std::uint32_t i = 0; i < 1000; ++i) list.add(ip_address::v4(0x0a000000 + i));
  list.seal();
  CHECK(list.size() == count);
  CHECK(list.at(1) == ip_address::v4(0x0a000000 + 777'777U % count));
  CHECK(list.at(count - 1) == ip_address::v4(0x0a000000 + (count - 1) * 777'777U % count));
}

TEST_CASE("targets: ten million addresses are one range", "[probe][targets]") {
  target_list list;
  add(list, {"10.0.0.0/8", "11.0.0.1"});
  list.seal();
  CHECK(list.size() == (1U << 24) + 1);
  CHECK(list.at(1U << 24) == parse_ip("11.0.0.1"));
  target_list nothing;
  nothing.seal();
  CHECK(nothing.empty());
}

TEST_CASE("targets: one link-local address on two links is two targets", "[probe][targets]") {
  target_list list;
  add(list, {"fe80::1%2", "fe80::1%3", "fe80::1%2"});
  list.seal();
  CHECK(texts(list) == std::vector<std::string>{"fe80::1%2", "fe80::1%3"});
}

TEST_CASE("targets: every address finds its number, no other finds one", "[probe][targets]") {
  target_list list;
  add(list, {"192.0.2.8/29", "198.51.100.7", "192.0.2.0/28", "2001:db8::ff00/120", "fe80::1%2", "fe80::1%3"});
  list.seal();
  for (std::uint64_t i = 0; i < list.size(); ++i) CHECK(list.find(list.at(i)) == i);
  for (const auto* absent : {"192.0.1.255", "192.0.2.16", "198.51.100.8", "2001:db8::1:0",
                             "2001:db8:0:0:1::ff00", "fe80::1%4", "fe80::1", "::c000:0208", "0.0.0.0"})
    CHECK_FALSE(list.find(*parse_ip(absent)).has_value());
  CHECK_FALSE(target_list{}.find(*parse_ip("192.0.2.1")).has_value());
}

TEST_CASE("targets: addresses are found in a share of the list, too", "[probe][targets]") {
  target_list list;
  add(list, {"192.0.2.0/24", "203.0.113.0/25"});
  list.seal();
  const auto mine = list.shard(1, 3);
  for (std::uint64_t i = 0; i < mine.size(); ++i) CHECK(mine.find(mine.at(i)) == i);
  CHECK_FALSE(mine.find(list.at(0)).has_value());
  CHECK_FALSE(mine.find(list.at(255)).has_value());
}

TEST_CASE("targets: a range that crosses a 64-bit boundary finds its addresses", "[probe][targets]") {
  target_list list;
  list.add(*parse_ip("2001:db8::ffff:ffff:ffff:fffe"), 4);
  list.seal();
  REQUIRE(list.size() == 4);
  for (std::uint64_t i = 0; i < list.size(); ++i) CHECK(list.find(list.at(i)) == i);
  CHECK_FALSE(list.find(*parse_ip("2001:db8:0:1::2")).has_value());
}
