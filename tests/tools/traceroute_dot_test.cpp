// The graph as text; that Graphviz draws it is tests/shell's to see.
#include "tools/traceroute/dot.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using Catch::Matchers::Contains;
using traceroute::dot_text;
using traceroute::drawn_path;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", target = "192.0.2.99";

probe::path_graph graph(const made_path& path) {
  const auto made = path.done();
  return probe::graph_of(made.target, made.rows);
}
std::string dot(std::vector<drawn_path> paths, const traceroute::address_labels& labels = {}) {
  return dot_text(paths, labels);
}
std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("dot: nodes by hop, links with their flows", "[tools][traceroute]") {
  made_path path;
  path.flows({expired(a), expired(a), expired(a)}).flows({expired(b), expired(c), silence()});
  const auto drawn = graph(path.flows({arrived(target), arrived(target), arrived(target)}));
  const auto text = dot({{target, &drawn}});
  CHECK_THAT(text, Contains("source [label=\"this host\\n192.0.2.1\""));
  CHECK_THAT(text, Contains("\"1 198.51.100.1\" [label=\"198.51.100.1\\n1.00 ms\"]"));
  CHECK_THAT(text, Contains("\"3 192.0.2.99\" [label=\"192.0.2.99\\n2.00 ms\", fillcolor=\"#dafbe1\""));
  CHECK_THAT(text, Contains("\"2 silent 0\" [label=\"hop 2: no answer\", style=\"rounded,dashed\""));
  CHECK_THAT(text, Contains("source -> \"1 198.51.100.1\" [label=\" 3\""));
  CHECK_THAT(text, Contains("\"1 198.51.100.1\" -> \"2 198.51.100.3\" [label=\" 1\""));
  CHECK_THAT(text, Contains("\"2 silent 0\" -> \"3 192.0.2.99\" [label=\" 1\""));
  CHECK_THAT(text, Contains("{ rank=same; \"2 198.51.100.2\"; \"2 198.51.100.3\"; \"2 silent 0\"; }"));
}

TEST_CASE("dot: what several paths share is drawn once, silence is not shared", "[tools][traceroute]") {
  const auto one =
      graph(made_path{}.hop({expired(a)}).hop({silence()}).hop({expired(b)}).hop({arrived(target)}));
  const auto two = graph(made_path{"192.0.2.55"}
                             .hop({expired(a)})
                             .hop({silence()})
                             .hop({expired(c)})
                             .hop({arrived("192.0.2.55")}));
  const auto text = dot({{target, &one}, {"192.0.2.55", &two}});
  CHECK(occurrences(text, "\"1 198.51.100.1\" [") == 1);
  CHECK(occurrences(text, "source -> ") == 1);
  CHECK_THAT(text, Contains("\"2 silent 0\" [") && Contains("\"2 silent 1\" ["));
}

TEST_CASE("dot: text of strangers stays within its quotes", "[tools][traceroute]") {
  traceroute::label_sources from;
  from.find_name = [](const ip_address&) {
    return std::optional<std::optional<std::string>>{"a\"];evil[label=\"\\n\n"};
  };
  from.find_origin = [](const ip_address&) {
    return std::optional{traceroute::as_origin{64496, "NET \"Q\"", {}, {}}};
  };
  const traceroute::address_labels labels{from};
  const auto drawn = graph(made_path{}.hop({arrived(target)}));
  const auto text = dot({{"x\" ] ; y", &drawn}}, labels);
  // Every quote that is not escaped opens or closes: an even number, and none of the strangers' is among
  // them.
  CHECK((occurrences(text, "\"") - occurrences(text, "\\\"")) % 2 == 0);
  CHECK_THAT(text, Contains("a\\\"];evil[label=\\\"\\\\x5cn\\\\x0a\\n"));
  CHECK_THAT(text, Contains("x\\\" ] ; y\\na"));
  CHECK_THAT(text, Contains("AS64496 NET \\\"Q\\\""));
}

TEST_CASE("dot: nothing to draw is a graph all the same", "[tools][traceroute]") {
  CHECK_THAT(dot({}), Contains("digraph paths {") && Contains("}\n"));
  const auto drawn = graph(made_path{}.silent(3));
  CHECK_THAT(dot({{target, &drawn}}), Contains("this host") && !Contains("->"));
}

TEST_CASE("dot: who balances per packet is marked", "[tools][traceroute]") {
  const auto drawn =
      graph(made_path{}.hop({expired(a), expired(a)}).hop({expired(b), expired(c)}).hop({arrived(target)}));
  CHECK_THAT(dot({{target, &drawn}}), Contains("balances per packet\", fillcolor=\"#fff8c5\""));
}
