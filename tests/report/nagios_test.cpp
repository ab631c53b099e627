// The Nagios line.
#include "libdiag/report/nagios.hpp"

#include <algorithm>
#include <vector>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

TEST_CASE("nagios: one target has the labels of check_ping", "[report][nagios]") {
  const nagios_target one{"198.51.100.7", nagios_status::ok, 0.0, 41us, ""};
  CHECK(nagios_line("PING", std::span{&one, 1}, {"50", "100", "5", "20"}) ==
        "PING OK - 198.51.100.7: loss 0%, rtt avg 0.041 ms | rta=0.041ms;50;100;0 pl=0%;5;20;0;100");
}

TEST_CASE("nagios: what was not measured is U", "[report][nagios]") {
  const nagios_target dead{"gw", nagios_status::critical, 100.0, std::nullopt, "no answer"};
  CHECK(nagios_line("PING", std::span{&dead, 1}, {}) ==
        "PING CRITICAL - gw: loss 100% (no answer) | rta=U;;;0 pl=100%;;;0;100");
  CHECK(nagios_line("PING", {}, {}) == "PING UNKNOWN - no target");
}

TEST_CASE("nagios: several targets are one line, the worst named first", "[report][nagios]") {
  const nagios_target targets[] = {
      {"a", nagios_status::ok, 0.0, 1ms, ""},
      {"b", nagios_status::warning, 10.0, 2ms, "loss 10% > 5%"},
      {"c", nagios_status::critical, 100.0, std::nullopt, ""},
  };
  CHECK(nagios_line("PING", targets, {}) ==
        "PING CRITICAL - 1 of 3 targets OK; c: loss 100%; b: loss 10%, rtt avg 2.000 ms (loss 10% > 5%) |"
        " 'a rta'=1.000ms;;;0 'a pl'=0%;;;0;100 'b rta'=2.000ms;;;0 'b pl'=10%;;;0;100"
        " 'c rta'=U;;;0 'c pl'=100%;;;0;100");
}

TEST_CASE("nagios: the worst status wins, and UNKNOWN is worse than OK alone", "[report][nagios]") {
  using enum nagios_status;
  const auto of = [](std::initializer_list<nagios_status> all) {
    std::vector<nagios_target> targets;
    for (const auto status : all) targets.push_back({"t", status});
    return worst(targets);
  };
  CHECK(of({}) == unknown);
  CHECK(of({ok, ok}) == ok);
  CHECK(of({ok, unknown}) == unknown);
  CHECK(of({unknown, warning}) == warning);
  CHECK(of({critical, unknown, warning}) == critical);
}

TEST_CASE("nagios: no text breaks the line or its performance data", "[report][nagios]") {
  seeded_random random{3'000};
  for (int i = 0; i < 100'000; ++i) {
    std::string text(1 + random.below(16), '\0');
    constexpr std::string_view mean = "|'\"=;\n\r` a%";
    for (auto& c : text)
      c = i % 2 == 0 ? static_cast<char>(random.below(256)) : mean[random.below(mean.size())];
    const nagios_target targets[] = {{text, nagios_status::warning, 1.0, 1ms, text},
                                     {"b", nagios_status::ok, 1.0, 1ms, ""}};
    const auto line = nagios_line("PING", targets, {});
    const auto data = std::string_view{line}.substr(line.find('|') + 1);
    const bool control = std::any_of(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (control || std::count(line.begin(), line.end(), '|') != 1 ||
        std::count(data.begin(), data.end(), '\'') != 8 || std::count(data.begin(), data.end(), '=') != 4)
      FAIL(line);
  }
}
