// Who owned what: written, read back, compared; and lines that are wrong.
#include <algorithm>
#include <unistd.h>

#include "tools/arping/neighbor_baseline.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using kind = neighbor_difference::kind;

ip_address ip(std::string_view text) {
  return parse_ip(text).value();
}
std::vector<mac_address> macs(std::initializer_list<std::string_view> all) {
  std::vector<mac_address> out;
  for (const auto one : all) out.push_back(parse_mac(one).value());
  return out;
}
constexpr auto a = "02:00:5e:10:00:01", b = "02:00:5e:10:00:02", c = "02:00:5e:10:00:03";

std::vector<std::string> errors(std::string_view text) {
  return parse_neighbors(text, "lan").errors;
}
using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("neighbor file: what is written is read back", "[tools][arping]") {
  const test::scratch dir;
  auto file = neighbor_file::open(dir.in("lan"));
  REQUIRE(file.has_value());
  file->take(ip("2001:db8::1"), macs({c}));
  file->take(ip("192.0.2.7"), macs({b, a}));
  file->take(ip("192.0.2.1"), macs({c}));
  file->take(ip("192.0.2.7"), macs({a}));
  file->take(ip("192.0.2.9"), {});
  file->take(ip("fe80::1%2"), macs({a}));
  CHECK_FALSE(file->close(wall_time{}).has_value());
  CHECK(dir.text("lan") ==
        "diag-arping neighbors 1\n"
        "# Who answered until 1970-01-01T00:00:00.000000000Z: 4 addresses\n"
        "# What changed: diag-arping --compare FILE TARGET...\n"
        "192.0.2.1 02:00:5e:10:00:03\n"
        "192.0.2.7 02:00:5e:10:00:01 02:00:5e:10:00:02\n"
        "2001:db8::1 02:00:5e:10:00:03\n"
        "fe80::1 02:00:5e:10:00:01\n");
  const auto text = read_neighbor_file(dir.in("lan"));
  REQUIRE(text.has_value());
  auto again = parse_neighbors(*text, "lan");
  CHECK(again.errors.empty());
  CHECK(again.known.owners_of(ip("192.0.2.7")) == macs({a, b}));
  CHECK(again.known.owners_of(ip("fe80::1%9")) == macs({a}));
  CHECK(again.known.owners_of(ip("192.0.2.9")).empty());
  CHECK(again.known.pairs().size() == 5);
}

TEST_CASE("neighbor file: people may mend it", "[tools][arping]") {
  auto read = parse_neighbors(
      "\xef\xbb\xbf# of the office\n\ndiag-arping neighbors 1 # ours\r\n"
      "192.0.2.7\t02-00-5E-10-00-01  # printer\r\n   \n192.0.2.8 " +
          std::string{b},
      "lan");
  CHECK(read.errors.empty());
  CHECK(read.known.owners_of(ip("192.0.2.7")) == macs({a}));
  CHECK(read.known.owners_of(ip("192.0.2.8")) == macs({b}));
}

TEST_CASE("neighbor file: every bad line is named", "[tools][arping]") {
  CHECK(errors("diag-arping neighbors 1\n"
               "192.0.2.1 02:00:5e:10:00:01\n"
               "192.0.2.300 02:00:5e:10:00:01\n"
               "192.0.2.2\n"
               "192.0.2.3 02:00:5e:10:00\n"
               "192.0.2.1 02:00:5e:10:00:02\n"
               "192.0.2.4 02:00:5e:10:00:01 02-00-5e-10-00-01\n"
               "192.0.2.5 02:00:5e:10:00:01\x1b[31m\n") ==
        lines{"lan:3: '192.0.2.300' is not an IP address", "lan:4: no hardware address follows",
              "lan:5: '02:00:5e:10:00' is not a hardware address", "lan:6: 192.0.2.1 has a line already: 2",
              "lan:7: 02:00:5e:10:00:01 stands there twice",
              "lan:8: '02:00:5e:10:00:01\\x1b[31m' is not a hardware address"});
  std::string many = "diag-arping neighbors 1\n192.0.2.1";
  for (int at = 0; at < 17; ++at) many += " 02:00:5e:10:00:" + std::to_string(10 + at);
  CHECK(errors(many) == lines{"lan:2: more than 16 hardware addresses"});
  CHECK(errors("diag-arping neighbors 1\n" + std::string(50, 'x')) ==
        lines{"lan:2: '" + std::string(40, 'x') + "...' is not an IP address"});
}

