// Paths written down, read back and compared.
#include "tools/traceroute/baseline.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using traceroute::compare;
using traceroute::known_path_of;
using traceroute::path_baseline;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", d = "198.51.100.4",
               target = "192.0.2.99";

traceroute::known_path known(std::string_view text) {
  const auto read = path_baseline::parse(text, "good.path");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 1);
  REQUIRE(read->find(address(target)) != nullptr);
  return *read->find(address(target));
}
std::string trouble(std::string_view text) {
  const auto read = path_baseline::parse(text, "bad.path");
  REQUIRE_FALSE(read.has_value());
  return describe(read.error());
}
traceroute::known_path path_of(const made_path& what) {
  return known_path_of(what.done());
}

constexpr auto plain =
    "target 192.0.2.99 reached # www.example\n"
    "1 198.51.100.1\n"
    "2 *\n"
    "3 198.51.100.3 198.51.100.4\n"
    "4 192.0.2.99\n";

made_path plain_path() {
  made_path path;
  path.flows({expired(a), expired(a)}).flows({silence(), silence()}).flows({expired(d), expired(c)});
  return path.flows({arrived(target), arrived(target)}).spare(30, arrived(target));
}

}  // namespace

TEST_CASE("path baseline: what is written is read back", "[tools][traceroute]") {
  std::string text;
  append_path(text, path_of(plain_path()), "www.example");
  CHECK(text == plain);
  const auto again = known(text);
  CHECK(again.reached);
  CHECK(again.hops == path_of(plain_path()).hops);
  CHECK(compare(again, path_of(plain_path())).same());
}

TEST_CASE("path baseline: silence to the end, refusals and labels", "[tools][traceroute]") {
  made_path path;
  path.hop({expired(a)}).hop({refused(a, probe::reason::host_unreachable)}).silent(9);
  std::string text;
  append_path(text, path_of(path), "bad\nname");
  CHECK(text == "target 192.0.2.99 unreached # bad\\x0aname\n1 198.51.100.1\n");
  text.clear();
  append_path(text, path_of(made_path{}), target);
  CHECK(text == "target 192.0.2.99 unreached\n");
}

TEST_CASE("path baseline: another address at a hop is a change", "[tools][traceroute]") {
  made_path path;
  path.hop({expired(a)}).hop({expired(b)}).hop({expired("203.0.113.7")}).hop({arrived(target)});
  const auto found = compare(known(plain), path_of(path));
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].hop == 3);
  CHECK(found.expected_reached);
  CHECK(found.reached);
  CHECK_FALSE(found.same());
  CHECK(change_sentence(found.changes[0]) == "hop 3: expected 198.51.100.3, 198.51.100.4, seen 203.0.113.7");
}

TEST_CASE("path baseline: silence on either side and fewer addresses are none", "[tools][traceroute]") {
  made_path path;
  path.hop({silence()}).hop({expired(b)}).hop({expired(c)}).hop({arrived(target)});
  CHECK(compare(known(plain), path_of(path)).same());
  SECTION("one new address among known ones is a change") {
    made_path more;
    more.hop({expired(a)}).hop({silence()}).hop({expired(c), expired(b)}).hop({arrived(target)});
    CHECK(compare(known(plain), path_of(more)).changes.size() == 1);
  }
  SECTION("hops that were not asked") {
    CHECK(compare(known("target 192.0.2.99 reached\n3 198.51.100.3\n4 192.0.2.99\n"), path_of(plain_path()))
              .changes.size() == 1);  // hop 3 has a second address
    CHECK(compare(known("target 192.0.2.99 reached\n4 192.0.2.99\n"), path_of(plain_path())).same());
  }
}

