// The words of a path's closed lists: records and manuals rely on them.
#include "libdiag/probe/path_event.hpp"

#include "tests/catch.hpp"

using namespace diag::probe;

TEST_CASE("path words: methods", "[probe][path]") {
  CHECK(describe(path_method::udp) == "udp");
  CHECK(describe(path_method::icmp) == "icmp");
  CHECK(describe(path_method::tcp_syn) == "tcp");
  CHECK(describe(path_method::tcp_ack) == "tcp-ack");
}

TEST_CASE("path words: states of a hop", "[probe][path]") {
  CHECK(describe(hop_state::silent) == "silent");
  CHECK(describe(hop_state::time_exceeded) == "time-exceeded");
  CHECK(describe(hop_state::reached) == "reached");
  CHECK(describe(hop_state::unreachable) == "unreachable");
  CHECK(describe(hop_state::error) == "error");
}

TEST_CASE("path words: why no further hop is asked", "[probe][path]") {
  CHECK(describe(path_stop::reached) == "reached");
  CHECK(describe(path_stop::unreachable) == "unreachable");
  CHECK(describe(path_stop::silence) == "silence");
  CHECK(describe(path_stop::last_hop) == "last-hop");
  CHECK(describe(path_stop::error) == "error");
  CHECK(describe(path_stop::interrupted) == "interrupted");
}
