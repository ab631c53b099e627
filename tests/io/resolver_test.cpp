// libdiag/io/resolver.hpp: literals, without a name service.
#include "libdiag/io/resolver.hpp"

#include "tests/catch.hpp"

using namespace diag;
using kind = io::resolve_error::kind_type;

namespace {

std::string read_literal(std::string_view text) {
  const auto found = io::parse_literal(text);
  if (!found) return "refused";
  return *found ? to_string(**found) : "a name";
}

std::string refusal(std::string_view text) {
  const auto found = io::resolve(text);
  return found ? "resolved" : describe(found.error().what);
}

}  // namespace

TEST_CASE("resolver: reads addresses as users write them", "[io][resolver]") {
  CHECK(read_literal("192.0.2.1") == "192.0.2.1");
  CHECK(read_literal("2001:DB8::1") == "2001:db8::1");
  CHECK(read_literal("[::1]") == "::1");
  CHECK(read_literal("www.example.org") == "a name");
  CHECK(read_literal("1.example.org") == "a name");
  CHECK(read_literal("dead.beef") == "a name");
}

TEST_CASE("resolver: takes a scope by number or by interface name", "[io][resolver]") {
  const auto named = io::parse_literal("fe80::1%lo");
  REQUIRE(named.has_value());
  REQUIRE(named->has_value());
  CHECK((*named)->scope() == 1);
  CHECK((*io::parse_literal("[fe80::1%7]"))->scope() == 7);
  CHECK(read_literal("fe80::1%no-such-if") == "refused");
  CHECK(read_literal("192.0.2.1%lo") == "a name");
}

TEST_CASE("resolver: refuses legacy IPv4 forms and says how they would have been read", "[io][resolver]") {
  CHECK_THAT(refusal("010.0.0.1"), Catch::Contains("8.0.0.1"));
  CHECK_THAT(refusal("0x7f.1"), Catch::Contains("127.0.0.1"));
  CHECK_THAT(refusal("1.2"), Catch::Contains("1.0.0.2"));
  CHECK_THAT(refusal("2130706433"), Catch::Contains("127.0.0.1"));
  CHECK(io::resolve("010.0.0.1").error().kind == kind::malformed);
}

TEST_CASE("resolver: refuses what can be neither address nor name", "[io][resolver]") {
  for (const char* text : {"", "1.2.3.4.5", "256.0.0.1", "::1::", ":", "[::1", "[192.0.2.1]", "[]", "::1%bad",
                           "a b", "tab\tbed", "-x", "esc\x1b[0m"}) {
    INFO(text);
    const auto found = io::resolve(text);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().kind == kind::malformed);
  }
  CHECK(io::resolve(std::string(254, 'a')).error().kind == kind::malformed);
  CHECK(describe(io::resolve("esc\x1b[0m").error().what).find('\x1b') == std::string::npos);
}

TEST_CASE("resolver: gives a literal back without asking anybody", "[io][resolver]") {
  const auto found = io::resolve("192.0.2.1");
  REQUIRE(found.has_value());
  CHECK(*found == std::vector{ip_address::v4(0xC0000201)});
  CHECK(io::resolve("192.0.2.1", ip_family::v6).error().kind == kind::wrong_family);
  CHECK(io::resolve("::1", ip_family::v4).error().kind == kind::wrong_family);
  CHECK(io::resolve("::1", ip_family::v6).has_value());
}
