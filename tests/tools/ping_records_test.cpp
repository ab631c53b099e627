// Events as records: the keys scripts rely on, and when they are absent.
#include "libdiag/report/json.hpp"
#include "tools/ping/records.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using ping::record_maker;

tools::target_set one_target() {
  return std::move(tools::gather_targets({.words = {"192.0.2.1"}}, [](const std::string&) {}).targets);
}

wall_time wall_of(mono_time at) {
  return wall_time{1700000000s + at.time_since_epoch()};
}

std::string json(const std::optional<report::record>& what) {
  std::string line;
  if (what) report::append_json(line, *what);
  return line;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("ping records: a reply has the time it was received at", "[tools][ping][records]") {
  const auto targets = one_target();
  const record_maker records{targets, wall_of};
  probe::ping_reply reply;
  reply.number = 7;
  reply.at = mono_time{1ms};
  reply.rtt = 41123ns;
  reply.source = probe::stamp_source::socket;
  reply.from = targets.address(0);
  reply.hop_limit = 64;
  reply.size = 64;
  CHECK(json(records.event(reply)) ==
        R"({"tool":"ping","event":"reply","time":"2023-11-14T22:13:20.001000000Z","target":"192.0.2.1",)"
        R"("address":"192.0.2.1","seq":7,"ttl":64,"size":64,"rtt_ms":0.041123,"rtt_source":"socket"})"
        "\n");
  reply.what = probe::ping_reply::kind::duplicate;
  CHECK(has(json(records.event(reply)), R"("event":"duplicate")"));
  reply.what = probe::ping_reply::kind::late;
  reply.from = ip_address::v4(0xc0000209);
  reply.odd = probe::anomalies{0} | probe::anomaly::truncated | probe::anomaly::corrupt;
  const auto late = json(records.event(reply));
  CHECK(has(late, R"("event":"late")"));
  CHECK(has(late, R"("from":"192.0.2.9")"));
  CHECK(has(late, R"("anomalies":["truncated","corrupt"])"));
}

TEST_CASE("ping records: an error says who, or names our own errno", "[tools][ping][records]") {
  const auto targets = one_target();
  const record_maker records{targets, wall_of};
  probe::ping_error error;
  error.number = 2;
  error.why = probe::reason::fragmentation_needed;
  error.from = ip_address::v4(0xc00002fe);
  error.type = 3;
  error.code = 4;
  error.mtu = 1400;
  const auto told = json(records.event(error));
  CHECK(has(told,
            R"("from":"192.0.2.254","seq":2,"reason":"fragmentation-needed","icmp_type":3,"icmp_code":4,)"
            R"("next_hop_mtu":1400)"));
  CHECK_FALSE(has(told, "errno"));
  probe::ping_error local;
  local.number = 2;
  local.why = probe::reason::no_route;
  local.error = 101;
  const auto ours = json(records.event(local));
  CHECK(has(ours, R"("reason":"no-route","errno":"ENETUNREACH")"));
  CHECK_FALSE(has(ours, "icmp_type"));
}

TEST_CASE("ping records: a timeout and a refused packet", "[tools][ping][records]") {
  const auto targets = one_target();
  const record_maker records{targets, wall_of};
  CHECK(has(json(records.event(probe::ping_timeout{0, 3, mono_time{}, 1s})), R"("event":"timeout")"));
  CHECK(has(json(records.event(probe::ping_timeout{0, 3, mono_time{}, 1s})), R"("seq":3,"timeout_ms":1000)"));
  probe::ping_rejected rejected;
  rejected.why = probe::reject_reason::wrong_source;
  rejected.from = ip_address::v4(0xc0000209);
  rejected.target = 0;
  rejected.number = 4;
  const auto text = json(records.event(rejected));
  CHECK(has(text, R"("event":"rejected")"));
  CHECK(has(text, R"("from":"192.0.2.9","seq":4,"reason":"wrong-source")"));
  CHECK_FALSE(records.event(probe::ping_sent{0, 1}).has_value());
}

TEST_CASE("ping records: a summary leaves out what was not measured", "[tools][ping][records]") {
  const auto targets = one_target();
  const record_maker records{targets, wall_of};
  probe::ping_summary account;
  account.sent = account.not_sent = 2;
  account.last_error = probe::reason::local_firewall;
  const auto text = json(records.summary(account));
  CHECK(has(text,
            R"("state":"error","reason":"local-firewall","sent":2,"received":0,"late":0,"duplicates":0,)"
            R"("errors":0,"not_sent":2)"));
  CHECK_FALSE(has(text, "loss_percent"));
  CHECK_FALSE(has(text, "rtt_ms"));
  CHECK_FALSE(has(text, "rejected"));
}

TEST_CASE("ping records: a summary of a series has its spread and its outages", "[tools][ping][records]") {
  const auto targets = one_target();
  const record_maker records{targets, wall_of};
  probe::rtt_statistics rtt;
  rtt.add(1ms);
  rtt.add(3ms);
  probe::loss_runs loss;
  loss.settle(1, mono_time{0s}, probe::loss_runs::outcome::answered);
  loss.settle(2, mono_time{1s}, probe::loss_runs::outcome::lost);
  loss.settle(3, mono_time{2s}, probe::loss_runs::outcome::answered);
  probe::ping_summary account;
  account.sent = 3;
  account.received = 2;
  account.lost = 1;
  account.rtt = &rtt;
  account.loss = &loss;
  account.rejected[static_cast<std::size_t>(probe::reject_reason::bad_checksum)] = 5;
  const auto text = json(records.summary(account, 9));
  CHECK(has(text, R"("rejected":{"bad-checksum":5})"));
  CHECK(has(text, R"("rtt_ms":{"min":1,"avg":2,"max":3,"stddev":1,"p50":1,"p90":3,"p95":3,"p99":3})"));
  CHECK(has(text, R"("loss_bursts":{"longest":1,"count":1})"));
  CHECK(has(text,
            R"("outages":[{"start":"2023-11-14T22:13:21.000000000Z","end":"2023-11-14T22:13:22.000000000Z",)"
            R"("seconds":1,"lost":1}])"));
  CHECK(has(text, R"("receiver_dropped":9)"));
  CHECK(has(text, R"("loss_percent":33.333)"));
}

TEST_CASE("ping records: the state of a target in one word", "[tools][ping][records]") {
  probe::rtt_statistics rtt;
  probe::ping_summary account;
  account.sent = 2;
  account.lost = 2;
  CHECK(ping::state_word(account) == "silent");
  account.late = 1;
  CHECK(ping::state_word(account) == "alive");  // in a sweep
  account.rtt = &rtt;
  CHECK(ping::state_word(account) == "silent");  // in a series late stays lost
  account.errors = 1;
  CHECK(ping::state_word(account) == "unreachable");
  account.received = 1;
  CHECK(ping::state_word(account) == "alive");
}

TEST_CASE("ping records: a name that gave no address has a summary too", "[tools][ping][records]") {
  CHECK(json(record_maker::summary({"host.invalid", "unknown-host", "no such name"}, wall_of({}))) ==
        R"({"tool":"ping","event":"summary","time":"2023-11-14T22:13:20.000000000Z","target":"host.invalid",)"
        R"("state":"error","reason":"unknown-host","sent":0,"received":0,"late":0,"duplicates":0,"errors":0,)"
        R"("not_sent":0})"
        "\n");
}
