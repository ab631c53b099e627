// The sentence of a failure.
#include "libdiag/core/error.hpp"

#include <cerrno>

#include "libdiag/core/result.hpp"

#include "tests/catch.hpp"

TEST_CASE("error: a failure says what was tried, why it failed and what helps", "[core][error]") {
  const auto what = diag::system_failure(EPERM, "open raw ICMP socket", {}, "needs CAP_NET_RAW; see diag(7)");
  CHECK(describe(what) ==
        "cannot open raw ICMP socket: Operation not permitted (needs CAP_NET_RAW; see diag(7))");
}

TEST_CASE("error: a failure names its subject and leaves out what it has not", "[core][error]") {
  CHECK(describe(diag::system_failure(ENOENT, "open", "/etc/targets")) ==
        "cannot open /etc/targets: No such file or directory");
  CHECK(describe(diag::failure{.operation = "resolve", .subject = "host.example", .why = "no such name"}) ==
        "cannot resolve host.example: no such name");
  CHECK(describe(diag::failure{.operation = "start"}) == "cannot start");
}

TEST_CASE("error: why overrides the text of errno", "[core][error]") {
  auto what = diag::system_failure(EINVAL, "bind to", "eth0");
  what.why = "the interface is down";
  CHECK(describe(what) == "cannot bind to eth0: the interface is down");
}

TEST_CASE("error: text from outside is escaped and stays one line", "[core][error]") {
  const diag::failure what{.operation = "open", .subject = "a\nb\x1b[31m", .why = "c\rd"};
  CHECK(describe(what) == "cannot open a\\x0ab\\x1b[31m: c\\x0dd");
}

TEST_CASE("error: every wire error has words of its own", "[core][error]") {
  using diag::wire_errc;
  CHECK(describe(wire_errc::truncated) == "truncated");
  CHECK(describe(wire_errc::bad_length) != describe(wire_errc::bad_version));
  CHECK(describe(wire_errc{200}) == "unreadable");
}

TEST_CASE("result: holds a value or the failure", "[core][error]") {
  const diag::result<int> good = 7;
  CHECK(good.value() == 7);
  const diag::result<int> bad = diag::failure{.operation = "count"};
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().operation == "count");
}
