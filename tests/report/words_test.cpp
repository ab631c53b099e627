// Words that scrapers of iputils ping compare.
#include "libdiag/report/words.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

TEST_CASE("words: prints an RTT with the precision of iputils", "[report][words]") {
  const auto [rtt, text] = GENERATE(table<duration, std::string>({
      {0us, "0.000"},
      {41us, "0.041"},
      {41'999ns, "0.041"},
      {999us, "0.999"},
      {1'000us, "1.00"},
      {1'004us, "1.00"},
      {1'005us, "1.01"},
      {9'994us, "9.99"},
      {9'995us, "10.0"},
      {12'340us, "12.3"},
      {12'350us, "12.4"},
      {99'949us, "99.9"},
      {99'950us, "100"},
      {100'499us, "100"},
      {100'500us, "101"},
      {1'234'567us, "1235"},
      {-41us, "-0.041"},
  }));
  CHECK(rtt_words(rtt) == text);
}

TEST_CASE("words: prints milliseconds with three decimals", "[report][words]") {
  CHECK(milliseconds_words(41us) == "0.041");
  CHECK(milliseconds_words(1'234'567'899ns) == "1234.567");
  CHECK(milliseconds_words(0us) == "0.000");
  CHECK(milliseconds_words(-1'500us) == "-1.500");
}

TEST_CASE("words: prints a percentage as printf %g does", "[report][words]") {
  CHECK(percent_words(0) == "0");
  CHECK(percent_words(100) == "100");
  CHECK(percent_words(100.0 / 3) == "33.3333");
  CHECK(percent_words(0.5) == "0.5");
}

TEST_CASE("words: counts with groups and plural", "[report][words]") {
  CHECK(count_words(0, "packet", "packets") == "0 packets");
  CHECK(count_words(1, "packet", "packets") == "1 packet");
  CHECK(count_words(999, "address", "addresses") == "999 addresses");
  CHECK(count_words(65'536, "address", "addresses") == "65,536 addresses");
  CHECK(count_words(10'000'000, "address", "addresses") == "10,000,000 addresses");
}

TEST_CASE("words: says a span in the unit a person would take", "[report][words]") {
  const auto [span, text] = GENERATE(table<duration, std::string>({
      {412ns, "412 ns"},
      {41'123ns, "41.1 us"},
      {1'040us, "1.04 ms"},
      {999'499ns, "999 us"},
      {999'999us, "1 s"},
      {2'500ms, "2.5 s"},
      {185s, "3 min 5 s"},
      {7'440s, "2 h 4 min"},
      {694'800s, "8 d 1 h"},
      {-2s, "-2 s"},
  }));
  CHECK(span_words(span) == text);
}
