// The records of diag-traceroute: each key where it belongs, and none where nothing is known.
#include "libdiag/report/traceroute_records.hpp"

#include "libdiag/report/json.hpp"
#include "tools/traceroute/locate_book.hpp"
#include "tools/traceroute/locate_view.hpp"
#include "tools/traceroute/record_view.hpp"
#include "tools/traceroute/records.hpp"
#include "tools/traceroute/reject_book.hpp"

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::hop_state;
using probe::path_stop;
namespace key = report::traceroute_key;

std::string json(const report::record& what) {
  std::string line;
  report::append_json(line, what);
  return line;
}

bool has(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

const report::object& first_probe(const report::record& row) {
  const auto* probes = row.find<std::vector<report::object>>(key::probes);
  REQUIRE(probes != nullptr);
  REQUIRE_FALSE(probes->empty());
  return probes->front();
}

probe::hop_row reached_row(std::uint8_t hop, std::uint32_t target = 0) {
  return row_of(hop, {answer_from("192.0.2.9", 1ms, hop_state::reached), {}}, target);
}

}  // namespace

TEST_CASE("traceroute records: a probe that a router answered", "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9"}, labels_of({{"198.51.100.1", "gw.example"}})};
  const record_maker records{*here.on};
  auto answer = answer_from("198.51.100.1", 345us);
  answer.mpls = {{100, 1, true, 254}};
  answer.interfaces.push_back({wire::interface_role::incoming, 7, ip("192.0.2.77"), "eth0", 1500});
  answer.other_objects = {"3/1:00"};
  answer.bad_extension = true;
  answer.late = true;
  answer.changes = {
      {probe::header_change::field::traffic_class, 184, 0, {}, {}},
      {probe::header_change::field::source_address, {}, {}, ip("192.0.2.2"), ip("203.0.113.1")}};
  const auto line = json(records.hop(row_of(3, {answer})));
  CHECK(has(line, R"("tool":"traceroute","event":"hop")"));
  CHECK(has(line, R"("target":"192.0.2.9","address":"192.0.2.9","hop":3)"));
  CHECK(has(line, R"("state":"time-exceeded","reason":"hop-limit-exceeded","address":"198.51.100.1")"));
  CHECK(has(line, R"("name":"gw.example")"));
  CHECK(has(line, R"("rtt_ms":0.345,"rtt_source":"socket","flow":1,"icmp_type":11,"icmp_code":0)"));
  CHECK(has(line, R"("ttl":60,"quoted_ttl":1)"));
  CHECK(has(line, R"("late":true)"));
  CHECK(has(line, R"("mpls":[{"label":100,"tc":1,"s":1,"ttl":254}])"));
  CHECK(has(line, R"("index":7,"address":"192.0.2.77","name":"eth0","mtu":1500)"));
  CHECK(has(line, R"("objects":["3/1:00"],"bad_extension":true)"));
  CHECK(has(line, R"("traffic_class":{"sent":184,"seen":0})"));
  CHECK(has(line, R"("source":{"sent_address":"192.0.2.2","seen_address":"203.0.113.1"})"));
  CHECK_FALSE(has(line, R"("known")"));
}

TEST_CASE("traceroute records: every field that can change has its key", "[tools][traceroute]") {
  for (std::size_t i = 0; i < probe::header_change_fields; ++i) {
    const auto word = describe(static_cast<probe::header_change::field>(i));
    INFO(word);
    CHECK(report::find_field(report::traceroute_rewritten_fields, word).has_value());
  }
}

TEST_CASE("traceroute records: of silence only the state is told", "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  const auto row = records.hop(silent_row(2, 1));
  const auto& one = first_probe(row);
  CHECK(*one.find<std::string>(key::state) == "silent");
  CHECK(*one.find<std::string>(key::reason) == "no-answer");
  for (const auto absent : {key::address, key::name}) CHECK(one.find<std::string>(absent) == nullptr);
  CHECK(one.find<duration>(key::rtt_ms) == nullptr);
  CHECK(one.find<std::int64_t>(key::icmp_type) == nullptr);
}

