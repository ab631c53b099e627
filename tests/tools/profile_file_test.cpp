// Profiles in files: every option, and every way to get a line wrong.
#include "tools/common/profile_file.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using kind = craft::syn_option::kind;

std::vector<kind> kinds(const craft::tcp_profile& profile) {
  std::vector<kind> all;
  for (const auto& one : profile.options) all.push_back(one.what);
  return all;
}

/// "2: why" of the only bad line.
std::string trouble(std::string_view text) {
  const auto read = tools::parse_profile(text);
  if (read.troubles.size() != 1) return std::to_string(read.troubles.size()) + " troubles";
  return std::to_string(read.troubles[0].line) + ": " + read.troubles[0].why;
}

}  // namespace

TEST_CASE("tcp profile: a file says window, hop limit and options in their order", "[tools][tcp][profile]") {
  const auto read = tools::parse_profile(
      "\xef\xbb\xbf# a device\r\nwindow 64240\r\nttl 64   # as sent\n\n"
      "options mss 1460, sack, timestamps, nop, wscale 7, fast-open, eol");
  CHECK(read.troubles.empty());
  CHECK(read.profile.window == 64240);
  CHECK(read.profile.hop_limit == 64);
  CHECK(kinds(read.profile) == std::vector{kind::mss, kind::sack_permitted, kind::timestamps,
                                           kind::no_operation, kind::window_scale, kind::fast_open,
                                           kind::end});
  CHECK(read.profile.find(kind::mss)->value == 1460);
  CHECK(read.profile.find(kind::window_scale)->value == 7);
  CHECK(tools::option_octets(read.profile) == 4 + 2 + 10 + 1 + 3 + 2 + 1);
}

TEST_CASE("tcp profile: what is not named is the bare profile's", "[tools][tcp][profile]") {
  const auto read = tools::parse_profile("options mss\n");
  CHECK(read.troubles.empty());
  CHECK(read.profile.window == craft::bare_profile().window);
  CHECK_FALSE(read.profile.hop_limit.has_value());
  CHECK(read.profile.find(kind::mss)->value == 0);
  CHECK(tools::parse_profile("").troubles.empty());
  CHECK(tools::parse_profile("options\n").profile.options.empty());
}

TEST_CASE("tcp profile: a bad line is told with its number", "[tools][tcp][profile]") {
  CHECK(trouble("window 1\nwindw 2\n") == "2: 'windw' is none of window, ttl and options");
  CHECK(trouble("window 65536") == "1: '65536' must be 0..65535");
  CHECK(trouble("window") == "1: '' is not a whole number");
  CHECK(trouble("ttl 0") == "1: '0' must be 1..255");
  CHECK(trouble("ttl 1\nttl 2") == "2: ttl was given before");
  CHECK(trouble("options wscale 15") == "1: option wscale: '15' must be 0..14");
  CHECK(trouble("options wscale").starts_with("1: option wscale: "));
  CHECK(trouble("options sack 1") == "1: option sack: takes no value");
  CHECK(trouble("options mss 0") == "1: option mss: '0' must be 1..65535");
  CHECK(trouble("options mss,,sack") == "1: an option is missing beside a comma");
  CHECK(trouble("options msss").starts_with("1: no option 'msss'"));
  CHECK(trouble("options timestamps,timestamps,timestamps,timestamps,nop") ==
        "1: the options take 41 octets, and 40 are the most");
  CHECK(trouble("\033[31m 1").find("\\x1b") != std::string::npos);
}

TEST_CASE("tcp profile: all bad lines are told", "[tools][tcp][profile]") {
  const auto read = tools::parse_profile("window x\nttl 64\noptions y\nz");
  REQUIRE(read.troubles.size() == 3);
  CHECK(read.troubles[0].line == 1);
  CHECK(read.troubles[1].line == 3);
  CHECK(read.troubles[2].line == 4);
}

TEST_CASE("tcp profile: an option is changed in its place, or added before the end",
          "[tools][tcp][profile]") {
  auto profile = craft::linux_profile();
  const auto places = kinds(profile);
  tools::set_option(profile, kind::mss, 1200);
  CHECK(kinds(profile) == places);
  CHECK(profile.find(kind::mss)->value == 1200);
  auto bare = craft::bare_profile();
  tools::set_option(bare, kind::window_scale, 3);
  CHECK(kinds(bare) == std::vector{kind::window_scale});
  auto ended = tools::parse_profile("options nop, eol").profile;
  tools::set_option(ended, kind::mss, 500);
  CHECK(kinds(ended) == std::vector{kind::no_operation, kind::mss, kind::end});
}

TEST_CASE("tcp profile: names, and files that are not there", "[tools][tcp][profile]") {
  for (const char* name : {"linux", "windows", "macos", "bare"})
    CHECK(tools::profile_named(name).has_value());
  CHECK_FALSE(tools::profile_named("Linux").has_value());
  const auto missing = tools::read_profile("/nonexistent/profile");
  REQUIRE_FALSE(missing.has_value());
  CHECK(describe(missing.error()) ==
        "cannot read profile /nonexistent/profile: No such file or directory (linux, windows, macos and bare "
        "are "
        "known by name)");
}
