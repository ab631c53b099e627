// libdiag/io/port_lease.hpp: the ports are ours, in both families, and free again afterwards.
#include "libdiag/io/port_lease.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "libdiag/io/socket_address.hpp"

#include "tests/catch.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

namespace {

/// errno of binding a port of the loopback address, or 0.
int bind_error(const ip_address& at, std::uint16_t port, int type = SOCK_STREAM) {
  const auto own = io::to_socket_address(at, port);
  const io::unique_fd socket{::socket(at.is_v4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0)};
  if (!socket) return errno;
  return ::bind(socket.get(), &own.any, own.size) == 0 ? 0 : errno;
}

/// What waits in the receive queues of the UDP sockets with this port; -1: there is none.
long queued_octets(std::uint16_t port) {
  long found = -1;
  for (const auto* name : {"/proc/net/udp", "/proc/net/udp6"}) {
    std::ifstream table{name};
    for (std::string line; std::getline(table, line);) {
      // "sl: address:port remote:port state transmit:receive ...", in hexadecimal
      std::istringstream fields{line};
      std::string number, own, remote, state, queues;
      fields >> number >> own >> remote >> state >> queues;
      const auto colon = own.rfind(':');
      if (colon == std::string::npos || std::strtol(own.c_str() + colon + 1, nullptr, 16) != port) continue;
      found = std::max(found, 0L) + std::strtol(queues.c_str() + queues.find(':') + 1, nullptr, 16);
    }
  }
  return found;
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

TEST_CASE("port_lease: holds the ports of the protocols it was asked for", "[io][port_lease]") {
  const auto kind = GENERATE(io::port_kind::tcp, io::port_kind::udp, io::port_kind::both);
  const auto lease = io::lease_ports(3, 20260805, kind);
  REQUIRE(lease.has_value());
  CHECK(lease->count() == 3);
  const auto last = static_cast<std::uint16_t>(lease->base() + 2);
  CHECK((bind_error(test::loopback_v4, last) == EADDRINUSE) == (kind != io::port_kind::udp));
  CHECK((bind_error(test::loopback_v4, last, SOCK_DGRAM) == EADDRINUSE) == (kind != io::port_kind::tcp));
}

TEST_CASE("port_lease: what reaches a leased UDP port is neither answered nor kept", "[io][port_lease]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const auto lease = io::lease_ports(1, 20260806, io::port_kind::udp);
  REQUIRE(lease.has_value());
  const io::unique_fd from{::socket(to.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto there = io::to_socket_address(to, lease->base());
  if (::connect(from.get(), &there.any, there.size) != 0) return;  // no IPv6
  // Over loopback "port unreachable" comes back before send() returns, and ends the next one.
  for (int i = 0; i < 3; ++i) CHECK(::send(from.get(), "x", 1, 0) == 1);
  CHECK(queued_octets(lease->base()) == 0);
}

TEST_CASE("port_lease: names the UDP port that somebody else has", "[io][port_lease]") {
  const auto first = io::lease_ports(1, 20260807, io::port_kind::udp);
  REQUIRE(first.has_value());
  const auto second = io::lease_these_ports(first->base(), 1, io::port_kind::both);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().subject == std::to_string(first->base()));
  CHECK(second.error().hint.find("ss -uan") != std::string::npos);
  CHECK(io::lease_these_ports(first->base(), 1).has_value());
}
