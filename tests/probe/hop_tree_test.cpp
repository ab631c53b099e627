// Paths that share their beginning.
#include "libdiag/probe/hop_tree.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {
ip_address node(std::uint32_t number) {
  return number == 0 ? ip_address{} : ip_address::v4(0xcb007100U + number);
}
std::vector<ip_address> path(std::initializer_list<std::uint32_t> numbers) {
  std::vector<ip_address> out;
  for (const auto one : numbers) out.push_back(node(one));
  return out;
}
}  // namespace

TEST_CASE("hop tree: who stood before whom, silent hops included", "[probe][trace]") {
  hop_tree tree;
  CHECK(tree.empty());
  tree.add(path({1, 0, 3, 4}));
  CHECK(tree.before(4, node(4)) == path({1, 0, 3}));
  CHECK(tree.before(1, node(1)) == path({}));
  CHECK_FALSE(tree.before(3, node(4)).has_value());
  CHECK_FALSE(tree.before(4, node(9)).has_value());
}

TEST_CASE("hop tree: begins where half of the paths still run together", "[probe][trace]") {
  hop_tree tree;
  CHECK(tree.start_hop() == 1);
  tree.add(path({1, 2, 3, 10}));
  tree.add(path({1, 2, 3, 11}));
  tree.add(path({1, 2, 4, 12}));
  CHECK(tree.start_hop() == 3);
  tree.add(path({1, 2, 5, 13}));
  tree.add(path({1, 2, 6, 14}));
  CHECK(tree.start_hop() == 2);
}
