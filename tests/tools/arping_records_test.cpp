// Records of diag-arping as JSON, to the letter.
#include "libdiag/report/json.hpp"
#include "libdiag/report/neighbor_records.hpp"
#include "tools/arping/records.hpp"

#include "tests/tools/arping_stage.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using arping::test::account_of;
using arping::test::at;
using arping::test::host_a;
using arping::test::host_b;
using arping::test::reply_from;
using arping::test::scene;

/// Without the keys that every record begins with.
std::string json_of(const report::record& what) {
  std::string line;
  report::append_json(line, what);
  const auto time = line.find("\"time\":");
  return line.substr(line.find(',', time) + 1);
}

}  // namespace

TEST_CASE("arping records: a reply says whose it is and how sure that is", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  CHECK(json_of(*s.records->event(probe::neighbor_event{reply_from(host_a)})) ==
        "\"target\":\"192.0.2.7\",\"address\":\"192.0.2.7\",\"mac\":\"00:00:5e:00:53:0a\",\"interface\":"
        "\"eth0\","
        "\"seq\":1,\"rtt_ms\":0.312,\"rtt_source\":\"socket\",\"via\":\"broadcast\",\"kind\":\"reply\","
        "\"pairing\":\"certain\",\"new_owner\":true}\n");
  auto odd = reply_from(host_a, 2);
  odd.what = probe::neighbor_reply::kind::late;
  odd.pair = probe::neighbor_reply::pairing::ambiguous;
  odd.rtt_most = 2ms;
  odd.way = probe::asked_by::unicast;
  odd.said.frame_source = host_b;
  odd.said.tag = wire::vlan_tag{0x8100, 7, 0, false};
  const auto line = json_of(*s.records->event(probe::neighbor_event{odd}));
  for (const auto* part : {"\"rtt_most_ms\":2,", "\"pairing\":\"ambiguous\"", "\"second_look\":true",
                           "\"late\":true", "\"frame_source\":\"00:00:5e:00:53:0b\"", "\"vlan\":7"}) {
    INFO(line);
    CHECK(line.find(part) != std::string::npos);
  }
}

TEST_CASE("arping records: the summary has owners, words and particulars", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  const auto account = account_of({host_a, host_b});
  probe::neighbor_finding odd;
  odd.what = probe::neighbor_finding::kind::conflict;
  odd.target = 0;
  odd.address = arping::test::ip("192.0.2.7");
  odd.mac = host_a;
  odd.other = host_b;
  odd.count = 2;
  target_result result;
  result.account = &account;
  result.what = verdict::conflict;
  result.findings = {&odd};
  result.expected = false;
  const auto line = json_of(s.records->summary(result));
  INFO(line);
  CHECK(line.find("\"verdict\":\"conflict\",\"expected\":false,") != std::string::npos);
  CHECK(line.find(
            "\"owners\":[\"00:00:5e:00:53:0a\",\"00:00:5e:00:53:0b\"],\"vendors\":[\"-\",\"-\"],"
            "\"findings\":[\"conflict\"],\"details\":[{\"finding\":\"conflict\",\"address\":\"192.0.2.7\","
            "\"mac\":\"00:00:5e:00:53:0a\",\"other\":\"00:00:5e:00:53:0b\",\"count\":2,\"sentence\":\"") !=
        std::string::npos);
  CHECK(line.find(
            "\"sent\":3,\"received\":3,\"lost\":0,\"not_sent\":0,\"late\":0,\"duplicates\":0,\"measured\":1,"
            "\"loss_percent\":0,\"rtt_ms\":{\"min\":0.312") != std::string::npos);
  CHECK(line.find("\"interface\":\"eth0\",\"source\":\"192.0.2.1\",\"elapsed_ms\":3000") !=
        std::string::npos);
}

TEST_CASE("arping records: a silent target has no owners and no times", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  const auto account = account_of({});
  target_result result;
  result.account = &account;
  const auto line = json_of(s.records->summary(result));
  CHECK(line.find("owners") == std::string::npos);
  CHECK(line.find("rtt_ms") == std::string::npos);
  CHECK(line.find("findings") == std::string::npos);
  CHECK(line.find("\"loss_percent\":100") != std::string::npos);
}

TEST_CASE("arping records: what could not be asked has a summary too", "[tools][arping]") {
  scene s{{"192.0.2.7", "192.88.99.1"}};
  REQUIRE(s.plan.refused.size() == 1);
  const auto line = json_of(s.records->summary(s.plan.refused[0], at(1s)));
  CHECK(line.find(
            "\"target\":\"192.88.99.1\",\"address\":\"192.88.99.1\",\"verdict\":\"cannot-tell\",\"reason\":"
            "\"cannot ask for 192.88.99.1: it is not on eth0's link; its next hop is 192.0.2.254") == 0);
}

TEST_CASE("arping records: sightings, changes and links", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  probe::neighbor_sighting seen;
  seen.target = 0;
  seen.said = reply_from(host_b).said;
  seen.said.what = probe::neighbor_message::kind::announcement;
  CHECK(json_of(*s.records->event(probe::neighbor_event{seen})).find("\"kind\":\"announcement\"") !=
        std::string::npos);
  CHECK(json_of(*s.records->event(
            probe::neighbor_event{probe::neighbor_change{0, at(1s), host_a, host_b, true}})) ==
        "\"target\":\"192.0.2.7\",\"address\":\"192.0.2.7\",\"before\":\"00:00:5e:00:53:0a\","
        "\"after\":\"00:00:5e:00:53:0b\",\"announced\":true}\n");
  CHECK(json_of(*s.records->event(
            probe::neighbor_event{probe::neighbor_link_state{at(1s), {2, true, false, false}}})) ==
        "\"interface\":\"eth0\",\"up\":true,\"running\":false,\"gone\":false}\n");
}

TEST_CASE("arping records: a claim and its steps", "[tools][arping]") {
  scene s{{"-D", "-I", "eth0", "192.0.2.50"}};
  CHECK(json_of(s.records->event(
            probe::claim_event{probe::claim_step{probe::claim_step::kind::gave_up, 0, 1, at(1s)}})) ==
        "\"target\":\"192.0.2.50\",\"address\":\"192.0.2.50\",\"step\":\"gave-up\",\"number\":1}\n");
  probe::claim_summary claim;
  claim.verdict = probe::claim_verdict::cannot_tell;
  claim.elapsed = 1s;
  CHECK(
      json_of(s.records->event(probe::claim_event{claim})) ==
      "\"target\":\"192.0.2.50\",\"address\":\"192.0.2.50\",\"verdict\":\"cannot-tell\",\"reason\":"
      "\"interrupted\","
      "\"sent\":0,\"not_sent\":0,\"announcements\":0,\"defences\":0,\"objections\":0,\"interface\":\"eth0\","
      "\"elapsed_ms\":1000}\n");
}
