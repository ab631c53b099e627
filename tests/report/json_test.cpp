// NDJSON, read back by a strict parser.
#include "libdiag/report/json.hpp"

// Boost.JSON compiled here and nowhere else (see json.cpp).
#include <boost/json/src.hpp>

#include "libdiag/core/random.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/report/ping_records.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

std::string json_line(const record& what) {
  std::string out;
  append_json(out, what);
  return out;
}

std::string random_text(seeded_random& random) {
  std::string text(random.below(24), '\0');
  for (auto& c : text) c = static_cast<char>(random.below(256));
  return text;
}

}  // namespace

TEST_CASE("json: writes one line with the keys in the order of the table", "[report][json]") {
  record r{ping_reply, wall_time{1'795'348'800s + 5ns}};
  r.set(ping_key::rtt_ms, 41'123ns).set(ping_key::seq, 1).set(ping_key::ttl, 64);
  r.set(ping_key::target, "gw").set(ping_key::address, "192.0.2.1").set(ping_key::rtt_source, "socket");
  r.set(ping_key::anomalies, text_list{"truncated", "corrupt"});
  CHECK(json_line(r) ==
        R"({"tool":"ping","event":"reply","time":"2026-11-22T12:00:00.000000005Z","target":"gw",)"
        R"("address":"192.0.2.1","seq":1,"ttl":64,"rtt_ms":0.041123,"rtt_source":"socket",)"
        R"("anomalies":["truncated","corrupt"]})"
        "\n");
}

TEST_CASE("json: writes nested values and every type", "[report][json]") {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::rtt_ms, object{ping_rtt_fields}.set(ping_key::min, 1ms).set(ping_key::max, 2'500us));
  r.set(ping_key::rejected, counts{{"wrong-id", 2}, {"late \"x\"", 1}}).set(ping_key::black_hole, true);
  r.set(ping_key::loss_percent, 100.0 / 3).set(ping_key::clock_offset_ms, -1'500us);
  r.set(ping_key::outages, std::vector{object{ping_outage_fields}
                                           .set(ping_key::start, wall_time{1s})
                                           .set(ping_key::seconds, 1'500ms)
                                           .set(ping_key::lost, 2)});
  const auto line = json_line(r);
  const auto parsed = boost::json::parse(line).as_object();
  CHECK(parsed.at("rtt_ms").at("max").as_double() == 2.5);
  CHECK(parsed.at("rejected").at("wrong-id").as_int64() == 2);
  CHECK(parsed.at("rejected").at("late \"x\"").as_int64() == 1);
  CHECK(parsed.at("black_hole").as_bool());
  CHECK(parsed.at("loss_percent").as_double() == 100.0 / 3);
  CHECK(parsed.at("outages").at(0).at("seconds").as_double() == 1.5);
  CHECK(parsed.at("outages").at(0).at("start").as_string() == "1970-01-01T00:00:01.000000000Z");
  CHECK(line.find("\"clock_offset_ms\":-1.5}") != std::string::npos);
  CHECK_FALSE(parsed.contains("jitter_ms"));
}

TEST_CASE("json: escapes what RFC 8259 wants escaped", "[report][json]") {
  std::string out;
  append_json_text(out, std::string_view{"a\"b\\c\n\x1f\0z", 9});
  CHECK(out == R"("a\"b\\c\u000a\u001f\u0000z")");
}

TEST_CASE("json: any octets from the network give one strict line without unsafe octets", "[report][json]") {
  constexpr std::uint64_t seed = 20'261;
  INFO("seed " << seed);
  seeded_random random{seed};
  for (int i = 0; i < 100'000; ++i) {
    const auto text = random_text(random);
    record r{ping_error, wall_time{}};
    r.set(ping_key::reason, text);
    const auto line = json_line(r);
    // safe_text is idempotent in what it lets through, so the printed octets are judged by it: had a C0, C1,
    // bidi or broken sequence come out, it would be changed again.
    auto printable = line;
    std::erase(printable, '\\');
    printable.pop_back();
    boost::json::error_code error;
    const auto parsed = boost::json::parse(line, error);
    if (error || line.find('\n') != line.size() - 1 || safe_text(printable) != printable) {
      INFO("text " << safe_text(text));
      FAIL(line);
    }
    const auto* reason = parsed.as_object().if_contains("reason");
    if (text.empty() != (reason == nullptr)) FAIL(line);
    if (reason != nullptr && std::string_view{reason->as_string()} != safe_text(text)) FAIL(line);
  }
}
