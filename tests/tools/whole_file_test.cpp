// Files of the user's, read in one piece or not at all.
#include "tools/common/whole_file.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

using namespace diag;
using tools::read_whole_file;

TEST_CASE("whole file: every octet comes, and not one above the limit", "[tools]") {
  const test::scratch dir;
  const std::string octets = std::string(3'000'000, 'x') + '\0' + "\xff";
  const auto path = dir.file("f", octets);
  const auto read = read_whole_file(path, "table", octets.size());
  REQUIRE(read.has_value());
  CHECK(*read == octets);
  const auto large = read_whole_file(path, "table", octets.size() - 1);
  REQUIRE_FALSE(large.has_value());
  CHECK(describe(large.error()) == "cannot read table " + path + ": it is too large");
  CHECK(read_whole_file(dir.file("empty", ""), "table", 1)->empty());
}

TEST_CASE("whole file: what cannot be read is named", "[tools]") {
  const test::scratch dir;
  const auto none = read_whole_file(dir.in("none"), "table", 1);
  REQUIRE_FALSE(none.has_value());
  CHECK(describe(none.error()) == "cannot read table " + dir.in("none") + ": No such file or directory");
  CHECK_FALSE(read_whole_file("/", "table", 1).has_value());  // a folder
}
