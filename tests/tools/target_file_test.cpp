// Target files, octet by octet.
#include "tools/common/target_file.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace {

using namespace diag::tools;

std::vector<std::string> lines(std::string_view text, std::size_t piece) {
  std::vector<std::string> got;
  line_splitter splitter{[&](const target_line& line) {
    got.push_back(std::to_string(line.number) + ' ' +
                  (line.trouble.empty() ? std::string{line.word} : "bad: " + std::string{line.trouble}));
  }};
  for (std::size_t at = 0; at < text.size(); at += piece) splitter.feed(text.substr(at, piece));
  splitter.finish();
  return got;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("target file: the same lines however the octets arrive", "[tools][targets]") {
  const std::string_view text = "\xef\xbb\xbf# head\r\n192.0.2.1\r\n\n  example.org\t# why\n#x\n2001:db8::1";
  const list expected{"2 192.0.2.1", "4 example.org", "6 2001:db8::1"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) CHECK(lines(text, piece) == expected);
}

TEST_CASE("target file: a mark inside a word is no comment", "[tools][targets]") {
  CHECK(lines("a#b\n", 9) == list{"1 a#b"});
}

TEST_CASE("target file: names what makes a line bad and goes on", "[tools][targets]") {
  const std::string nul{"192.0.2.1\0evil\n", 15};
  CHECK(lines(nul + "a b\n" + std::string(2000, 'x') + "\nlast", 7) ==
        list{"1 bad: holds a NUL octet", "2 bad: holds more than one word",
             "3 bad: is longer than 1024 octets", "4 last"});
}

TEST_CASE("target file: a line of exactly the longest length is read", "[tools][targets]") {
  const std::string longest(longest_line, 'x');
  CHECK(lines(longest + "\n", 1) == list{"1 " + longest});
  CHECK(lines(longest + "x\n", 4096) == list{"1 bad: is longer than 1024 octets"});
  CHECK(lines(longest + "x", 1) == list{"1 bad: is longer than 1024 octets"});
}

TEST_CASE("target file: a byte order mark counts at the very beginning only", "[tools][targets]") {
  CHECK(lines("a\n\xef\xbb\xbf", 1) == list{"1 a", "2 \xef\xbb\xbf"});
}

TEST_CASE("target file: one that cannot be read is a failure that names it", "[tools][targets]") {
  const auto read = read_target_file("/nonexistent/targets", [](const target_line&) { FAIL("a line"); });
  REQUIRE_FALSE(read.has_value());
  CHECK(describe(read.error()) == "cannot read target file /nonexistent/targets: No such file or directory");
}
