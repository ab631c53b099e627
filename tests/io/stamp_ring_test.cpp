// libdiag/io/stamp_ring.hpp: a kernel stamp finds its probe by number, once.
#include "libdiag/io/stamp_ring.hpp"

#include "tests/catch.hpp"

using namespace diag;
using io::stamp_ring;

namespace {
const mono_time start{100s};
}

TEST_CASE("stamp_ring: gives each kernel number its token, once", "[io][stamp_ring]") {
  stamp_ring ring;
  ring.remember(70, start);
  ring.remember(71, start);
  CHECK(ring.outstanding() == 2);
  CHECK(ring.take(1, start + 5us) == 71);
  CHECK(ring.take(0, start + 5us) == 70);
  CHECK_FALSE(ring.take(0, start + 6us));
  CHECK(ring.outstanding() == 0);
}

TEST_CASE("stamp_ring: refuses a number never handed out", "[io][stamp_ring]") {
  stamp_ring ring;
  CHECK_FALSE(ring.take(0, start));
  ring.remember(70, start);
  CHECK_FALSE(ring.take(1, start));
  CHECK_FALSE(ring.take(0xffffffff, start));
}

TEST_CASE("stamp_ring: refuses a stamp from before its probe was handed over", "[io][stamp_ring]") {
  stamp_ring ring;
  ring.remember(70, start);
  CHECK_FALSE(ring.take(0, start - 1ms));
  CHECK(ring.take(0, start) == 70);
}

TEST_CASE("stamp_ring: gives up the oldest when more than its capacity are outstanding", "[io][stamp_ring]") {
  stamp_ring ring;
  for (std::uint32_t i = 0; i <= stamp_ring::capacity; ++i) ring.remember(i, start);
  CHECK_FALSE(ring.take(0, start));
  CHECK(ring.take(1, start) == 1);
  CHECK(ring.take(stamp_ring::capacity, start) == stamp_ring::capacity);
}

TEST_CASE("stamp_ring: counts from 0 after a restart", "[io][stamp_ring]") {
  stamp_ring ring;
  ring.remember(70, start);
  ring.restart();
  CHECK(ring.outstanding() == 0);
  CHECK_FALSE(ring.take(0, start));
  ring.remember(80, start);
  CHECK(ring.take(0, start) == 80);
}
