// Rows of several flows as a graph.
#include "libdiag/probe/path_findings.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", d = "198.51.100.4",
               target = "192.0.2.99";

probe::path_graph graph(const made_path& path) {
  const auto made = path.done();
  return probe::graph_of(made.target, made.rows);
}

std::string name(const probe::path_graph& what, std::uint32_t at) {
  return what.nodes[at].address ? to_string(what.nodes[at].address) : "*";
}

/// "192.0.2.1>198.51.100.1x2 ...": links with their flows, in their order.
std::string links(const probe::path_graph& what) {
  std::string out;
  for (const auto& one : what.links)
    out += name(what, one.from) + ">" + name(what, one.to) + "x" + std::to_string(one.flows) + " ";
  return out;
}

}  // namespace

TEST_CASE("path graph: a diamond", "[probe][path]") {
  made_path path;
  path.flows({expired(a), expired(a), expired(a)}).flows({expired(b), expired(c), expired(c)});
  path.flows({arrived(target), arrived(target), arrived(target)});
  const auto made = graph(path);
  CHECK(links(made) ==
        "192.0.2.1>198.51.100.1x3 198.51.100.1>198.51.100.2x1 198.51.100.2>192.0.2.99x1 "
        "198.51.100.1>198.51.100.3x2 198.51.100.3>192.0.2.99x2 ");
  REQUIRE(made.nodes.size() == 5);
  CHECK(made.nodes[0].hop == 0);
  CHECK(made.nodes[0].flows == 3);
  CHECK(made.nodes[3].flows == 2);
  CHECK(made.nodes[4].target);
  CHECK(made.nodes[4].probes == 3);
  CHECK(made.nodes[4].rtt == duration{2ms});
  CHECK_FALSE(made.nodes[1].per_packet);
}

TEST_CASE("path graph: one flow that takes several ways is balanced per packet", "[probe][path]") {
  made_path path;
  path.hop({expired(a), expired(a)}).hop({expired(b), expired(c)}).hop({arrived(target), arrived(target)});
  const auto made = graph(path);
  CHECK(made.nodes[1].per_packet);
  CHECK_FALSE(made.nodes[0].per_packet);
  CHECK(made.links.size() == 5);
}

TEST_CASE("path graph: silent hops are passed, silence to the end is not drawn", "[probe][path]") {
  made_path path;
  path.flows({expired(a), expired(a)})
      .flows({silence(), expired(b)})
      .flows({expired(c), expired(c)})
      .silent(9);
  const auto made = graph(path);
  CHECK(links(made) ==
        "192.0.2.1>198.51.100.1x2 198.51.100.1>*x1 *>198.51.100.3x1 198.51.100.1>198.51.100.2x1 "
        "198.51.100.2>198.51.100.3x1 ");
  CHECK(made.nodes.back().address == address(c));
}

TEST_CASE("path graph: ways of unequal length end at one target", "[probe][path]") {
  made_path path;
  path.flows({expired(a), expired(b)}).flows({arrived(target), expired(c)});
  path.spare(3, arrived(target), 1).spare(30, arrived(target), 0);
  const auto made = graph(path);
  CHECK(links(made) ==
        "192.0.2.1>198.51.100.1x1 198.51.100.1>192.0.2.99x1 192.0.2.1>198.51.100.2x1 "
        "198.51.100.2>198.51.100.3x1 198.51.100.3>192.0.2.99x1 ");
}

TEST_CASE("path graph: no answer at all leaves this host alone", "[probe][path]") {
  CHECK(graph(made_path{}.silent(4)).nodes.size() == 1);
  CHECK(graph(made_path{}.hop({expired(d)})).links.size() == 1);
}