TEST_CASE("traceroute records: a probe that never left names its errno", "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  probe::path_answer answer;
  answer.state = hop_state::error;
  answer.why = probe::reason::local_firewall;
  answer.error = 1;
  const auto line = json(records.hop(row_of(1, {answer})));
  CHECK(has(line, R"("state":"error","reason":"local-firewall")"));
  CHECK(has(line, R"("errno":"EPERM")"));
}

TEST_CASE("traceroute records: the summary of a path", "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  const probe::traced_path path{here.plan.paths[0], {reached_row(4)}, end_of(path_stop::reached, 4)};
  probe::path_finding found;
  found.what = probe::path_finding_kind::loop;
  found.hop = 3;
  found.other_hop = 1;
  found.address = ip("198.51.100.1");
  const std::vector findings{found};
  const auto line = json(records.summary(path, findings));
  CHECK(has(line, R"("event":"summary")"));
  CHECK(has(line, R"("reached":true,"hops":4,"stopped_after":4,"why":"reached")"));
  CHECK(has(line, R"("sent":9,"answered":8,"late":0,"duplicates":0)"));
  CHECK(has(line, R"("loss_percent":50)"));
  CHECK(has(line, R"("finding":"loop","hop":3,"other_hop":1)"));
  CHECK(has(line, R"("rtt_ms":{"min":1,"avg":1,"max":1})"));
  CHECK(has(line, R"("elapsed_ms":20)"));
}

TEST_CASE("traceroute records: who refuses is in the summary", "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  const probe::traced_path path{here.plan.paths[0],
                                {row_of(2, {refusal_from("198.51.100.1", 3, 13)})},
                                end_of(path_stop::unreachable, 2)};
  const auto line = json(records.summary(path, {}));
  CHECK(has(line, R"("reached":false)"));
  CHECK(has(line, R"("why":"unreachable","reason":"admin-prohibited")"));
  CHECK(has(line, R"("loss_percent":100)"));
  CHECK_FALSE(has(line, "rtt_ms"));
}

