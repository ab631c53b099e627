// Records: values by key, in the order of the table, safe from the moment they are set.
#include "libdiag/report/record.hpp"

#include <cmath>
#include <limits>
#include <set>

#include "libdiag/report/ping_records.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

TEST_CASE("record: gives back what was set and nothing else", "[report][record]") {
  record r{ping_reply, wall_time{1s}};
  r.set(ping_key::seq, 3).set(ping_key::rtt_ms, 41us).set(ping_key::target, "gw");
  CHECK(r.what().event == "reply");
  CHECK(r.time() == wall_time{1s});
  REQUIRE(r.find<std::int64_t>("seq") != nullptr);
  CHECK(*r.find<std::int64_t>("seq") == 3);
  REQUIRE(r.find<duration>("rtt_ms") != nullptr);
  CHECK(*r.find<duration>("rtt_ms") == 41us);
  CHECK(*r.find<std::string>("target") == "gw");
  CHECK(r.find<std::string>("address") == nullptr);
  CHECK(r.find<std::string>("no such key") == nullptr);
}

TEST_CASE("record: empty values and those that are not numbers stay absent", "[report][record]") {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::target, "").set(ping_key::rejected, counts{}).set(ping_key::outages, std::vector<object>{});
  r.set(ping_key::loss_percent, std::nan("")).set(ping_key::loss_percent, INFINITY);
  r.set(ping_key::path_mtu, std::optional<int>{});
  for (std::size_t i = 0; i < r.fields().size(); ++i) CHECK(r.at(i).absent());
}

TEST_CASE("record: an unsigned number beyond 63 bits saturates", "[report][record]") {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::sent, std::numeric_limits<std::uint64_t>::max());
  CHECK(*r.find<std::int64_t>("sent") == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("record: text from outside is safe once it is set", "[report][record]") {
  record r{ping_reply, wall_time{}};
  r.set(ping_key::target, "a\x1b[31m\xff").set(ping_key::anomalies, text_list{"x\ny"});
  CHECK(*r.find<std::string>("target") == "a\\x1b[31m\\xff");
  CHECK(r.find<text_list>("anomalies")->front() == "x\\x0ay");
}

TEST_CASE("record: nested objects are held against their own table", "[report][record]") {
  record r{ping_summary, wall_time{}};
  r.set(ping_key::rtt_ms, object{ping_rtt_fields}.set(ping_key::p95, 2ms));
  const auto* rtt = r.find<object>("rtt_ms");
  REQUIRE(rtt != nullptr);
  CHECK(*rtt->find<duration>("p95") == 2ms);
  CHECK(rtt->find<duration>("p50") == nullptr);
}

TEST_CASE("ping_records: every table is complete and names each key once", "[report][record]") {
  std::set<std::string_view> events;
  for (const auto* event : ping_events) {
    CHECK(event->tool == "ping");
    CHECK_FALSE(event->description.empty());
    CHECK(events.insert(event->event).second);
    std::set<std::string_view> names{"tool", "event", "time"};
    for (const auto& f : event->fields) {
      INFO(event->event << '.' << f.name);
      CHECK(names.insert(f.name).second);
      CHECK_FALSE(f.description.empty());
      // A duration's key ends in its unit; an object's members inherit it.
      if (f.type == field_type::elapsed) CHECK(f.name.ends_with("_ms"));
      const bool nested = f.type == field_type::object || f.type == field_type::object_list;
      CHECK(nested == !f.members.empty());
      if (f.name == "rtt_ms" && event->event == "summary") CHECK(f.members.data() == ping_rtt_fields.data());
    }
  }
}
