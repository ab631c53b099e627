// The closed lists have a word for each member, and no word twice.
#include "libdiag/probe/tcp_event.hpp"

#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace diag::probe;

namespace {
template <class List>
std::size_t distinct_words(const List& members) {
  std::set<std::string_view> words;
  for (const auto one : members) words.insert(describe(one));
  CHECK(words.count("unknown") == 0);
  return words.size();
}
}  // namespace

TEST_CASE("tcp words: one for each state, oddity and finding", "[probe][tcp]") {
  std::set<std::string_view> states;
  for (std::size_t i = 0; i < tcp_state_count; ++i) states.insert(describe(static_cast<tcp_state>(i)));
  CHECK(states ==
        std::set<std::string_view>{"open", "closed", "filtered", "rejected", "unreachable", "error"});
  CHECK(distinct_words(all_tcp_oddities) == all_tcp_oddities.size());
  CHECK(distinct_words(all_tcp_findings) == all_tcp_findings.size());
  CHECK(describe(static_cast<tcp_state>(99)) == "unknown");
}
