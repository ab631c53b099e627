// What is other than a baseline says: changed, new, gone.
#include "tools/tcp/compare.hpp"

#include "tests/tools/policy_stage.hpp"

namespace {

using namespace diag;
using probe::tcp_state;
using test::policy_of;
using test::result_of;
using test::written;
using tools::exit_code;
using lines = std::vector<std::string>;

tcp::gathered_plan plan_of(const std::vector<std::string>& words) {
  return tcp::gather_plan({.words = words}, [](const std::string& line) { FAIL(line); });
}

lines told(const tcp::comparison& from) {
  lines out;
  for (const auto& one : from.changes()) out.push_back(one.where + ": " + one.what);
  return out;
}

std::string text_of(const tcp::comparison& what, tcp::report_kind kind = tcp::report_kind::text) {
  tcp::report_context context;
  context.kind = kind;
  return written([&](report::output& out) { what.write(out, context); });
}

}  // namespace

TEST_CASE("compare: nothing changed", "[tools][policy]") {
  const auto before = policy_of("192.0.2.1 22,80 open\n");
  tcp::comparison what{before, before.asked};
  what.take(result_of(before.asked.plan, {"192.0.2.1", 22}));
  what.take(result_of(before.asked.plan, {"192.0.2.1", 80}));
  what.conclude(true);
  CHECK(what.changes().empty());
  CHECK(what.status() == exit_code::positive);
  CHECK(text_of(what) == "nothing changed: 2 results are as before\n");
}

TEST_CASE("compare: changes are told by row, with ports merged and who says so", "[tools][policy]") {
  const auto before = policy_of("192.0.2.1 22,80-85 open\n192.0.2.2 22 filtered\n");
  tcp::comparison what{before, before.asked};
  for (std::uint16_t port = 80; port <= 85; ++port)
    what.take(result_of(before.asked.plan,
                        {"192.0.2.1", port, port == 83 ? tcp_state::open : tcp_state::filtered}));
  what.take(result_of(before.asked.plan, {"192.0.2.1", 22, tcp_state::rejected}));
  what.take(result_of(before.asked.plan, {"192.0.2.2", 22}));
  what.conclude(true);
  CHECK(told(what) == lines{"192.0.2.1:80-82,84-85: was open, now filtered (no-answer)",
                            "192.0.2.1:22: was open, now rejected (admin-prohibited) from 192.0.2.254",
                            "192.0.2.2:22: was filtered, now open (syn-ack)"});
  CHECK(what.status() == exit_code::negative);
  CHECK(text_of(what) ==
        "192.0.2.1:80-82,84-85: was open, now filtered (no-answer)  [dmz.policy:1]\n"
        "192.0.2.1:22: was open, now rejected (admin-prohibited) from 192.0.2.254  [dmz.policy:1]\n"
        "192.0.2.2:22: was filtered, now open (syn-ack)  [dmz.policy:2]\n"
        "7 changed\n");
}

TEST_CASE("compare: targets of one's own may be new, and those of the file gone", "[tools][policy]") {
  const auto before = policy_of("192.0.2.0-5 22,80 open\n2001:db8::1 443 open\n");
  const auto asked = plan_of({"192.0.2.1-2:22,80", "192.0.2.4:22,8080", "192.0.2.9:22"});
  tcp::comparison what{before, asked};
  for (std::uint64_t at = 0; at < asked.plan.size(); ++at) {
    const auto pair = asked.plan.at(at);
    what.take(result_of(asked.plan, {to_string(asked.plan.address(pair.target)), pair.port}));
  }
  what.conclude(true);
  CHECK(told(what) == lines{"192.0.2.0:22,80: gone: was open", "192.0.2.3:22,80: gone: was open",
                            "192.0.2.4:80: gone: was open", "192.0.2.5:22,80: gone: was open",
                            "[2001:db8::1]:443: gone: was open", "192.0.2.4:8080: new: open (syn-ack)",
                            "192.0.2.9:22: new: open (syn-ack)"});
  CHECK(what.status() == exit_code::negative);
  CHECK(text_of(what).ends_with("2 new, 8 gone\n"));
}

TEST_CASE("compare: a range that is gone is told as a range", "[tools][policy]") {
  const auto before = policy_of("198.18.0.0/15 22 open\n");
  const auto asked = plan_of({"198.18.0.7:22"});
  tcp::comparison what{before, asked};
  what.take(result_of(asked.plan, {"198.18.0.7", 22}));
  what.conclude(true);
  CHECK(told(what) ==
        lines{"198.18.0.0-198.18.0.6:22: gone: was open", "198.18.0.8-198.19.255.255:22: gone: was open"});
}

TEST_CASE("compare: a run cut short knows of nothing gone, and does not pass", "[tools][policy]") {
  const auto before = policy_of("192.0.2.0-5 22 open\n");
  tcp::comparison what{before, before.asked};
  what.take(result_of(before.asked.plan, {"192.0.2.0", 22}));
  what.conclude(false);
  CHECK(what.changes().empty());
  CHECK(what.status() == exit_code::ours);
  CHECK(text_of(what) == "5 not decided\n");
}

TEST_CASE("compare: as tests, with one for what is new", "[tools][policy]") {
  const auto before = policy_of("192.0.2.1 22 open\n192.0.2.2 22 open\n192.0.2.3 22 open\n");
  const auto asked = plan_of({"192.0.2.1-2:22", "192.0.2.9:22"});
  tcp::comparison what{before, asked};
  what.take(result_of(asked.plan, {"192.0.2.1", 22}));
  what.take(result_of(asked.plan, {"192.0.2.2", 22, tcp_state::closed}));
  what.take(result_of(asked.plan, {"192.0.2.9", 22}));
  what.conclude(true);
  const auto tap = text_of(what, tcp::report_kind::tap);
  CHECK(tap.starts_with("TAP version 13\n1..4\nok 1 - 192.0.2.1 22 open\n"));
  CHECK(tap.find("    - \"192.0.2.2:22 was open, now closed (reset)\"\n") != tap.npos);
  CHECK(tap.find("    - \"192.0.2.3:22 gone: was open\"\n") != tap.npos);
  CHECK(tap.find("not ok 4 - new") != tap.npos);
  CHECK(tap.find("    - \"192.0.2.9:22 new: open (syn-ack)\"\n") != tap.npos);
}
