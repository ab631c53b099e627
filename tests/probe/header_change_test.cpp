// Every field has a word of its own.
#include "libdiag/probe/header_change.hpp"

#include <set>
#include <string_view>

#include "tests/catch.hpp"

using namespace diag::probe;

TEST_CASE("header change: every field has a word of its own", "[probe][path]") {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < header_change_fields; ++i)
    words.insert(describe(static_cast<header_change::field>(i)));
  CHECK(words.size() == header_change_fields);
  CHECK_FALSE(words.contains("unknown"));
  CHECK(describe(static_cast<header_change::field>(header_change_fields)) == "unknown");
  CHECK(describe(header_change::field::maximum_segment_size) == "mss");
  CHECK(describe(header_change::field::sequence) == "sequence");
}
