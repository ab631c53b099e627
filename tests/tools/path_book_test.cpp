// Rows gathered into paths, though many are open at once.
#include "tools/traceroute/path_book.hpp"

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::path_stop;

TEST_CASE("path book: rows go to their path, which is told once", "[tools][traceroute]") {
  const std::vector<probe::path_target> paths{{ip("192.0.2.9"), ip("192.0.2.2")},
                                              {ip("192.0.2.10"), ip("192.0.2.2")}};
  path_book book{paths};
  CHECK_FALSE(book.take(silent_row(1, 1, 0)));
  CHECK_FALSE(book.take(silent_row(1, 1, 1)));
  CHECK_FALSE(book.take(silent_row(2, 1, 1)));
  const auto second = book.take(end_of(path_stop::silence, 0, 1));
  REQUIRE(second.has_value());
  CHECK(second->target.address == ip("192.0.2.10"));
  CHECK(second->rows.size() == 2);
  const auto first = book.take(end_of(path_stop::silence, 0, 0));
  REQUIRE(first.has_value());
  CHECK(first->rows.size() == 1);
  CHECK(book.take(end_of(path_stop::silence, 0, 0))->rows.empty());
}

TEST_CASE("path book: an end without a row is a path all the same", "[tools][traceroute]") {
  const std::vector<probe::path_target> paths{{ip("192.0.2.9"), ip("192.0.2.2")}};
  path_book book{paths};
  const auto path = book.take(end_of(path_stop::error, 0));
  REQUIRE(path.has_value());
  CHECK(path->rows.empty());
  CHECK_FALSE(book.take(end_of(path_stop::error, 0, 7)));
}
