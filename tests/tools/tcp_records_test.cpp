// Events of diag-tcp as records: the keys scripts rely on, and when they are absent.
#include "libdiag/report/tcp_records.hpp"

#include "libdiag/report/json.hpp"
#include "tools/tcp/record_view.hpp"
#include "tools/tcp/records.hpp"

#include "tests/tools/tcp_stage.hpp"

namespace {

using namespace diag;
using namespace diag::tcp::test;
using tcp::record_maker;

std::string json(const report::record& what) {
  std::string line;
  report::append_json(line, what);
  return line;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("tcp records: an open port with what its SYN-ACK says", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:22"}};
  auto what = opened();
  what.at = mono_time{1ms};
  what.source_port = 40000;
  what.identification = 7;
  CHECK(
      json(record_maker{set.on}.result(what)) ==
      R"({"tool":"tcp","event":"result","time":"2023-11-14T22:13:20.001000000Z","target":"192.0.2.1",)"
      R"("address":"192.0.2.1","port":22,"method":"syn","state":"open","reason":"syn-ack","from":"192.0.2.1","ttl":64,)"
      R"("ip_id":7,"rtt_ms":0.123,"rtt_source":"socket","attempts":1,"answered_attempt":1,"source_port":40000,)"
      R"("syn_ack":{"window":64240,"mss":1460,"wscale":7,"sack":true,"timestamps":true,"ecn":false}})"
      "\n");
}

TEST_CASE("tcp records: silence has neither sender nor time", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:445"}};
  const auto text = json(record_maker{set.on}.result(filtered()));
  CHECK(has(text, R"("state":"filtered","reason":"no-answer","attempts":3})"));
}

TEST_CASE("tcp records: a refusal names the node and its ICMP", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:443"}};
  auto what = rejected();
  what.quoted_hop_limit = 61;
  what.rewritten[0] = {probe::header_change::field::maximum_segment_size, 1460, 1380};
  what.rewritten[1] = {probe::header_change::field::timestamps, 1, std::nullopt};
  what.rewritten_count = 2;
  const auto text = json(record_maker{set.on}.result(what));
  CHECK(has(text, R"("reason":"admin-prohibited","from":"203.0.113.1","icmp_type":3,"icmp_code":13,)"));
  CHECK(
      has(text, R"("rewritten":{"mss":{"sent":1460,"seen":1380},"timestamps":{"sent":1}},"quoted_ttl":61)"));
}

TEST_CASE("tcp records: every field that can be rewritten has a key", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:443"}};
  using field = probe::header_change::field;
  for (auto one = field::source_port; one <= field::fast_open;
       one = static_cast<field>(static_cast<int>(one) + 1)) {
    auto what = rejected();
    what.rewritten[0] = {one, 1, 2};
    what.rewritten_count = 1;
    const auto key = std::string{describe(one)};
    CHECK(has(json(record_maker{set.on}.result(what)),
              R"("rewritten":{")" + key + R"(":{"sent":1,"seen":2}})"));
  }
}

TEST_CASE("tcp records: every oddity and finding is a word", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:22"}};
  auto what = opened();
  for (const auto one : probe::all_tcp_oddities) what.odd = what.odd | one;
  const auto text = json(record_maker{set.on}.result(what));
  for (const auto one : probe::all_tcp_oddities) CHECK(has(text, '"' + std::string{describe(one)} + '"'));
  auto account = summary({1});
  for (const auto one : probe::all_tcp_findings) account.found = account.found | one;
  const auto told = json(record_maker{set.on}.summary(account));
  for (const auto one : probe::all_tcp_findings) CHECK(has(told, '"' + std::string{describe(one)} + '"'));
}

TEST_CASE("tcp records: our own failure has the system's word for it", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:22"}};
  auto what = ended(probe::tcp_state::error, probe::reason::no_route);
  what.error = 101;
  const auto text = json(record_maker{set.on}.result(what));
  CHECK(has(text, R"("state":"error","reason":"no-route","attempts":1,"errno":"ENETUNREACH"})"));
}

TEST_CASE("tcp records: the kernel's connections say what they could not see", "[tools][tcp][records]") {
  scene set{{"--connect", "192.0.2.1:22"}};
  auto what = opened();
  what.offer.reset();
  what.kernel_rtt = true;
  auto text = json(record_maker{set.on}.result(what));
  CHECK(has(text, R"("method":"connect")"));
  CHECK(has(text, R"("rtt_source":"tcp-info")"));
  CHECK(has(text, R"("not_seen":["ttl","ip_id","syn_ack"])"));
  set.on.captured = true;
  CHECK_FALSE(has(json(record_maker{set.on}.result(what)), "not_seen"));
}

TEST_CASE("tcp records: flow and round only where there are several", "[tools][tcp][records]") {
  scene plain{{"192.0.2.1:22"}};
  CHECK_FALSE(has(json(record_maker{plain.on}.result(opened())), "flow"));
  CHECK_FALSE(has(json(record_maker{plain.on}.result(opened())), "round"));
  scene many{{"--flows", "4", "-c", "0", "192.0.2.1:22"}};
  auto what = opened();
  what.flow = 2;
  what.round = 9;
  CHECK(has(json(record_maker{many.on}.result(what)), R"("flow":3,"round":9)"));
}

TEST_CASE("tcp records: what the peer said, escaped once", "[tools][tcp][records]") {
  scene set{{"--banner", "192.0.2.1:22"}};
  auto said = std::make_shared<probe::tcp_dialogue>();
  for (const char c : std::string_view{"SSH\r\n\\"}) said->received.push_back(static_cast<std::byte>(c));
  said->first_octet = 3ms;
  said->ended_after = 5ms;
  said->how = probe::tcp_dialogue::ending::fin;
  auto what = opened();
  what.dialogue = said;
  const auto text = json(record_maker{set.on}.result(what));
  CHECK(has(text,
            R"("banner":"SSH\\x0d\\x0a\\x5c","banner_hex":"5353480d0a5c","first_octet_ms":3,"close":"fin",)"
            R"("close_ms":5)"));
}

TEST_CASE("tcp records: a device's distance stands beside the host's", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:23"}};
  auto what = closed(23);
  what.why = probe::reason::reset_by_device;
  what.device_hops = 1;
  what.host_hops = 3;
  CHECK(has(json(record_maker{set.on}.result(what)), R"("device_hops":1,"host_hops":3)"));
}

TEST_CASE("tcp records: an anomaly says who and why", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:22"}};
  probe::tcp_anomaly what;
  what.why = probe::reject_reason::duplicate_answer;
  what.target = 0;
  what.port = 22;
  what.from = ip_address::v4(0xc0000209);
  what.flags = 0x12;
  what.hop_limit = 63;
  what.rtt = 2ms;
  auto text = json(record_maker{set.on}.anomaly(what));
  CHECK(has(text, R"("event":"anomaly")"));
  CHECK(has(text,
            R"("port":22,"from":"192.0.2.9","reason":"duplicate","flags":"SYN,ACK","ttl":63,"rtt_ms":2})"));
  what.icmp = true;
  what.icmp_type = 3;
  what.icmp_code = 1;
  text = json(record_maker{set.on}.anomaly(what));
  CHECK(has(text, R"("icmp_type":3,"icmp_code":1)"));
  CHECK_FALSE(has(text, "flags"));
}

TEST_CASE("tcp records: a summary counts states, and its share of silence", "[tools][tcp][records]") {
  scene set{{"192.0.2.1:1-4"}};
  auto account = summary({1, 2, 1});
  account.at = mono_time{2s};
  account.sent = 8;
  account.rtt_min = 100us;
  account.rtt_mean = 110us;
  account.rtt_max = 120us;
  const auto text = json(record_maker{set.on}.summary(account));
  CHECK(has(text, R"("states":{"open":1,"closed":2,"filtered":1,"rejected":0,"unreachable":0,"error":0},)"
                  R"("answered":3,"sent":8,"anomalies":0,"duplicates":0,"late":0,"loss_percent":25,)"
                  R"("rtt_ms":{"min":0.1,"avg":0.11,"max":0.12},"elapsed_ms":2000,"rate_pps":4)"));
  CHECK_FALSE(has(text, "pending"));
}

TEST_CASE("tcp record view: the last summary carries the resume token", "[tools][tcp][records]") {
  scene set{{"--json", "192.0.2.1:22", "192.0.2.2:22"}};
  const record_maker records{set.on};
  tcp::record_view view{set.on, records};
  auto second = summary({0, 0, 1});
  second.target = 1;
  view.take(summary({1}));
  view.take(second);
  tcp::ending how;
  how.resume = "r1-1-2-3-4";
  view.end(how);
  const auto text = set.text();
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(lines == 2);
  CHECK(text.find("resume") > text.find('\n'));
  CHECK(has(text, R"("resume":"r1-1-2-3-4"})"));
}

TEST_CASE("tcp record view: quiet means summaries alone", "[tools][tcp][records]") {
  scene set{{"--json", "-q", "192.0.2.1:22"}};
  const record_maker records{set.on};
  tcp::record_view view{set.on, records};
  view.take(opened());
  view.take(summary({1}));
  view.end({});
  const auto text = set.text();
  CHECK_FALSE(has(text, "\"result\""));
  CHECK(has(text, "\"summary\""));
}
