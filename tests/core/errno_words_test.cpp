// libdiag/core/errno_words.hpp: why a packet never left this host, in words that do not mislead.
#include "libdiag/core/errno_words.hpp"

#include <cerrno>

#include "tests/catch.hpp"

using namespace diag;

TEST_CASE("errno_words: names cause and place where strerror() would mislead", "[core][errno_words]") {
  CHECK(describe_send_error(EPERM) == "blocked by this host's firewall");
  CHECK(describe_send_error(EINVAL) == "a blackhole route of this host swallows it");
  CHECK(describe_send_error(ENOBUFS) == "local queue full");
  CHECK(describe_send_error(ENETUNREACH) == "no route from this host");
}

TEST_CASE("errno_words: an unknown errno is still said to be ours", "[core][errno_words]") {
  CHECK(describe_send_error(12345) == "refused by this host");
  CHECK(send_error_hint(12345).empty());
}
