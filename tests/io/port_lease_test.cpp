// libdiag/io/port_lease.hpp: the ports are ours, in both families, and free again afterwards.
#include "libdiag/io/port_lease.hpp"

#include <cerrno>
#include <utility>

#include "libdiag/io/socket_address.hpp"

#include "tests/catch.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

namespace {

/// errno of binding a port of the loopback address, or 0.
int bind_error(const ip_address& at, std::uint16_t port) {
  const auto own = io::to_socket_address(at, port);
  const io::unique_fd socket{::socket(at.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) return errno;
  return ::bind(socket.get(), &own.any, own.size) == 0 ? 0 : errno;
}

}  // namespace

TEST_CASE("port_lease: nobody else gets a leased port while the lease lives", "[io][port_lease]") {
  std::uint16_t base = 0;
  {
    auto lease = io::lease_ports(8, 20260801);
    REQUIRE(lease.has_value());
    CHECK(lease->count() == 8);
    base = lease->base();
    CHECK(base > 1024);
    const auto kept = std::move(*lease);
    for (std::uint16_t i = 0; i < 8; ++i) {
      const auto port = static_cast<std::uint16_t>(base + i);
      CHECK(bind_error(test::loopback_v4, port) == EADDRINUSE);
      CHECK(bind_error(test::loopback_v6, port) != 0);
    }
  }
  CHECK(bind_error(test::loopback_v4, base) == 0);
}

TEST_CASE("port_lease: the seed draws the place, and a taken one is passed over", "[io][port_lease]") {
  const auto first = io::lease_ports(4, 7);
  REQUIRE(first.has_value());
  const auto second = io::lease_ports(4, 7);
  REQUIRE(second.has_value());
  const bool apart = second->base() + 4 <= first->base() || first->base() + 4 <= second->base();
  CHECK(apart);
}

TEST_CASE("port_lease: names the port that somebody else has", "[io][port_lease]") {
  const test::bound_port taken{test::loopback_v4};
  REQUIRE(taken);
  const auto lease = io::lease_these_ports(taken.port, 1);
  REQUIRE_FALSE(lease.has_value());
  CHECK(lease.error().code.value() == EADDRINUSE);
  CHECK(lease.error().subject == std::to_string(taken.port));
}

TEST_CASE("port_lease: refuses rows that do not exist", "[io][port_lease]") {
  CHECK_FALSE(io::lease_these_ports(0, 1).has_value());
  CHECK_FALSE(io::lease_these_ports(2000, 0).has_value());
  CHECK_FALSE(io::lease_these_ports(65535, 2).has_value());
  CHECK_FALSE(io::lease_these_ports(2000, 4097).has_value());
}
