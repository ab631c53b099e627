// Pairing and accounts, as far as the runs of neighbor_run_test do not show them.
#include "libdiag/probe/neighbor_ledger.hpp"

#include "tests/catch.hpp"
#include "tests/probe/neighbor_stage.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::testing;

namespace {

neighbor_message said_by(std::uint8_t who) {
  neighbor_message said;
  said.owner = station(who);
  said.frame_source = station(who);
  said.frame_destination = our_mac;
  said.target_hardware = our_mac;
  return said;
}
moment came(mono_time at) {
  return {at, stamp_source::socket};
}

}  // namespace

TEST_CASE("neighbor_ledger: stamps of one source alone make an RTT", "[probe][neighbor]") {
  neighbor_ledger ledger{1, false, 1s};
  const mono_time start{10s};
  ledger.open(0, start, asked_by::broadcast);
  SECTION("both from the kernel") {
    ledger.stamp(0, {start + 5us, stamp_source::socket});
    const auto reply = ledger.answer(0, came(start + 105us), start + 120us, said_by(9));
    CHECK(reply.rtt == 100us);
    CHECK(reply.source == stamp_source::socket);
  }
  SECTION("one from this process") {
    const auto reply = ledger.answer(0, came(start + 105us), start + 120us, said_by(9));
    CHECK(reply.rtt == 120us);
    CHECK(reply.source == stamp_source::user);
  }
  SECTION("one from this process, which kept the frame in a batch") {
    ledger.stamp(0, {start + 30us, stamp_source::user});
    const auto reply = ledger.answer(0, came(start + 105us), start + 120us, said_by(9));
    CHECK(reply.rtt == 90us);
    CHECK(reply.source == stamp_source::user);
  }
  SECTION("an answer before its question is not below zero") {
    ledger.stamp(0, {start + 5us, stamp_source::socket});
    const auto reply = ledger.answer(0, came(start), start - 1us, said_by(9));
    CHECK(reply.rtt == duration::zero());
  }
}

TEST_CASE("neighbor_ledger: in a sweep an answer after a retry is bounded by the first probe",
          "[probe][neighbor]") {
  neighbor_ledger ledger{2, true, 500ms};
  const mono_time start{10s};
  ledger.open(1, start, asked_by::broadcast);
  ledger.lose(1);
  ledger.open(1, start + 600ms, asked_by::broadcast);
  ledger.lose(1);
  ledger.open(1, start + 1500ms, asked_by::broadcast);
  const auto reply = ledger.answer(1, {}, start + 1510ms, said_by(9));
  CHECK(reply.pair == neighbor_reply::pairing::ambiguous);
  CHECK(reply.rtt == 10ms);
  CHECK(reply.rtt_most == 1510ms);
  const auto sum = ledger.account(1);
  CHECK(sum.sent == 3);
  CHECK(sum.received == 1);
  CHECK(sum.lost == 2);
  CHECK(sum.ambiguous == 1);
  CHECK(ledger.account(0).sent == 0);
}

TEST_CASE("neighbor_ledger: an RTT of an owner that has no room is left out", "[probe][neighbor]") {
  neighbor_ledger ledger{1, false, 10s};
  const mono_time start{10s};
  ledger.open(0, start, asked_by::broadcast);
  CHECK(ledger.answer(0, {}, start + 6s, said_by(9)).rtt == 6s);
  CHECK(ledger.owners(0).front().rtt == duration::zero());
  CHECK(ledger.account(0).rtt->count() == 1);
}

TEST_CASE("neighbor_ledger: what an owner does once is kept", "[probe][neighbor]") {
  neighbor_ledger ledger{1, true, 500ms};
  ledger.open(0, mono_time{1s}, asked_by::broadcast);
  auto said = said_by(9);
  said.frame_source = station(10);
  said.target_hardware = station(11);
  ledger.answer(0, {}, mono_time{1s} + 1ms, said);
  said = said_by(9);
  said.what = neighbor_message::kind::advertisement;
  said.router = said.override_flag = true;
  said.frame_destination = broadcast_mac;
  ledger.look_answer(0, mono_time{2s}, 1ms, said);
  const auto owners = ledger.owners(0);
  REQUIRE(owners.size() == 1);
  const auto& owner = owners[0];
  CHECK(owner.mismatched);
  CHECK(owner.wrong_target_hardware);
  CHECK(owner.to_broadcast);
  CHECK(owner.to_unicast);
  CHECK(owner.broadcasts);
  CHECK(owner.router);
  CHECK(owner.override_flag);
  CHECK(owner.unsolicited);
  CHECK(owner.first == mono_time{1s} + 1ms);
  CHECK(owner.last == mono_time{2s});
  CHECK(owner.frame_source == station(9));
}

TEST_CASE("neighbor_ledger: a target costs a sweep 24 octets, an owner 28", "[probe][neighbor]") {
  CHECK(neighbor_ledger::target_octets == 24);
  CHECK(neighbor_ledger::owner_octets == 28);
}
