// --expect as a whole: what the file says, what was seen, what is told of it.
#include "tools/traceroute/side_files.hpp"

#include "tools/traceroute/record_view.hpp"
#include "tools/traceroute/text_view.hpp"

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::hop_state;
using probe::path_stop;

path_baseline file(std::string_view text) {
  auto read = path_baseline::parse(text, "paths");
  REQUIRE(read.has_value());
  return std::move(*read);
}

std::vector<probe::hop_row> seen() {
  return {row_of(1, {answer_from("198.51.100.1", 1ms)}),
          row_of(2, {answer_from("192.0.2.9", 2ms, hop_state::reached)})};
}

probe::traced_path path_to(std::string_view target, path_stop why) {
  return {{ip(target), ip("192.0.2.2")}, seen(), end_of(why, 2)};
}

}  // namespace

TEST_CASE("expected path: the same is no difference", "[tools][traceroute]") {
  const auto expected = file("target 192.0.2.9 reached\n1 198.51.100.1\n2 192.0.2.9\n");
  CHECK_FALSE(difference(&expected, path_to("192.0.2.9", path_stop::reached)).has_value());
  CHECK_FALSE(difference(nullptr, path_to("192.0.2.9", path_stop::silence)).has_value());
}

TEST_CASE("expected path: another hop, another end, another target are told", "[tools][traceroute]") {
  const auto expected = file("target 192.0.2.9 reached\n1 198.51.100.77\n2 192.0.2.9\n");
  const auto differs = difference(&expected, path_to("192.0.2.9", path_stop::silence));
  REQUIRE(differs.has_value());
  CHECK(differs->sentences() == std::vector<std::string>{"hop 1: expected 198.51.100.77, seen 198.51.100.1",
                                                         "expected to be reached"});
  const auto stranger = difference(&expected, path_to("192.0.2.10", path_stop::reached));
  REQUIRE(stranger.has_value());
  CHECK(stranger->sentences() == std::vector<std::string>{"the file of --expect does not have this target"});
}

TEST_CASE("expected path: text and records say the same", "[tools][traceroute]") {
  const auto expected = file("target 192.0.2.9 reached\n1 198.51.100.77\n");
  scene here{{"-n", "192.0.2.9"}};
  here.on->expected = &expected;
  const auto play = [&](view& shown) {
    shown.begin();
    for (const auto& row : seen()) shown.take(row);
    shown.take(end_of(path_stop::reached, 2));
    shown.end({});
    return here.text();
  };
  text_view lines{*here.on, true};
  CHECK(play(lines).find("hop 1: expected 198.51.100.77, seen 198.51.100.1\n") != std::string::npos);

  scene there{{"-n", "--json", "192.0.2.9"}};
  there.on->expected = &expected;
  const record_maker records{*there.on};
  record_view objects{*there.on, records, there.plan.lost};
  objects.begin();
  for (const auto& row : seen()) objects.take(row);
  objects.take(end_of(path_stop::reached, 2));
  objects.end({});
  const auto text = there.text();
  CHECK(text.find(R"("event":"change")") < text.find(R"("event":"summary")"));
  CHECK(text.find(R"("hop":1,"expected":["198.51.100.77"],"seen":["198.51.100.1"])") != std::string::npos);
  CHECK(text.find(R"("expected":false)") != std::string::npos);
}

TEST_CASE("side files: what cannot be read or written is known before anything is sent",
          "[tools][traceroute]") {
  for (const auto* option : {"--asn", "--save", "--dot", "--plot"}) {
    INFO(option);
    side_files files;
    const auto opened = files.open(options_of({option, "/nonexistent/file", "192.0.2.9"}), 1);
    REQUIRE_FALSE(opened.has_value());
    CHECK(describe(opened.error()).find("/nonexistent/file") != std::string::npos);
  }
  side_files none;
  CHECK(none.open(options_of({"192.0.2.9"}), 1).has_value());
  CHECK(none.origins() == nullptr);
}
