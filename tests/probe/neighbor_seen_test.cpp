// Sightings and leaks: merged, bounded, told now and then.
#include "libdiag/probe/neighbor_seen.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

namespace {
neighbor_message announcement(std::uint32_t address, std::uint8_t who = 9) {
  neighbor_message said;
  said.what = neighbor_message::kind::announcement;
  said.claimed = ip_address::v4(address);
  said.owner = station(who);
  return said;
}
}  // namespace

TEST_CASE("neighbor_seen: the same claim is told again after a second", "[probe][neighbor]") {
  neighbor_seen seen;
  const mono_time start{1s};
  CHECK(seen.note(start, announcement(1)));
  CHECK_FALSE(seen.note(start + 999ms, announcement(1)));
  CHECK(seen.note(start + 999ms, announcement(1, 10)));
  CHECK(seen.note(start + 1s, announcement(1)));
  CHECK_FALSE(seen.note(start + 1500ms, announcement(1)));
  neighbor_facts facts;
  seen.hand_over(facts);
  REQUIRE(facts.seen.size() == 2);
  CHECK(facts.seen[0].count == 4);
  CHECK(facts.seen[0].last == start + 1500ms);
}

TEST_CASE("neighbor_seen: a storm of claims is bounded", "[probe][neighbor]") {
  neighbor_seen seen;
  for (std::uint32_t i = 0; i < 100'000; ++i) seen.note(mono_time{1s}, announcement(i));
  neighbor_facts facts;
  seen.hand_over(facts);
  CHECK(facts.seen.size() == neighbor_seen::most_claims);
  CHECK(facts.unseen == 100'000 - neighbor_seen::most_claims);
}

TEST_CASE("neighbor_seen: leaks are told apart by their tag", "[probe][neighbor]") {
  neighbor_seen seen;
  auto said = announcement(1);
  seen.note_leak(said);
  said.tag = wire::vlan_tag{0x8100, 30};
  seen.note_leak(said);
  seen.note_leak(said);
  neighbor_facts facts;
  seen.hand_over(facts);
  REQUIRE(facts.leaks.size() == 2);
  CHECK(facts.leaks[1].count == 2);
}
