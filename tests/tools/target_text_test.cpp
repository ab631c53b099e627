// One word as a target.
#include "tools/common/target_text.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tools::parse_target;

std::string block(std::string_view word) {
  const auto text = parse_target(word);
  if (!text) return "refused: " + text.error().why;
  if (const auto* name = std::get_if<tools::host_name>(&*text)) return "name " + name->text;
  const auto& found = std::get<tools::address_block>(*text);
  return to_string(found.first) + " x " + std::to_string(found.count);
}

}  // namespace

TEST_CASE("target text: reads addresses in brackets and without", "[tools][targets]") {
  CHECK(block("192.0.2.1") == "192.0.2.1 x 1");
  CHECK(block("::1") == "::1 x 1");
  CHECK(block("[2001:db8::1]") == "2001:db8::1 x 1");
}

TEST_CASE("target text: a prefix is all its addresses", "[tools][targets]") {
  CHECK(block("192.0.2.77/24") == "192.0.2.0 x 256");
  CHECK(block("192.0.2.1/32") == "192.0.2.1 x 1");
  CHECK(block("192.0.2.0/31") == "192.0.2.0 x 2");
  CHECK(block("2001:db8::/120") == "2001:db8:: x 256");
  CHECK(block("[2001:db8::]/126") == "2001:db8:: x 4");
}

TEST_CASE("target text: ranges in the long and the short form", "[tools][targets]") {
  CHECK(block("192.0.2.1-192.0.2.20") == "192.0.2.1 x 20");
  CHECK(block("192.0.2.1-20") == "192.0.2.1 x 20");
  CHECK(block("192.0.2.255-192.0.3.0") == "192.0.2.255 x 2");
  CHECK(block("2001:db8::1-2001:db8::ff") == "2001:db8::1 x 255");
  CHECK(block("192.0.2.5-5") == "192.0.2.5 x 1");
}

TEST_CASE("target text: names are left to the name service, dashes or not", "[tools][targets]") {
  CHECK(block("example.org") == "name example.org");
  CHECK(block("my-host") == "name my-host");
  CHECK(block("192.0.2.1-pool.example") == "name 192.0.2.1-pool.example");
}

TEST_CASE("target text: says why a prefix or range is wrong", "[tools][targets]") {
  CHECK(block("192.0.2.0/33") == "refused: the prefix length must be 0..32");
  CHECK(block("192.0.2.0/") == "refused: the prefix length is not a whole number");
  CHECK(block("192.0.2.0/-1") == "refused: the prefix length must be 0..32");
  CHECK(block("host/24") == "refused: a prefix length needs an address in front of it, not a name");
  CHECK(block("192.0.2.20-192.0.2.1") == "refused: the range ends before it begins");
  CHECK(block("192.0.2.20-1") == "refused: the range ends before it begins");
  CHECK(block("192.0.2.1-2001:db8::1") == "refused: a range stays in one address family");
  CHECK(block("2001:db8::/64") == "refused: more than 4294967295 addresses");
  CHECK(block("0.0.0.0/0") == "refused: more than 4294967295 addresses");
  CHECK(block("::-ffff::") == "refused: more than 4294967295 addresses");
  CHECK(block("") == "refused: it is empty");
}

TEST_CASE("target text: refuses octal and short IPv4 with the reading it would have had",
          "[tools][targets]") {
  const auto octal = parse_target("010.0.0.1");
  REQUIRE_FALSE(octal.has_value());
  CHECK(octal.error().hint == "older programs read it as 8.0.0.1");
  const auto shortened = parse_target("127.1");
  REQUIRE_FALSE(shortened.has_value());
  CHECK(shortened.error().hint == "older programs read it as 127.0.0.1");
  CHECK(block("256.0.0.1").starts_with("refused"));
}
