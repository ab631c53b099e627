// CSV, read back by a small RFC 4180 reader.
#include "libdiag/report/csv.hpp"

#include <set>

#include "libdiag/core/random.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/report/ping_records.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

/// One CR LF line into its cells; an empty result for anything RFC 4180 does not allow.
std::vector<std::string> cells_of(std::string_view line) {
  if (!line.ends_with("\r\n")) return {};
  line.remove_suffix(2);
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ',') {
      cells.emplace_back();
    } else if (line[i] == '"') {
      if (!cells.back().empty()) return {};
      for (++i;; ++i) {
        if (i >= line.size()) return {};
        if (line[i] != '"') {
          cells.back() += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          cells.back() += line[i++];
        } else {
          break;
        }
      }
      if (i + 1 < line.size() && line[i + 1] != ',') return {};
    } else if (line[i] == '\r' || line[i] == '\n') {
      return {};
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

struct printed {
  std::vector<std::string> heads;
  std::vector<std::string> cells;
  [[nodiscard]] std::string at(std::string_view head) const {
    for (std::size_t i = 0; i < heads.size(); ++i)
      if (heads[i] == head) return cells.at(i);
    return "no such column";
  }
};

printed print(const record& what) {
  const csv_writer writer{ping_events};
  std::string header;
  std::string line;
  writer.append_header(header);
  writer.append(line, what);
  return {cells_of(header), cells_of(line)};
}

}  // namespace

TEST_CASE("csv: every event of a run fits under one header", "[report][csv]") {
  const csv_writer writer{ping_events};
  std::string header;
  writer.append_header(header);
  const auto heads = cells_of(header);
  REQUIRE(heads.size() > 20);
  CHECK(heads[0] == "time");
  CHECK(heads[1] == "event");
  CHECK(heads[2] == "target");
  CHECK(std::set<std::string>(heads.begin(), heads.end()).size() == heads.size());
  for (const auto* event : ping_events) {
    std::string line;
    writer.append(line, record{*event, wall_time{}});
    CHECK(cells_of(line).size() == heads.size());
  }
}

TEST_CASE("csv: prints plain values, members and lists", "[report][csv]") {
  record reply{ping_reply, wall_time{}};
  reply.set(ping_key::rtt_ms, 41'123ns).set(ping_key::anomalies, text_list{"truncated", "corrupt"});
  const auto one = print(reply);
  CHECK(one.at("event") == "reply");
  CHECK(one.at("rtt_ms") == "0.041123");
  CHECK(one.at("rtt_ms.avg").empty());
  CHECK(one.at("anomalies") == "truncated;corrupt");

  record summary{ping_summary, wall_time{}};
  summary.set(ping_key::rtt_ms, object{ping_rtt_fields}.set(ping_key::avg, 2ms));
  summary.set(ping_key::rejected, counts{{"wrong-id", 2}, {"bad, code", 1}});
  summary.set(ping_key::clock_offset_ms, -2ms);
  const auto outage = object{ping_outage_fields}.set(ping_key::seconds, 2s).set(ping_key::lost, 2);
  summary.set(ping_key::outages, std::vector{outage, outage});
  const auto two = print(summary);
  CHECK(two.at("rtt_ms").empty());
  CHECK(two.at("rtt_ms.avg") == "2");
  CHECK(two.at("rejected") == "wrong-id=2;bad, code=1");
  CHECK(two.at("clock_offset_ms") == "-2");
  CHECK(two.at("outages") == "seconds=2 lost=2;seconds=2 lost=2");
}

TEST_CASE("csv: no text becomes a formula", "[report][csv]") {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
    std::string out;
    append_csv_text(out, text);
    INFO(text);
    CHECK((out == '\'' + text || out == "\"'" + text + '"'));
  }
}

TEST_CASE("csv: any octets from the network come back as their safe text", "[report][csv]") {
  seeded_random random{4'180};
  for (int i = 0; i < 100'000; ++i) {
    // Half of them among the characters that mean something to CSV and spreadsheets.
    constexpr std::string_view mean = "=+-@\t\r\n,\";' a";
    std::string text(random.below(12), '\0');
    for (auto& c : text)
      c = i % 2 == 0 ? static_cast<char>(random.below(256)) : mean[random.below(mean.size())];
    std::string line;
    append_csv_text(line, safe_text(text));
    line += ",next\r\n";
    const auto cells = cells_of(line);
    if (cells.size() != 2) FAIL(line);
    auto want = safe_text(text);
    if (!want.empty() && std::string_view{"=+-@"}.find(want[0]) != std::string_view::npos)
      want.insert(0, "'");
    if (cells[0] != want || cells[1] != "next") FAIL(line);
  }
}
