// What must not end an element or an attribute.
#include "libdiag/report/markup.hpp"

#include "tests/catch.hpp"

using namespace diag::report;

TEST_CASE("markup: five characters are written as entities, all others as they are", "[report][markup]") {
  CHECK(markup(R"(<a href="x" id='y'>&amp;)") == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
  CHECK(markup("plain \xc3\xa9") == "plain \xc3\xa9");
  CHECK(markup("").empty());
}