TEST_CASE("traceroute records: hops of a multipath are nodes and where they lead", "[tools][traceroute]") {
  scene here{{"--mda", "--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  auto graph = std::make_shared<probe::path_graph>();
  graph->nodes = {{.hop = 0},
                  {.hop = 1, .address = ip("198.51.100.1"), .flows = 6, .probes = 6},
                  {.hop = 2, .address = ip("192.0.2.9"), .flows = 6},
                  {.hop = 2, .flows = 1}};
  graph->links = {{0, 1, 6}, {1, 2, 6}, {1, 3, 1}};
  probe::multipath what;
  what.why = path_stop::reached;
  what.hops = 2;
  what.flows = 6;
  what.graph = graph;
  const auto rows = records.hops(what);
  REQUIRE(rows.size() == 2);
  CHECK(has(
      json(rows[0]),
      R"("hop":1,"nodes":[{"address":"198.51.100.1","flows":6,"answers":6,"per_packet":false,"next":["192.0.2.9"]}])"));
  CHECK(has(json(rows[1]), R"("hop":2)"));
  const auto summary = json(records.summary(what));
  CHECK(has(summary, R"("flows":6,"complete":true)"));
}

TEST_CASE("traceroute records: a hop of --report has figures and what their loss means",
          "[tools][traceroute]") {
  scene here{{"--report", "4", "--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  const auto figures = hop_of(2, "198.51.100.1", {1ms, 3ms}, 2);
  const auto line = json(records.hop(0, figures, {probe::hop_loss::rate_limited, 0.0}, at(5ms)));
  CHECK(has(line, R"("hop":2,"sent":4,"received":2)"));
  CHECK(has(line, R"("loss_percent":50,"loss":"rate-limited","forwarding_loss_percent":0)"));
  CHECK(has(line, R"("rtt_ms":{"last":3,"min":1,"avg":2,"max":3)"));
  CHECK(has(line, R"("addresses":[{"address":"198.51.100.1","answers":2)"));
}

TEST_CASE("traceroute records: a refused port says who refuses and what passes", "[tools][traceroute]") {
  scene here{{"--locate", "445", "--json", "192.0.2.9"}};
  const record_maker records{*here.on};
  probe::location what;
  what.asked = here.plan.paths[0];
  what.verdict = probe::locate_verdict::dropped;
  what.after_hop = 3;
  what.after = ip("198.51.100.3");
  what.next = ip("198.51.100.4");
  what.control = here.plan.paths[1];
  what.control_hop = 6;
  auto line = json(records.locate(what, 0, at(1ms)));
  CHECK(has(line,
            R"("target_address":"192.0.2.9","protocol":"tcp","port":445,"verdict":"dropped","after_hop":3)"));
  CHECK(has(line, R"("address":"198.51.100.3","next_address":"198.51.100.4")"));
  CHECK(has(line, R"("control":{"protocol":"tcp","port":443,"hop":6})"));
  CHECK(has(line, R"("sentence":")"));
  CHECK_FALSE(has(line, "at_hop"));
  what.verdict = probe::locate_verdict::rejected;
  what.at_hop = 4;
  what.by = ip("198.51.100.4");
  what.answer = refusal_from("198.51.100.4", 3, 13);
  line = json(records.locate(what, 0, at(1ms)));
  CHECK(has(line, R"("verdict":"rejected","at_hop":4,"address":"198.51.100.4")"));
  CHECK(has(line, R"("reason":"admin-prohibited")"));
  CHECK_FALSE(has(line, "after_hop"));
}

TEST_CASE("traceroute record view: hops, then one summary for each target, rejects counted",
          "[tools][traceroute]") {
  scene here{{"--json", "192.0.2.9", "192.0.2.10"}};
  const record_maker records{*here.on};
  record_view shown{*here.on, records, here.plan.lost};
  shown.begin();
  shown.take(reached_row(1));
  probe::path_reject reject;
  reject.target = 0;
  reject.why = probe::reject_reason::bad_quote;
  shown.take(reject);
  shown.take(reject);
  shown.take(end_of(path_stop::reached, 1));
  shown.take(end_of(path_stop::silence, 0, 1));
  ending how;
  how.receiver_drops = 3;
  shown.end(how);
  const auto text = here.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK(has(text, R"("rejected":{"bad-quote":2})"));
  const auto last = text.substr(text.rfind("\n", text.size() - 2) + 1);
  CHECK(has(last, R"("target":"192.0.2.10")"));
  CHECK(has(last, R"("receiver_dropped":3)"));
}

TEST_CASE("traceroute record view: --quiet leaves the summaries", "[tools][traceroute]") {
  scene here{{"--json", "--quiet", "192.0.2.9"}};
  const record_maker records{*here.on};
  record_view shown{*here.on, records, here.plan.lost};
  shown.begin();
  shown.take(reached_row(1));
  shown.take(end_of(path_stop::reached, 1));
  shown.end({});
  const auto text = here.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(has(text, R"("event":"summary")"));
}

TEST_CASE("traceroute locate: a target is told when the last of its paths has ended", "[tools][traceroute]") {
  scene here{{"--locate", "445", "--control", "443", "192.0.2.9"}};
  REQUIRE(here.plan.paths.size() == 2);
  locate_book book{here.plan};
  auto open = answer_from("192.0.2.9", 1ms, hop_state::reached);
  open.tcp_flags = 0x12;
  const auto feed = [&](std::uint32_t path, std::vector<probe::hop_row> rows, const probe::path_end& end) {
    for (const auto& row : rows) REQUIRE_FALSE(book.take(row).has_value());
    auto closed = end;
    closed.target = path;
    return book.take(closed);
  };
  const auto router = [](std::uint8_t hop, std::uint32_t path) {
    return row_of(hop, {answer_from(hop == 1 ? "198.51.100.1" : "198.51.100.2", 1ms)}, path);
  };
  // The control ends first: order does not matter.
  CHECK_FALSE(feed(1, {router(1, 1), router(2, 1), row_of(3, {open}, 1)}, end_of(path_stop::reached, 3)));
  const auto whole = feed(0, {router(1, 0), silent_row(2, 1, 0)}, end_of(path_stop::silence, 1));
  REQUIRE(whole.has_value());
  REQUIRE(whole->locations.size() == 1);
  CHECK(whole->locations[0].verdict == probe::locate_verdict::dropped);
  CHECK(whole->locations[0].after_hop == 1);
  CHECK_FALSE(whole->all_pass());
  CHECK(whole->best.end.why == path_stop::reached);
  CHECK(whole->best.end.sent == 18);
}

TEST_CASE("traceroute locate: a port that was asked for and passes is the control of the others",
          "[tools][traceroute]") {
  scene here{{"--locate", "445,25", "192.0.2.9"}};
  REQUIRE(here.plan.paths.size() == 6);
  locate_book book{here.plan};
  auto open = answer_from("192.0.2.9", 1ms, hop_state::reached);
  open.tcp_flags = 0x12;
  std::optional<located_target> whole;
  for (std::uint32_t path = 0; path < 6; ++path) {
    auto end = end_of(path == 0 ? path_stop::silence : path_stop::reached, path == 0 ? 1 : 2);
    end.target = path;
    book.take(row_of(1, {answer_from("198.51.100.1", 1ms)}, path));
    if (path != 0) book.take(row_of(2, {open}, path));
    whole = book.take(end);
  }
  REQUIRE(whole.has_value());
  REQUIRE(whole->locations.size() == 2);
  REQUIRE(whole->locations[0].control.has_value());
  CHECK(whole->locations[0].control->port == 25);
  CHECK(whole->locations[1].verdict == probe::locate_verdict::passes);
}

TEST_CASE("traceroute locate: nothing is said of a port whose path was cut short", "[tools][traceroute]") {
  scene here{{"--locate", "445", "--control", "443", "192.0.2.9"}};
  locate_book book{here.plan};
  auto end = end_of(path_stop::interrupted, 1);
  CHECK_FALSE(book.take(end).has_value());
  end.target = 1;
  const auto whole = book.take(end);
  REQUIRE(whole.has_value());
  CHECK(whole->locations.empty());
  CHECK(whole->undecided.size() == 1);
  CHECK_FALSE(whole->all_pass());
}

TEST_CASE("traceroute rejects: a summary has those of its paths, once", "[tools][traceroute]") {
  using probe::reject_reason;
  reject_book book;
  const auto reject = [&](reject_reason why, std::optional<std::uint32_t> path) {
    probe::path_reject one;
    one.why = why;
    one.target = path;
    book.take(one);
  };
  reject(reject_reason::duplicate_answer, 0);
  reject(reject_reason::duplicate_answer, 1);
  reject(reject_reason::foreign_quote, 1);
  reject(reject_reason::foreign_quote, 2);
  reject(reject_reason::foreign_quote, std::nullopt);
  const auto told = [&](std::uint32_t first, std::uint32_t paths) {
    report::record summary{report::traceroute_summary, {}};
    book.close(summary, first, paths);
    const auto* rejected = summary.find<report::counts>(report::traceroute_key::rejected);
    const auto* duplicates = summary.find<std::int64_t>(report::traceroute_key::duplicates);
    return std::pair{rejected != nullptr ? rejected->size() : 0, duplicates != nullptr ? *duplicates : 0};
  };
  CHECK(told(0, 2) == std::pair{std::size_t{2}, std::int64_t{2}});
  CHECK(told(0, 2) == std::pair{std::size_t{0}, std::int64_t{0}});
  CHECK(told(2, 1) == std::pair{std::size_t{1}, std::int64_t{0}});
}