TEST_CASE("path baseline: a path that became longer or shorter behind silence", "[tools][traceroute]") {
  SECTION("longer") {
    made_path path;
    path.hop({expired(a)}).hop({silence()}).hop({silence()}).hop({silence()}).hop({arrived(target)});
    const auto found = compare(known(plain), path_of(path));
    REQUIRE(found.changes.size() == 1);
    CHECK(found.changes[0].hop == 5);
    CHECK(change_sentence(found.changes[0]) == "hop 5: expected nothing, seen 192.0.2.99");
  }
  SECTION("shorter") {
    const auto found = compare(known(plain), path_of(made_path{}.hop({expired(a)}).hop({arrived(target)})));
    REQUIRE(found.changes.size() == 1);
    CHECK(found.changes[0].hop == 2);
  }
  SECTION("not reached any more") {
    const auto found = compare(known(plain), path_of(made_path{}.hop({expired(a)}).silent(9)));
    CHECK(found.changes.empty());
    CHECK_FALSE(found.same());
  }
  SECTION("further than a path that never was reached") {
    const auto was = known("target 192.0.2.99 unreached\n1 198.51.100.1\n");
    CHECK(compare(was, path_of(made_path{}.hop({expired(a)}).hop({expired(b)}).silent(9))).same());
  }
}

TEST_CASE("path baseline: comments, blanks and line ends of others are fine", "[tools][traceroute]") {
  const auto read = path_baseline::parse(
      "\xef\xbb\xbf# of 2026\r\n\r\n  target\t192.0.2.99  unreached\r\n\t1 198.51.100.1 * # edge\r\n"
      "target 2001:db8::9 reached\n2 2001:db8::1\n3 2001:db8::9",
      "f");
  REQUIRE(read.has_value());
  CHECK(read->size() == 2);
  CHECK(read->find(address(target))->hops.at(1).size() == 1);
  CHECK(read->find(address("2001:db8::9"))->hops.size() == 2);
  CHECK(read->find(address("192.0.2.1")) == nullptr);
}

TEST_CASE("path baseline: a bad line is named with its number", "[tools][traceroute]") {
  CHECK_THAT(trouble("# nothing\n"), Catch::Contains("bad.path") && Catch::Contains("it has no path"));
  CHECK_THAT(trouble("target 192.0.2.99\n"), Catch::Contains("line 1: must be 'target ADDRESS reached'"));
  CHECK_THAT(trouble("\ntarget host.example reached\n"),
             Catch::Contains("line 2: 'host.example' is no address"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\nx 1\n"), Catch::Contains("line 2: 'x' is neither"));
  CHECK_THAT(trouble("1 198.51.100.1\n"), Catch::Contains("line 1: a hop before the first target"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n0 *\n"), Catch::Contains("line 2"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n256 *\n"), Catch::Contains("line 2"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n2 *\n2 *\n"), Catch::Contains("line 3: hop 2 behind hop 2"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n2\n"), Catch::Contains("line 2: hop 2 has neither"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n2 1.2.3\n"),
             Catch::Contains("line 2: '1.2.3' is no address"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n2 2001:db8::1\n"),
             Catch::Contains("not of the target's family"));
  CHECK_THAT(trouble("target 192.0.2.99 reached\n1 *\ntarget 192.0.2.99 reached\n"),
             Catch::Contains("line 3: target 192.0.2.99 is here twice"));
  CHECK_THAT(trouble(std::string_view{"target \0 reached", 16}), Catch::Contains("'\\x00' is no address"));
}

TEST_CASE("path baseline: the file of --save is the file of --expect", "[tools][traceroute]") {
  const scratch dir;
  auto file = traceroute::baseline_file::open(dir.in("good.path"));
  REQUIRE(file.has_value());
  file->take(plain_path().done(), "www.example");
  REQUIRE_FALSE(file->close(wall_time{std::chrono::seconds{1'800'000'000}}));
  CHECK(dir.text("good.path") ==
        "# What diag-traceroute saw until 2027-01-15T08:00:00.000000000Z: 1 path\n"
        "# What changed: diag-traceroute --expect FILE TARGET...\n" +
            std::string{plain});
  const auto written = traceroute::read_path_file(dir.in("good.path"));
  REQUIRE(written.has_value());
  const auto read = path_baseline::parse(*written, "good.path");
  REQUIRE(read.has_value());
  CHECK(compare(*read->find(address(target)), path_of(plain_path())).same());
  CHECK_FALSE(traceroute::read_path_file(dir.in("none")).has_value());
}
