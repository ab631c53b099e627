// Which captured frames belong to a run whose connections the kernel makes.
#include <array>

#include "tools/tcp/frame_scope.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

namespace {

using namespace diag;

probe::tcp_plan plan_of(std::string_view address, std::uint64_t count, std::uint16_t port) {
  probe::tcp_plan plan;
  plan.add(*parse_ip(address), count, std::array{port});
  plan.seal();
  return plan;
}

/// Whether a captured Ethernet frame concerns a run.
bool concerns(const tcp::frame_scope& scope, const std::string& vector) {
  const auto octets = wire::test::vector_named(vector);
  io::frame one;
  one.bytes = octets;
  one.packet = wire::test::without_ethernet(octets);
  return scope.concerns(one);
}

}  // namespace

TEST_CASE("frame scope: a segment to or from a port that is asked", "[tools][tcp]") {
  // From 198.51.100.1 port 8080 to 192.0.2.1 port 48342.
  CHECK(concerns(tcp::frame_scope{plan_of("198.51.100.1", 1, 8080)}, "tcp_syn_ack"));
  CHECK(concerns(tcp::frame_scope{plan_of("192.0.2.1", 1, 48342)}, "tcp_syn_ack"));
  CHECK_FALSE(concerns(tcp::frame_scope{plan_of("198.51.100.1", 1, 8081)}, "tcp_syn_ack"));
  CHECK_FALSE(concerns(tcp::frame_scope{plan_of("198.51.100.2", 1, 8080)}, "tcp_syn_ack"));
  CHECK_FALSE(concerns(tcp::frame_scope{plan_of("192.0.2.1", 1, 8080)}, "tcp_syn_ack"));
}

TEST_CASE("frame scope: of a plan too large to remember, what opens and ends", "[tools][tcp]") {
  const tcp::frame_scope scope{plan_of("203.0.113.0", 1U << 18, 80)};
  CHECK(concerns(scope, "tcp_syn_ack"));
  CHECK(concerns(scope, "tcp_reset"));
  CHECK_FALSE(concerns(scope, "tcp_data"));
}