TEST_CASE("neighbor file: something else is not read on", "[tools][arping]") {
  CHECK(errors("# policy\n192.0.2.1 22 open\nmore\n") ==
        lines{"lan:2: the first line is not 'diag-arping neighbors 1'"});
  CHECK(errors("diag-arping neighbors 2\nx\n") == lines{"lan:1: version '2' is not known, only 1"});
  CHECK(errors("diag-arping neighbors 1 2\n").size() == 1);
  CHECK(errors("") == lines{"lan: it is empty"});
  CHECK(errors("# only\n\n") == lines{"lan: it is empty"});
  std::string wrong = "diag-arping neighbors 1\n";
  for (int at = 0; at < 5'000; ++at) wrong += "x\n";
  CHECK(errors(wrong).size() == most_neighbor_errors);
}

TEST_CASE("neighbor file: the bad name of a good file", "[tools][arping]") {
  CHECK(parse_neighbors("x", "a\x1b").errors ==
        lines{"a\\x1b:1: the first line is not 'diag-arping neighbors 1'"});
}

TEST_CASE("neighbor comparison: appeared, vanished, changed, the same", "[tools][arping]") {
  known_neighbors file;
  file.take(ip("192.0.2.1"), macs({a, b}));
  CHECK_FALSE(compare(file, ip("192.0.2.1"), macs({b, a, b})).has_value());
  CHECK_FALSE(compare(file, ip("192.0.2.2"), {}).has_value());
  const auto appeared = compare(file, ip("192.0.2.2"), macs({c}));
  REQUIRE(appeared.has_value());
  CHECK(appeared->what == kind::appeared);
  CHECK(appeared->before.empty());
  CHECK(difference_sentence(*appeared) == "192.0.2.2 is at 02:00:5e:10:00:03, and the file does not have it");
  const auto vanished = compare(file, ip("192.0.2.1"), {});
  REQUIRE(vanished.has_value());
  CHECK(vanished->what == kind::vanished);
  CHECK(difference_sentence(*vanished) ==
        "192.0.2.1 is silent, where the file has 02:00:5e:10:00:01, 02:00:5e:10:00:02");
  const auto changed = compare(file, ip("192.0.2.1"), macs({c, a}));
  REQUIRE(changed.has_value());
  CHECK(changed->what == kind::changed);
  CHECK(changed->before == macs({a, b}));
  CHECK(changed->after == macs({a, c}));
  CHECK(difference_sentence(*changed) ==
        "192.0.2.1 is at 02:00:5e:10:00:01, 02:00:5e:10:00:03, where the file has 02:00:5e:10:00:01, "
        "02:00:5e:10:00:02");
  CHECK(compare(file, ip("192.0.2.1"), macs({a}))->what == kind::changed);
  CHECK(describe(kind::appeared) == "appeared");
  CHECK(describe(kind::vanished) == "vanished");
  CHECK(describe(kind::changed) == "changed");
}

TEST_CASE("neighbor comparison: a link-local address may have owners on two links", "[tools][arping]") {
  known_neighbors file;
  file.take(ip("fe80::1%2"), macs({a}));
  file.take(ip("fe80::1%3"), macs({b}));
  CHECK_FALSE(compare(file, ip("fe80::1%2"), macs({a})).has_value());
  CHECK(compare(file, ip("fe80::1%2"), macs({a, c}))->what == kind::changed);
  CHECK(compare(file, ip("fe80::1%2"), {})->what == kind::vanished);
  file.take(ip("169.254.0.1"), macs({a, b}));
  file.take(ip("2001:db8::1"), macs({a, b}));
  CHECK(compare(file, ip("169.254.0.1"), macs({a}))->what == kind::changed);
  CHECK(compare(file, ip("2001:db8::1"), macs({a}))->what == kind::changed);
}

TEST_CASE("neighbor file: no link is followed, and what cannot be opened is said at once",
          "[tools][arping]") {
  const test::scratch dir;
  REQUIRE(::symlink(dir.in("target").c_str(), dir.in("lan").c_str()) == 0);
  CHECK_FALSE(neighbor_file::open(dir.in("lan")).has_value());
  CHECK_FALSE(neighbor_file::open(dir.in("none/lan")).has_value());
  const auto absent = read_neighbor_file(dir.in("absent"));
  REQUIRE_FALSE(absent.has_value());
  CHECK(describe(absent.error()) ==
        "cannot read neighbor file " + dir.in("absent") + ": No such file or directory");
}
